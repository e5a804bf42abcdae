"""Tags that Obsidian accepts, and which of them a note gets."""

import re
from collections.abc import Collection, Iterable

from vaultscribe.core.model import Summary
from vaultscribe.core.neutralise import clean

LIMIT = 8
"""Tags that a note gets of our choosing; the user's own are never cut."""

_ENDS = r"\u2000-\u206F\u2E00-\u2E7F'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\s"
"""Outside Obsidian's grammar. Source: its app.js, as quoted in obsidian-help #816."""

_CJK_PUNCTUATION = (
    r"\u3000-\u3004\u3008-\u303f\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
"""Legal in a tag, but there it would eat the sentence behind it; 々 and 〇 are not
among them, they are letters."""

_FORBIDDEN = re.compile(f"[{_ENDS}{_CJK_PUNCTUATION}]+")
_HASHTAGS = re.compile(rf"(?<!\S)(?:#[^{_ENDS}{_CJK_PUNCTUATION}]+)+#*")


def tag(text: str) -> str:
    """Make a valid tag, without `#`, of *text*; empty when nothing is left."""
    name = _FORBIDDEN.sub("-", clean(text).strip().lstrip("#"))
    name = re.sub(r"-{2,}", "-", name)[:60]
    parts = (part.strip("-_") for part in name.split("/"))
    name = "/".join(part for part in parts if part)
    return f"y{name}" if name.replace("/", "").isdecimal() else name


def tags_in(line: str) -> tuple[str, ...]:
    """Find the `#tags` of a line whose links have been blanked out."""
    names = dict.fromkeys("".join(_HASHTAGS.findall(line)).split("#"))
    return unique(tag(name) for name in names if not name.isdecimal())


def without_tags(line: str) -> str:
    """Blank out what `tags_in` finds; `#1` is not a tag."""
    return _HASHTAGS.sub(
        lambda m: m[0] if m[0].replace("#", "").isdecimal() else " ", line
    )


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Keep the first of each tag; case does not tell tags apart."""
    first: dict[str, str] = {}
    for name in filter(None, names):
        first.setdefault(name.casefold(), name)
    return tuple(first.values())


def choose(
    own: Iterable[str],
    summary: Summary,
    source: Iterable[str],
    vault: Collection[str],
) -> tuple[str, ...]:
    """Choose a note's tags: the user's, then the model's or the source's.

    Args:
        own: from the inbox line; all are kept.
        summary: its proposals are taken when a model made them.
        source: the source's own tags; only those that the vault already uses.
        vault: tags of the vault; theirs is the spelling that is kept.
    """
    spelling = {name.casefold(): name for name in vault}
    proposed = [spelling.get(t.casefold(), t) for t in map(tag, summary.tags)]
    known = [
        spelling[t] for t in (tag(text).casefold() for text in source) if t in spelling
    ]
    mine = unique(own)
    return unique([*mine, *proposed, *known])[: max(LIMIT, len(mine))]
