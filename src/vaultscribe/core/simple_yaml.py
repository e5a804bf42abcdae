"""Read frontmatter of the usual simple form, much faster than a YAML loader does.

Simple are plain and quoted values on one line, and lists of such. What is read is
what `properties.read` would read; all else is left to it.
"""

import re
from typing import Any

_ODD = r"\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
"""Line ends of YAML, tabs, and what it refuses."""
_QUOTED = rf'"[^"\\{_ODD}]*+"|' + rf"'[^'{_ODD}]*+'"
_PLAIN = rf"[^\W_](?:[^:#{_ODD}]|:(?=[^\s:#{_ODD}])|(?<=[^\s:])#)*+"
_SCALAR = rf"(?:{_QUOTED}|{_PLAIN}) *+"
_FLOW_SCALAR = rf"(?:{_QUOTED}|[^\W_][\w ./+-]*+) *+"
_ENTRY = re.compile(
    r"(?P<key>[^\W\d_](?:[\w-]| (?=[\w-])){0,99}):"
    rf"(?: ++(?P<scalar>{_SCALAR})"
    rf"| ++\[(?P<flow>(?: *+{_FLOW_SCALAR}(?:, *+{_FLOW_SCALAR})*+)?+) *+\] *+"
    rf"| *+(?P<items>\n(?P<indent> *+)- ++{_SCALAR}(?:\n(?P=indent)- ++{_SCALAR})*+)"
    r"| *+)(?:\n++|\Z)"
)
_ITEM = re.compile(rf"\n *- +({_SCALAR})")
_FLOW_ITEM = re.compile(rf"({_FLOW_SCALAR})(?:,|$)")
_NUMBER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_SHORT_INT = re.compile(r"[0-9]{1,15}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class _NotSimple(Exception):  # noqa: N818 - not an error: the slow way goes on
    pass


def read(block: str) -> dict[str, Any] | None:
    """Read the lines between the `---`; None when they are not simple."""
    if "\r" in block:
        block = block.replace("\r\n", "\n")
    found: dict[str, Any] = {}
    at, end, match = 0, len(block), _ENTRY.match
    try:
        while at < end:
            entry = match(block, at)
            if entry is None:
                return None
            key, scalar, flow, items = entry.group("key", "scalar", "flow", "items")
            if key in found or key in _WORDS:
                return None
            found[key] = _scalar(scalar) if scalar else _list(flow, items)
            at = entry.end()
    except _NotSimple:
        return None
    return found


def _list(flow: str | None, items: str | None) -> list[Any] | None:
    if items:
        return [_scalar(item) for item in _ITEM.findall(items)]
    if flow is not None:
        return [_scalar(item) for item in _FLOW_ITEM.findall(flow)]
    return None


def _scalar(text: str) -> Any:
    text = text.rstrip(" ")
    first = text[0]
    if first in "\"'":
        return text[1:-1]
    if first in "0123456789" and _NUMBER.fullmatch(text):
        if _SHORT_INT.fullmatch(text):
            return int(text)
        raise _NotSimple
    return _WORDS.get(text, text)
