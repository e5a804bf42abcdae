"""The vocabulary note, in which the user merges tags and bans them.

It is plain Markdown. What counts in it are list items with a `=`, and what is said
to be never used:

    - 人工智能 = AI, 机器智能       the first is kept, the others become it
    - reading =                     kept, even if no note carries it yet
    - never: clickbait, 转发        banned; so is each item below a heading that
                                    begins with `Never` or `不用`

A tag may be written with or without `#`; `- #reading` is kept, too. All else is the
user's own business, and so is what stands in code, comments, tables and frontmatter.

A rule for `a` holds for `a/b` as well, unless there is one for `a/b`. Spellings of
one tag (see `tag_key`) need no rule. What is both banned and kept is banned.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from vaultscribe.core.neutralise import clean
from vaultscribe.core.prose import lines, prose
from vaultscribe.core.tags import NAME_LIMIT, tag, tag_key, unique

_DEEPEST = NAME_LIMIT // 2
"""Parts of a tag that a rule can name, each with its `/`."""

_HEADING_SIGN = "\ue000"
"""Stands for `#`, so that a heading counts as prose unless it lies in code."""

_HEADING_SIGNS = re.compile(r"^([ \t>]*)(#{1,6})(?=[ \t])", re.MULTILINE)
_CODE_SIGN = re.compile("(?<!`)`(?!`)")
_HEADING = re.compile(rf"[ \t>]*({_HEADING_SIGN}+)[ \t]+(.*)")
_NEVER_HEADING = re.compile(r"\W*(?:(?:never|banned)\b|不用|禁用)", re.IGNORECASE)
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[.\][ \t]+)?(\S.*)")
_NEVER_ITEM = re.compile(
    r"[*_]*(?:never|banned|不用|禁用)[*_\s]*[:：=＝](.*)", re.IGNORECASE
)
_EQUALS = re.compile("[=＝]")
_COMMA = re.compile("[,，、;；]")
_DRESS = ' \t*[]"“”'
"""What people put around a tag that is not part of it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the user says about tags.

    Args:
        merged: the tag that is kept, by the keys of all that become it and by its
            own.
        banned: keys.
    """

    merged: Mapping[str, str] = field(default_factory=dict)
    banned: frozenset[str] = frozenset()

    def kept(self, name: str) -> str:
        """Return the tag that *name* becomes, or *name* itself."""
        # A kept tag stands for itself: after the first turn only its lower parts can
        # become something else, so this comes to an end.
        while (other := self._once(name)) != name:
            name = other
        return name

    def bans(self, name: str) -> bool:
        """Say whether *name*, what it becomes, or a tag above them is banned."""
        keys = tag_key(name), tag_key(self.kept(name))
        return any(each in self.banned for key in keys for each in _upwards(key))

    def allowed(
        self, names: Iterable[str], insisted: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return what becomes of *names*: merged ones once, and no banned ones.

        Those that are *insisted* on stay.
        """
        return unique(
            self.kept(name) for name in names if name in insisted or not self.bans(name)
        )

    def names(self) -> tuple[str, ...]:
        """List the tags that are kept, in the order of the note."""
        kept = dict.fromkeys(self.merged.values())
        return tuple(name for name in kept if not self.bans(name))

    def _once(self, name: str) -> str:
        """Apply the rule for *name*, or for the nearest tag above it that has one."""
        parts = name.split("/")
        for size in range(min(len(parts), _DEEPEST), 0, -1):
            if target := self.merged.get(tag_key("/".join(parts[:size]))):
                return "/".join([target, *parts[size:]])
        return name


def parse(text: str) -> tuple[Vocabulary, tuple[str, ...]]:
    """Read the vocabulary note *text*; never fails.

    Returns:
        The vocabulary, and a sentence about each line that cannot be understood or
        contradicts another. Of two merges that contradict each other the first one
        holds.
    """
    reader = _Reader()
    for rule in _rules(text):
        reader.read(rule)
    return reader.vocabulary(), reader.sentences()


class _Rule(NamedTuple):
    """What an item of line *number*, counted from 1, says."""

    number: int
    kind: Literal["merge", "ban"]
    words: str


def _rules(text: str) -> Iterator[_Rule]:
    text = text.removeprefix("\ufeff")
    plain = prose(_CODE_SIGN.sub(" ", _HEADING_SIGNS.sub(_as_prose, text)))
    never_level = 0
    for number, (start, line) in enumerate(lines(text), 1):
        seen = plain[start : start + len(line)]
        if heading := _HEADING.match(seen):
            level = len(heading[1])
            if _NEVER_HEADING.match(heading[2]):
                never_level = level
            elif level <= never_level:
                never_level = 0
        elif item := _ITEM.match(seen):
            yield from _rule(number, item[1], is_never=never_level > 0)


def _as_prose(heading: re.Match[str]) -> str:
    return heading[1] + _HEADING_SIGN * len(heading[2])


def _rule(number: int, words: str, *, is_never: bool) -> Iterator[_Rule]:
    if never := _NEVER_ITEM.match(words):
        yield _Rule(number, "ban", never[1])
    elif is_never:
        yield _Rule(number, "ban", words)
    elif _EQUALS.search(words):
        yield _Rule(number, "merge", words)
    elif re.fullmatch(r"#[^\s#]+", words.strip(_DRESS)):
        yield _Rule(number, "merge", words + "=")


class _Reader:
    """Reads rules one by one and remembers what they said, and in which line."""

    def __init__(self) -> None:
        self._merged: dict[str, str] = {}  # by key; what it becomes may become another
        self._said: dict[str, tuple[int, str]] = {}  # by key of _merged, as written
        self._banned: dict[str, int] = {}  # the line, by key
        self._told: list[tuple[int, str]] = []

    def read(self, rule: _Rule) -> None:
        if rule.kind == "merge":
            self._merge(rule.number, rule.words)
        elif _EQUALS.search(rule.words):
            self._tell(
                rule.number,
                "what is never used becomes no other tag: take the `=` out, or move "
                "the line above that heading",
            )
        else:
            for name in self._names(rule.number, rule.words):
                self._banned.setdefault(tag_key(name), rule.number)

    def vocabulary(self) -> Vocabulary:
        merged = {key: self._root(key) for key in self._merged}
        return Vocabulary(merged, frozenset(self._banned))

    def sentences(self) -> tuple[str, ...]:
        told = sorted([*self._told, *self._contradictions()])
        return tuple(f"line {number}: {words}" for number, words in told)

    def _contradictions(self) -> Iterator[tuple[int, str]]:
        for key, (number, name) in self._said.items():
            for line in [self._banned[k] for k in _upwards(key) if k in self._banned]:
                yield (
                    number,
                    f"`{name}` is never used, says line {line}: remove one of the two",
                )

    def _merge(self, number: int, words: str) -> None:
        left, *right = _EQUALS.split(words)
        if len(right) > 1 or not left.strip(_DRESS) or _COMMA.search(left):
            self._tell(
                number,
                "this is no rule: write one tag before a single `=`, and behind it "
                "those that become it, with commas between them",
            )
            return
        for kept in self._names(number, left):
            self._said.setdefault(tag_key(kept), (number, kept))
            self._merged.setdefault(tag_key(kept), kept)
            for name in self._names(number, *right):
                self._become(number, name, kept)

    def _become(self, number: int, name: str, kept: str) -> None:
        key, left = tag_key(name), tag_key(kept)
        target = self._root(left)
        if key == left:
            return  # another spelling of the same tag
        if key == tag_key(target):
            self._tell(
                number,
                f"`{name}` cannot become `{kept}`, for line {self._said[left][0]} says "
                "the reverse: remove one of the two",
            )
        elif tag_key(self._merged.get(key, name)) == key:  # new, or kept until now
            self._merged[key] = target
            self._said[key] = (number, name)
        elif self._root(key) != target:
            self._tell(
                number,
                f"`{name}` becomes `{self._root(key)}`, says line "
                f"{self._said[key][0]}: remove one of the two",
            )

    def _root(self, key: str) -> str:
        """Follow *key* to the tag that is kept in the end."""
        name = self._merged[key]
        while (other := self._merged[tag_key(name)]) != name:
            name = other
        return name

    def _names(self, number: int, words: str) -> list[str]:
        """Read tags with commas between them, and tell which can be none."""
        found = []
        for word in filter(None, (each.strip(_DRESS) for each in _COMMA.split(words))):
            written = clean(word).strip().lstrip("#")
            name = tag(written)
            # Without its signs `C++` would be the tag `C`.
            if tag_key(name) and not re.search("[+#]", written):
                found.append(name)
            else:
                self._tell(
                    number,
                    f"“{word}” can be no tag in Obsidian: write it in letters",
                )
        return found

    def _tell(self, number: int, words: str) -> None:
        self._told.append((number, words))


def _upwards(key: str) -> Iterator[str]:
    """List *key* and those of the tags above it: `a/b`, `a`."""
    while key:
        yield key
        key = key.rpartition("/")[0]
