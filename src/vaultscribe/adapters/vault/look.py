"""Reading a file that others may be writing: what may be believed, and when."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaultscribe.adapters.vault import kernel
from vaultscribe.adapters.vault.files import opened
from vaultscribe.core.errors import NeedsUser, TransientError

MAX_BYTES = 8 * 1024 * 1024
"""A note that is larger is no note; 10,000 links are about 1 MB."""

DOUBT_S = 2.0
"""An emptied or cut-off text must stand this long to be believed, and any text
where the system cannot exchange names. Obsidian saves two seconds after a key."""

UNGUARDED_S = 0.1
"""So long must any text stand where no lease tells that a writer is at work."""

_SAVE_S = DOUBT_S + 1.0
"""No save takes longer."""

_GONE_S = 0.5  # some editors delete a file and create it anew


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was; *guarded* when a lease kept writers out meanwhile."""

    text: bytes
    stat: os.stat_result
    guarded: bool

    def is_still(self, fd: int) -> bool:
        """Tell whether *fd* is the same file, in name, traits and text."""
        now = os.fstat(fd)
        return _traits(now) == _traits(self.stat) and bytes_of(fd) == self.text


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on with the file *path*.

    Args:
        quiet_s: believe a text only when it has stood for so long.
        until: give up then; monotonic.
    """

    path: Path
    quiet_s: float
    until: float

    def tries(self) -> Iterator[None]:
        """Wait a little longer before each further try, until it is time to give up.

        Raises:
            TransientError: it is.
        """
        pause_s = 0.002
        yield
        while time.monotonic() < self.until:
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.05)
            yield
        raise TransientError(
            f"{self.path.name} is being written by another program all the time;"
            " it is tried again later"
        )


def whole(path: Path) -> bytes:
    """Read a file, but not in the middle of a save.

    Raises:
        OSError: it is not there or cannot be read.
        TransientError: somebody writes it all the time.
        NeedsUser: it is too large for a note.
    """
    return settled(Patience(path, 0.0, time.monotonic() + _SAVE_S), b"").text


def settled(patience: Patience, known: bytes, *, blind: bool = False) -> Seen:
    """Read the file when it has stood still for long enough.

    *known* is the text read before, to notice one that is cut off. *blind*
    where no exchange is offered: stand still longer.
    """
    tries = patience.tries()
    gone_since = None
    mark, since = None, time.monotonic()
    while True:
        next(tries)
        try:
            seen = look(patience.path)
        except BlockingIOError:
            continue
        except FileNotFoundError:
            gone_since = gone_since or time.monotonic()
            if time.monotonic() - gone_since > _GONE_S:
                raise
            continue
        gone_since = None
        if mark != _mark(seen.stat):
            mark, since = _mark(seen.stat), time.monotonic()
        age_s = time.monotonic() - since
        # Elsewhere its time may come from the clock of a network drive.
        if seen.guarded and not blind:
            age_s = max(age_s, time.time() - seen.stat.st_mtime)
        is_doubtful = blind or _is_cut_off(seen.text, known)
        least_s = DOUBT_S if is_doubtful else 0.0 if seen.guarded else UNGUARDED_S
        if age_s >= max(patience.quiet_s, least_s):
            return seen


def look(path: Path) -> Seen:
    """Read the file as it is.

    Raises:
        BlockingIOError: somebody has it open for writing now.
        NeedsUser: it is too large for a note.
    """
    with opened(path) as fd, kernel.keep_writers_out(fd) as guarded:
        stat = os.fstat(fd)
        if stat.st_size > MAX_BYTES:
            raise NeedsUser(f"{path.name} is too large to edit, over 8 MiB: split it")
        return Seen(bytes_of(fd), stat, guarded)


def text_unless_written(path: Path) -> bytes | None:
    """Read the file; None while somebody has it open for writing."""
    try:
        return look(path).text
    except BlockingIOError:
        return None


def bytes_of(fd: int) -> bytes:
    """Read an open file from its beginning, whatever it is."""
    os.lseek(fd, 0, os.SEEK_SET)
    return b"".join(iter(lambda: os.read(fd, 1 << 20), b""))


def check_text(name: str, text: bytes) -> None:
    """Refuse what cannot be edited by single lines.

    Raises:
        NeedsUser: it is UTF-16, or no text at all.
    """
    if b"\0" in text or text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NeedsUser(f"{name} is not UTF-8 text: save it as UTF-8")


def _is_cut_off(text: bytes, known: bytes) -> bool:
    """Tell whether an editor may have emptied the file and not refilled it yet."""
    return not text or (len(text) < len(known) and known.startswith(text))


def _mark(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _traits(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_ino, stat.st_mode, stat.st_nlink, stat.st_uid, stat.st_gid
