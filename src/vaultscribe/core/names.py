"""Names of note files that every system, sync and wikilink accepts."""

import hashlib
import re
import unicodedata

from vaultscribe.core.model import Work
from vaultscribe.core.neutralise import clean

STEM_BYTES = 180
"""Room below the 255 bytes of most file systems for an id and a conflict suffix."""

_FULL_WIDTH = str.maketrans(':?*"<>|/\\#^[]%`', "：？＊”＜＞｜／＼＃＾［］％｀")
"""What Windows, Android, Obsidian's links or its comments do not allow in a name."""

_WIDE_BLANKS = re.compile("[\u00a0\u202f\u200b-\u200f\u2060]")
"""Obsidian turns these into blanks, or nobody sees them."""

_RESERVED = re.compile(
    r"(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\.|$)", re.IGNORECASE
)
_EDGE = " .~$。"


def note_name(title: str, work: Work) -> str:
    """Make the name of a note: its title and a short id, unique in the vault."""
    return f"{file_stem(title)} {short_id(work)}"


def file_stem(title: str, max_bytes: int = STEM_BYTES) -> str:
    """Make a file name, without its ending, that still reads as *title*.

    Cut at *max_bytes* of UTF-8 between characters: ext4 counts bytes, and a
    Chinese character has three.
    """
    stem = _WIDE_BLANKS.sub(" ", clean(title)).translate(_FULL_WIDTH)
    stem = " ".join(stem.split()).strip(_EDGE)
    if len(stem.encode()) > max_bytes:
        stem = stem.encode()[:max_bytes].decode(errors="ignore").strip(_EDGE)
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return unicodedata.normalize("NFC", stem) or "untitled"


def short_id(work: Work) -> str:
    """Make the part of a name that keeps two works with one title apart."""
    site, _, key = work.id.partition(":")
    if site == "youtube":
        return file_stem(key)
    if site == "bilibili" and (found := re.search(r"BV\w{10}", work.url)):
        part = key.rpartition("_part")[2]
        return found.group() + (f" p{part}" if part not in {"", "1"} else "")
    return hashlib.sha256(work.id.encode()).hexdigest()[:8]
