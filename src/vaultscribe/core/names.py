"""Names of note files that every system, sync and wikilink accepts."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from vaultscribe.core.model import Work
from vaultscribe.core.neutralise import clean

STEM_BYTES = 120
"""Of UTF-8, 40 Chinese characters: with the longest id and `.md` a name keeps within
the 143 bytes of encrypted folders (eCryptfs, on Synology), and leaves what the copies
of a sync append within the 255 of other systems. The whole title is a property."""

_FULL_WIDTH = str.maketrans(':?*"<>|/\\#^[]%`', "：？＊”＜＞｜／＼＃＾［］％｀")
"""What Windows, Android, Obsidian's links or its comments do not allow in a name."""

_WIDE_BLANKS = re.compile("[\u00a0\u202f]")
"""Obsidian turns these into blanks."""

_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER = "\u200d"
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI}]){_JOINER}|{_JOINER}(?![{_EMOJI}])")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_VIRAMA = 9
"""The class of signs that join the consonants of Indian scripts."""

_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)",
    re.IGNORECASE,
)
"""Names of devices on Windows, whatever their ending."""

_SKIPPED = re.compile(r"\.(?=nosync)|_(?=vti_)", re.IGNORECASE)
"""Begin what iCloud (`.nosync`) and OneDrive (`_vti_`) do not sync in any name."""

_EDGE = " .~$。"


def note_name(title: str, work: Work) -> str:
    """Make the name of a note: its title and a short id, unique in the vault.

    Ids tell capitals from small letters, which some systems do not: see `name_key`.
    """
    return f"{file_stem(title)} {short_id(work)}"


def file_stem(title: str, max_bytes: int = STEM_BYTES) -> str:
    """Make a file name, without its ending, that still reads as *title*.

    Cut at *max_bytes* of UTF-8 between what readers see as characters: ext4 counts
    bytes, a Chinese character has three and a family of emoji twenty-five.
    """
    stem = _seen(_WIDE_BLANKS.sub(" ", clean(title))).translate(_FULL_WIDTH)
    stem = _SKIPPED.sub(lambda found: "．" if found[0] == "." else "＿", stem)
    stem = _cut(" ".join(stem.split()).strip(_EDGE), max_bytes).strip(_EDGE)
    if _RESERVED.match(stem):
        stem = _cut(f"_{stem}", max_bytes).strip(_EDGE)
    return stem or "untitled"


@lru_cache(maxsize=1 << 15)
def name_key(name: str) -> str:
    """Give what is equal for two names that some system takes for one.

    Windows and macOS do not tell capitals from small letters, macOS and Obsidian
    not `é` from `e` with an accent, and older disks of a Mac overlook joiners.
    """
    if name.isascii():
        return name.lower()
    if not name.isprintable():
        name = "".join(char for char in name if unicodedata.category(char) != "Cf")
    plain = unicodedata.normalize("NFD", _WIDE_BLANKS.sub(" ", name))
    return unicodedata.normalize("NFC", plain.upper().casefold())


def short_id(work: Work) -> str:
    """Make the part of a name that keeps two works with one title apart."""
    site, _, key = work.id.partition(":")
    if site == "youtube":
        return file_stem(key)
    if site == "bilibili" and (found := re.search(r"BV\w{10}", work.url)):
        part = key.rpartition("_part")[2]
        return found.group() + (f" p{part}" if part not in {"", "1"} else "")
    return hashlib.sha256(work.id.encode()).hexdigest()[:8]


def _seen(text: str) -> str:
    """Drop control characters, marks of direction, and code points without meaning.

    A joiner stays between two emoji, which it makes one.
    """
    text = _STRAY_JOINER.sub("", text)
    kept = (c for c in text if c == _JOINER or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", "".join(kept))


def _cut(text: str, max_bytes: int) -> str:
    kept, left = [], max_bytes
    for cluster in _clusters(text):
        left -= len(cluster.encode())
        if left < 0:
            break
        kept.append(cluster)
    # One letter may carry a hundred accents.
    return "".join(kept) or text.encode()[:max_bytes].decode(errors="ignore")


def _clusters(text: str) -> Iterator[str]:
    """Split *text* into what readers see as characters, nearly as UAX 29 does."""
    cluster = ""
    for char in text:
        if cluster and not _belongs(char, cluster):
            yield cluster
            cluster = ""
        cluster += char
    yield cluster


def _belongs(char: str, cluster: str) -> bool:
    before = cluster[-1]
    return bool(
        unicodedata.category(char)[0] == "M"
        or _JOINER in (char, before)
        or unicodedata.combining(before) == _VIRAMA
        or _SKIN.match(char)
        or (_FLAG_LETTER.match(char) and _FLAG_LETTER.fullmatch(cluster))
    )
