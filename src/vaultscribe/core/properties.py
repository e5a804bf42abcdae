"""Read and write a note's frontmatter as Obsidian does: YAML 1.2, block lists.

Obsidian uses npm `yaml` 2.7 (YAML 1.2 core); PyYAML speaks 1.1, in which `3:37` is
217 and `no` is false. Source: Obsidian 1.9 release notes; measured both ways.
"""

import datetime as dt
import re
from typing import Any, ClassVar

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

MAX_BYTES = 64 * 1024
"""Of a frontmatter block; a larger one is not read (nested brackets are a bomb)."""

_MAX_DEPTH = 50
"""Lists in lists; the loader in C overruns its stack at some 10,000."""
_OPENERS, _MAX_OPENERS = ("[", "{", "- ", "? "), 200
"""What opens a list or map on the same line, and how often that is no danger.

Lines that are indented ever more cannot get deep in `MAX_BYTES`.
"""

_MAX_DIGITS = 1000
"""Of a whole number; Python writes none with more than 4,300 decimal ones."""

_CORE = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    "float": (
        (
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        [*"-+.0123456789"],
    ),
}
"""The scalars of YAML 1.2's core schema. Source: yaml.org/spec/1.2.2, 10.3.2."""

_PLAIN = re.compile(r"[^\W\d_][\w/-]*|https?://[\w./?=&%-]+|\d{4}-\d\d-\d\d")
"""Strings that are safe without quotes everywhere; all others are quoted."""
_NOT_TEXT = re.compile("|".join(f"(?:{rule})" for rule, _ in _CORE.values()))
_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
_YAML_1_1 = {"yes", "no", "on", "off", "y", "n"}


def read(text: str) -> dict[str, Any]:
    """Read the properties of a note; empty without a block or with a broken one.

    Obsidian sees no properties unless `---` is the very first line, and none at
    all where a key stands twice.
    """
    head = text[:MAX_BYTES]
    if not re.match(r"---[ \t]*\r?\n", head):
        return {}
    try:
        metadata, _ = frontmatter.parse(head, handler=_ObsidianYaml())
    except _REFUSALS:
        return {}
    return metadata


def write(properties: dict[str, Any], body: str) -> str:
    """Write a whole note; None and empty lists among *properties* are left out."""
    post = frontmatter.Post(body.strip("\n"))
    # `Post(text, **metadata)` would take a key named `handler` for its own.
    kept = {k: v for k, v in properties.items() if v is not None and v != []}
    post.metadata.update(kept)
    return frontmatter.dumps(post, handler=_ObsidianYaml()) + "\n"


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_REFUSALS = (
    *(yaml.YAMLError, RecursionError, ValueError),
    # PyYAML's own, where a tag does not fit: `!!float ""`, `!!bool x`, `!!timestamp x`.
    *(LookupError, AttributeError, TypeError),
)


class _Loader(_FastLoader):  # type: ignore[misc]
    """A safe loader, in C where PyYAML has it, with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def _refuse_bombs(text: str) -> None:
    """Refuse what kills the process: deep nesting, and lists that repeat lists.

    Raises:
        yaml.YAMLError: *text* is such a bomb, or no YAML.
    """
    depth, lists = 0, set()
    for event in yaml.parse(text, Loader=_FastLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            lists.add(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        is_repeated = isinstance(event, yaml.AliasEvent) and event.anchor in lists
        if is_repeated or depth > _MAX_DEPTH:
            raise yaml.YAMLError("properties within properties without an end")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's signature
        del indentless
        super().increase_indent(flow, indentless=False)


class _ObsidianYaml(YAMLHandler):
    FM_BOUNDARY = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        if sum(map(fm.count, _OPENERS)) > _MAX_OPENERS or ("&" in fm and "*" in fm):
            _refuse_bombs(fm)
        loaded = yaml.load(fm, Loader=_Loader)  # noqa: S506 - a SafeLoader
        return loaded if isinstance(loaded, dict) else {}

    def export(self, metadata: dict[str, object], **_: object) -> str:
        return yaml.dump(
            metadata,
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=2**31,
            default_flow_style=False,
        ).strip()


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    if len(text) > _MAX_DIGITS:
        raise ValueError("a number that cannot be written down again")
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _construct_map(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    if len(keys) != len({str(key) for key in keys}):
        raise yaml.YAMLError("a property stands twice")
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text)
    if plain and text.casefold() not in _YAML_1_1:
        style = None
    else:  # PyYAML would write an emoji as \U0001F600 between double quotes
        has_emoji = any(char > "\uffff" for char in text)
        style = "'" if has_emoji and not _BREAK.search(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_moment(dumper: _Dumper, value: dt.datetime) -> yaml.ScalarNode:
    """Write local time as Obsidian's date & time: seconds, a T, no zone."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)


for _name, (_rule, _first) in _CORE.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_rule})$"), _first
    )
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:map", _construct_map)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(dt.datetime, _represent_moment)
