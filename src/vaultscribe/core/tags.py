"""Tags that Obsidian accepts, and which of them a note gets."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from vaultscribe.core.model import Summary
from vaultscribe.core.neutralise import clean

LIMIT = 8
"""Tags that a note gets of our choosing; the user's own are never cut."""

_FORBIDDEN = re.compile(
    r"[\u2000-\u206F\u2E00-\u2E7F'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\s]+"
)
"""Outside Obsidian's grammar. Source: its app.js, as quoted in obsidian-help #816."""

_CJK_PUNCTUATION = re.compile(
    "[\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uff0f\uff1a-\uff20"
    "\uff3b-\uff40\uff5b-\uff65]+"
)
"""Legal in a tag, but there it would eat the sentence behind it."""


def tag(text: str) -> str:
    """Make a valid tag, without `#`, of *text*; empty when nothing is left."""
    name = unicodedata.normalize("NFC", clean(text)).strip().lstrip("#")
    name = _FORBIDDEN.sub("-", _CJK_PUNCTUATION.sub("-", name))
    name = re.sub(r"-{2,}", "-", name)[:60]
    parts = (part.strip("-_") for part in name.split("/"))
    name = "/".join(part for part in parts if part)
    return f"y{name}" if name.isdecimal() else name


def tags_in(line: str) -> tuple[str, ...]:
    """Find the `#tags` of a line whose links have been blanked out."""
    found = re.findall(r"(?<!\S)#([^\s#]+)", line)
    names = (_CJK_PUNCTUATION.split(text, maxsplit=1)[0] for text in found)
    return unique(tag(name) for name in names if not name.isdecimal())


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
