"""Change single properties of a note and touch no other byte of it.

Each function gives the text back as it was where its frontmatter has a form in which
the change cannot be made without rewriting what the user wrote. Each reads its own
result: the property has to have its new value, and all others the ones they had.
Names of properties have no case, as in Obsidian; here they are keys in lower case.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from vaultscribe.core.properties import MAX_BYTES, read

_BLOCK = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"(?:^|[ \t])#", re.MULTILINE)
_NULL = re.compile(r"~|null|Null|NULL")


@dataclass(frozen=True, slots=True)
class Entry:
    """A property as it is written.

    Attributes:
        name: in the user's spelling.
        value: as Obsidian reads it.
        text: its whole lines, without comments and empty lines behind it.
        at: where *text* begins in the note.
        name_end: where the name ends in *text*.
        node: the value as YAML parsed it; its marks count from *zero* on.
        zero: where *text* begins in what YAML parsed.
    """

    name: str
    value: Any
    text: str
    at: int
    name_end: int
    node: Any
    zero: int

    def span(self, node: Any) -> tuple[int, int]:
        """Say where *node* stands in *text*; (-1, -1) where it is an alias."""
        start, end = node.start_mark.index - self.zero, node.end_mark.index - self.zero
        return (start, end) if self.name_end <= start <= end else (-1, -1)

    def items(self) -> list[tuple[Any, str]]:
        """List the value's items: as read, and as written; a text is one item."""
        spans = [self.span(node) for node in _items(self.node) or [self.node]]
        written = [self.text[start:end] for start, end in spans]
        return list(zip(as_list(self.value), written, strict=False))


def split(text: str) -> tuple[str, str]:
    """Split a note into its frontmatter with both fences (or ""), and its body."""
    block = _BLOCK.match(text)
    end = block.end() + text.startswith("\n", block.end()) if block else 0
    return text[:end], text[end:]


def newline(text: str) -> str:
    r"""Tell the line end that most lines of *text* have: `\n` or `\r\n`."""
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def as_list(value: Any) -> list[Any]:
    """Take a property's value as Obsidian takes one that should be a list."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def entries(text: str) -> dict[str, Entry]:
    """Find a note's properties; none where Obsidian reads none or names are unclear."""
    return _parsed(split(text)[0])


def is_empty(text: str) -> bool:
    """Tell whether a note's frontmatter holds no properties, but perhaps comments."""
    block = _BLOCK.match(text)
    rows = block[1].split("\n") if block else ["?"]
    return all(re.match(r"[ \t\r]*(?:#|$)", row) for row in rows)


def put(text: str, entry: Entry, after: Iterable[str] = ()) -> str:
    """Give a note the property *entry* of another one.

    Where it stands already, only its value changes: name, place and comment stay.
    A new one is written behind the first of *after* that is there, or at the end.
    """
    block, there = _BLOCK.match(text), entries(text)
    if block is None:
        return text
    old, end_of_line = there.get(entry.name.lower()), newline(block[0])
    if old:
        changed = _replaced(text, old, _with_value(old, entry, end_of_line))
    else:
        before = next((there[name] for name in after if name in there), None)
        end = before.at + len(before.text) if before else block.end(1)
        added = entry.text.replace("\n", end_of_line)
        changed = text[:end] + added + text[end:]
    return _checked(text, changed, entry.name.lower(), entry.value)


def remove(text: str, name: str) -> str:
    """Remove a property, unless the user wrote a comment into it."""
    entry = entries(text).get(name)
    if entry is None or _has_comment(entry):
        return text
    return _checked(text, _replaced(text, entry, ""), name, None)


def add_tags(text: str, tags: tuple[str, ...]) -> str:
    """Add *tags* to the `tags` of a note, unless they are there in any case."""
    old, _ = _apart(text, "tags")
    has = {str(tag).removeprefix("#").casefold() for tag in as_list(old)}
    new = [tag for tag in tags if tag.casefold() not in has]
    return add_items(
        text, "tags", [(tag, json.dumps(tag, ensure_ascii=False)) for tag in new]
    )


def add_items(text: str, name: str, items: list[tuple[Any, str]]) -> str:
    """Add *items*, as read and as written, to the end of a list."""
    block, entry = _BLOCK.match(text), entries(text).get(name)
    if not (block and items):
        return text
    written, end_of_line = [item for _, item in items], newline(block[0])
    if entry:
        changed = _replaced(text, entry, _longer(entry, written, end_of_line))
    else:
        end = block.end(1)
        added = f"{name}:{end_of_line}" + _lines("  ", written, end_of_line)
        changed = text[:end] + added + text[end:]
    value = as_list(entry.value if entry else None)
    return _checked(text, changed, name, [*value, *(item for item, _ in items)])


def drop_item(text: str, name: str, index: int) -> str:
    """Drop one item of a list, unless the user wrote a comment at it."""
    entry = entries(text).get(name)
    if entry is None or index >= len(_items(entry.node)):
        return text
    start, end = _cut(entry, index)
    item_start, item_end = entry.span(entry.node.value[index])
    rest = entry.text[start:item_start] + entry.text[item_end:end]
    if rest.strip("-, \t\r\n"):
        return text
    changed = _replaced(text, entry, entry.text[:start] + entry.text[end:])
    kept = [item for at, item in enumerate(entry.value) if at != index]
    return _checked(text, changed, name, kept)


@lru_cache(maxsize=4)
def _parsed(head: str) -> dict[str, Entry]:
    # Kept for the next calls: composing costs more than all else that is done here.
    block, values = _BLOCK.match(head), read(head)
    if not (block and values) or len(head) > MAX_BYTES:
        return {}
    try:
        # The loader in Python: the one in C counts bytes on some systems.
        root = yaml.compose(block[1], Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return {}
    if len(root.value) != len(values):  # `1` and `0x1` are one name
        return {}
    return _entries(block, list(zip(root.value, values.values(), strict=True)))


def _entries(block: re.Match[str], found: list[tuple[Any, Any]]) -> dict[str, Entry]:
    """Give each of the *found* ((key, node), value) its lines of the *block*."""
    starts = [block[1].rfind("\n", 0, k.start_mark.index) + 1 for (k, _), _ in found]
    entries = {}
    for ((key, node), value), start, end in zip(
        found, starts, [*starts[1:], len(block[1])], strict=True
    ):
        entries[str(key.value).lower()] = Entry(
            name=str(key.value),
            value=value,
            text=_trimmed(block[1][start:end]),
            at=block.start(1) + start,
            name_end=key.end_mark.index - start,
            node=node,
            zero=start,
        )
    return entries if len(entries) == len(found) else {}


def _trimmed(lines: str) -> str:
    """Cut off the comments and empty lines at the end of *lines*."""
    rows = lines.split("\n")
    while rows and re.match(r"[ \t\r]*(?:#|$)", rows[-1]):
        rows.pop()
    return "".join(f"{row}\n" for row in rows)


def _is_scalar(entry: Entry) -> bool:
    is_plain = isinstance(entry.node, yaml.ScalarNode) and entry.node.style not in {
        "|",
        ">",
    }
    return is_plain and 0 <= entry.span(entry.node)[1] <= len(entry.text)


def _with_value(old: Entry, new: Entry, end_of_line: str) -> str:
    """Write *old* with the value of *new*; as it was where a comment would go."""
    if _is_scalar(old) and _is_scalar(new):
        (start, end), (new_start, new_end) = old.span(old.node), new.span(new.node)
        blank = " " if start == end else ""
        value = new.text[new_start:new_end]
        return old.text[:start] + blank + value + old.text[end:]
    if _has_comment(old):
        return old.text
    value = new.text[new.name_end :].replace("\n", end_of_line)
    return old.text[: old.name_end] + value


def _has_comment(entry: Entry) -> bool:
    """Tell whether there is a comment, or what looks like one within a long text."""
    rest, last = "", 0
    for node in _items(entry.node) or [entry.node]:
        start, end = entry.span(node)
        if isinstance(node, yaml.ScalarNode) and node.style not in {"|", ">"}:
            rest, last = rest + entry.text[last : max(start, last)], max(end, last)
    return _COMMENT.search(rest + entry.text[last:]) is not None


def _items(node: Any) -> list[Any]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _longer(entry: Entry, written: list[str], end_of_line: str) -> str:
    """Write the list of *entry* with further items.

    Right for the forms in which people write lists; in others the result does not
    read as it should, which the caller checks.
    """
    text, value = entry.text, entry.node
    start, end = entry.span(value)
    if isinstance(value, yaml.SequenceNode):
        if not value.flow_style:
            return text + _lines(" " * value.start_mark.column, written, end_of_line)
        end = entry.span(value.value[-1])[1] if value.value else start + 1
        comma = ", " if value.value else ""
        return text[:end] + comma + ", ".join(written) + text[end:]
    if isinstance(value, yaml.MappingNode):
        return text
    if start == end:
        return text + _lines("  ", written, end_of_line)
    kept = [] if _NULL.fullmatch(text[start:end]) else [text[start:end]]
    return f"{text[:start]}[{', '.join([*kept, *written])}]{text[end:]}"


def _lines(indent: str, written: list[str], end_of_line: str) -> str:
    return "".join(f"{indent}- {item}{end_of_line}" for item in written)


def _cut(entry: Entry, index: int) -> tuple[int, int]:
    """Find what goes with an item: its lines, or a comma."""
    spans = [entry.span(node) for node in entry.node.value]
    start, end = spans[index]
    following = spans[index + 1][0] if index + 1 < len(spans) else None
    if entry.node.flow_style:
        if index:
            return spans[index - 1][1], end
        return start, end if following is None else following
    start = entry.text.rfind("\n", 0, start) + 1
    after = entry.text.rfind("\n", 0, following) + 1
    return start, start + len(_trimmed(entry.text[start:after]))


def _replaced(text: str, entry: Entry, new: str) -> str:
    return text[: entry.at] + new + text[entry.at + len(entry.text) :]


def _checked(before: str, after: str, name: str, value: Any) -> str:
    """Choose *after* if only *name* has changed in it, and to *value*."""
    _, others = _apart(before, name)
    return after if repr(_apart(after, name)) == repr((value, others)) else before


def _apart(text: str, name: str) -> tuple[Any, dict[str, Any]]:
    """Read the value of one property (or None), and all others."""
    others = {str(key): value for key, value in read(text).items()}
    spelt = next((key for key in others if key.lower() == name), name)
    return others.pop(spelt, None), others
