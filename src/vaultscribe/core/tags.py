"""Tags that Obsidian accepts, and which spellings are one tag."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from vaultscribe.core.neutralise import clean

NAME_LIMIT = 60
"""Characters of a tag that we make; longer ones are whole sentences."""

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
_VALID = re.compile(f"(?![\\d/]+$)[^{_ENDS}]+")

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-_]+(?=\d)")
_BETWEEN_WORDS = re.compile(r"(?<!\d)[-_]+|[-_]+(?!\d)")

_PLURAL = re.compile(
    r"(?<=[a-z]{3}s)(?:(?<![isu]s)|(?<=[ak]pis|[cgnt]pus))$"
    r"(?<!news)(?<!goods|means)(?<!canvas|pandas)(?<!windows)"
)
"""A word of four letters or more that ends in the `s` of a plural.

Not so `class`, `status`, `redis`, nor what is another word without it: `news`.
"""

_SILENT_E = re.compile(r"(?<=[a-z]{3})(?:(?<=[cs]h)|(?<=ss)|(?<=[xo]))e$")


def tag(text: str) -> str:
    """Make a valid tag, without `#`, of *text*; empty when nothing is left."""
    name = _FORBIDDEN.sub("-", clean(text).strip().lstrip("#"))
    name = re.sub(r"-{2,}", "-", name)[:NAME_LIMIT]
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


def is_valid(name: str) -> bool:
    """Say whether Obsidian reads `#name` as one tag."""
    return _VALID.fullmatch(name) is not None


@lru_cache(maxsize=1 << 16)
def tag_key(name: str) -> str:
    """Return what is the same for all spellings of a tag; never shown to anybody.

    Case, full width, `-`, `_`, blanks and the plural of an English word do not tell
    tags apart: `Machine_Learning` is `machine-learning` and `MachineLearning`. Only
    between digits a sign counts: `week-1-2` is not `week-12`. The parts of a nested
    tag keep their `/`. Irregular plurals (`children`) and traditional Chinese are
    for the vocabulary note: the libraries that know them are large, or merge `us`
    with `me`.
    """
    name = _FORBIDDEN.sub("-", clean(name).strip().lstrip("#"))
    name = _FORBIDDEN.sub("-", folded(name))  # folding may unpack some: ½, ㏂
    name = _BETWEEN_WORDS.sub("", _BETWEEN_DIGITS.sub("-", name).replace("/", "-/-"))
    parts = (singular(folded(part)) for part in name.split("/"))
    return "/".join(part for part in parts if part)


def folded(text: str) -> str:
    """Fold case and width, by Unicode's compatibility caseless matching (D146)."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", text).casefold()
    text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", text)


def singular(word: str) -> str:
    """Take the plural off a lower-case English word, as far as keys need it.

    The result need not be a word: `movie` and `movies` are both `movy`, `box` and
    `boxes` both `box`. Other scripts stay.
    """
    if not word.endswith(("s", "e")):
        return word
    if _PLURAL.search(word):
        word = word[:-1]
    word = _SILENT_E.sub("", word)
    return re.sub(r"(?<=[a-z]{2})ie$", "y", word)
