"""Writing beside an editor: no word of anybody else is lost.

A file of the user's is changed in four steps, each a function below:

1. `_settled` reads it while nobody writes it, and believes only what stands still.
2. `files.temp_beside` puts the whole new text on the disk, under a dot-name that
   Obsidian and sync programs ignore.
3. `_swap` keeps writers out for some 0.1 ms: still the same text? Then the two
   names are exchanged. Did somebody arrive meanwhile? Then they are exchanged back.
4. `_stands` looks at the displaced file again, because an editor that had opened
   it may have written into it. Late words go back to their place, and all begins
   anew with them.

Comparing and renaming alone loses words (measured: 838 of 3,000 edits), because
the moment between the two is just when an editor's save was waiting for ours.
"""

import errno
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vaultscribe.adapters.vault import linux
from vaultscribe.adapters.vault.files import (
    NO_LINKS,
    free_name,
    keep_copy,
    opened,
    publish,
    replace,
    sweep,
    sync_folder,
    temp_beside,
    told,
)
from vaultscribe.core.errors import NeedsUser, TransientError

__all__ = ["edit", "publish", "replace", "sweep"]

MAX_BYTES = 8 * 1024 * 1024
"""A note that is larger is no note; 10,000 links are about 1 MB."""

DOUBT_S = 2.0
"""An emptied or cut-off text must stand this long to be believed, and any text
where the system cannot exchange names. Obsidian saves two seconds after a key."""

GRACES_S = (0.0, 0.02)
"""When the displaced file is looked at: now, and when whoever had found it by its
name, but not opened it yet, has had the time to."""

UNGUARDED_GRACE_S = 0.5
"""One more look where no lease tells that a writer is still at work."""

_GONE_S = 0.5  # some editors delete a file and create it anew
_EFFECTIVE = os.access in os.supports_effective_ids

_log = logging.getLogger(__name__)

Outcome = Literal["done", "undone", "untouched", "unable"]
"""Of an exchange: made; made and taken back; not made; not offered here."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What `edit` was asked for; *path* is no symlink, *until* is monotonic."""

    path: Path
    change: Callable[[bytes], bytes]
    recovery: Path
    quiet_s: float
    until: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was; *guarded* when a lease kept writers out meanwhile."""

    text: bytes
    stat: os.stat_result
    guarded: bool


def edit(
    path: Path,
    change: Callable[[bytes], bytes],
    *,
    recovery: Path,
    quiet_s: float = 0.0,
    deadline_s: float = 30.0,
) -> bool:
    """Change a file that others may be writing, and lose nothing of theirs.

    Mode, owner, symlinks and hard links are kept; the time of change is not.

    Args:
        path: of the user's file.
        change: from the text as it is to the text as it should be. Pure, as it
            is called anew whenever somebody else was faster.
        recovery: a folder outside the vault. It takes the copy of a text that
            has no other place: somebody saved twice, into the file before and
            after our write, and the second save lacked the first.
        quiet_s: write only when the file has not changed for so long.
        deadline_s: give up after this time.

    Returns:
        True when written; False when *change* found nothing to do.

    Raises:
        TransientError: the file is gone, or never stood still, or the disk is full.
        NeedsUser: it may not be written, or is no text that we can edit.
    """
    with told(path.name):
        real = Path(os.path.realpath(path))
        _check_target(real)
        until = time.monotonic() + deadline_s
        return _edit(_Task(real, change, recovery, quiet_s, until))


def _edit(task: _Task) -> bool:
    tries = _tries(task)
    known = b""
    while True:
        next(tries)
        seen = _settled(task, known)
        check_text(task.path.name, seen.text)
        after = task.change(seen.text)
        if after == seen.text:
            return False
        if _write(task, seen, after):
            return True
        known = seen.text


def _tries(task: _Task) -> Iterator[None]:
    """Wait a little longer before each further try, until the deadline."""
    pause_s = 0.002
    yield
    while time.monotonic() < task.until:
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.05)
        yield
    raise TransientError(
        f"{task.path.name} is being written by another program all the time;"
        " it is tried again later"
    )


def _settled(task: _Task, known: bytes, *, blind: bool = False) -> _Seen:
    """Read the file when it has stood still for long enough.

    *known* is the text read before, to notice one that is cut off. *blind*
    where no exchange is offered: stand still longer, and do not believe the
    file's own time, which may come from the clock of a network drive.
    """
    tries = _tries(task)
    began = since = time.monotonic()
    mark = None
    while True:
        next(tries)
        try:
            seen = _look(task.path)
        except BlockingIOError:
            continue
        except FileNotFoundError:
            if time.monotonic() - began > _GONE_S:
                raise
            continue
        if mark != (seen.stat.st_ino, seen.stat.st_size, seen.stat.st_mtime_ns):
            mark = (seen.stat.st_ino, seen.stat.st_size, seen.stat.st_mtime_ns)
            since = time.monotonic()
        age_s = time.monotonic() - since
        if seen.guarded and not blind:
            age_s = max(age_s, time.time() - seen.stat.st_mtime)
        is_doubtful = blind or _is_cut_off(seen.text, known)
        if age_s >= max(task.quiet_s, DOUBT_S if is_doubtful else 0.0):
            return seen


def _look(path: Path) -> _Seen:
    with opened(path) as fd, linux.keep_writers_out(fd) as guarded:
        return _Seen(_text(fd, path.name), os.fstat(fd), guarded)


def _is_cut_off(text: bytes, known: bytes) -> bool:
    """Tell whether an editor may have emptied the file and not refilled it yet."""
    return not text or (len(text) < len(known) and known.startswith(text))


def _write(task: _Task, seen: _Seen, after: bytes) -> bool:
    """Write once; False when somebody was faster and all has to begin anew."""
    if seen.stat.st_nlink > 1:
        return _rewrite(task, seen.text, after)
    try:
        temp = temp_beside(task.path, after, seen.stat)
    except PermissionError:
        return _rewrite(task, seen.text, after)

    outcome: Outcome = "untouched"
    try:
        outcome = _replace_if_same(task, temp, seen.text)
    finally:
        # An error leaves it so too: then the names were never exchanged.
        if outcome == "untouched":
            temp.unlink()
    if outcome == "done":
        return _stands(task, temp, seen, after)
    if outcome == "undone":
        _retire(task, temp, expected=after)
    return False


def _replace_if_same(task: _Task, temp: Path, before: bytes) -> Outcome:
    try:
        outcome = _swap(task.path, temp, before, linux.exchange)
        if outcome == "unable":
            _settled(task, before, blind=True)
            outcome = _swap(task.path, temp, before, _take_place)
    except (BlockingIOError, FileNotFoundError):
        return "untouched"
    if outcome == "done":
        sync_folder(task.path.parent)
    return outcome


def _swap(
    path: Path, temp: Path, before: bytes, exchange: Callable[[Path, Path], bool]
) -> Outcome:
    """Exchange *temp* and *path* if *path* still reads *before*.

    Raises:
        BlockingIOError: somebody has it open for writing; nothing was exchanged.
        OSError: any other reason for which nothing was exchanged.
    """
    with opened(path) as fd, linux.keep_writers_out(fd) as guarded:
        if _text(fd, path.name) != before or (guarded and linux.is_wanted(fd)):
            return "untouched"
        if not exchange(temp, path):
            return "unable"
        # An editor may have renamed its own new file to *path* since we opened
        # it, or one waits at the lease and will write into what is now *temp*.
        # Undone at once, its save goes where it meant it to go.
        if _is_open_as(temp, fd) and not (guarded and linux.is_wanted(fd)):
            return "done"
        with suppress(OSError):  # the user has moved the note: *temp* is checked
            exchange(temp, path)
        return "undone"


def _is_open_as(temp: Path, fd: int) -> bool:
    try:
        return temp.stat().st_ino == os.fstat(fd).st_ino
    except FileNotFoundError:  # `_take_place` could not keep the displaced file
        return True


def _take_place(temp: Path, path: Path) -> bool:
    """Exchange in three steps, for systems that cannot do it in one.

    Where hard links are unknown the displaced file is gone and *temp* too.
    """
    aside = free_name(path)
    try:
        os.link(path, aside)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        temp.replace(path)
        return True
    try:
        temp.replace(path)
    except OSError:
        aside.unlink()
        raise
    aside.replace(temp)
    return True


def _stands(task: _Task, temp: Path, seen: _Seen, after: bytes) -> bool:
    """Look at the displaced file until nobody can write into it any more."""
    if not temp.exists():
        return True
    graces_s = GRACES_S if seen.guarded else (*GRACES_S, UNGUARDED_GRACE_S)
    for grace_s in graces_s:
        time.sleep(grace_s)
        if _text_unless_written(temp) != seen.text:
            _give_back(task, temp, after)
            return False
    temp.unlink()
    return True


def _give_back(task: _Task, temp: Path, standing: bytes) -> None:
    """Put the displaced file with its late words back to where it was.

    Its writer needs not have finished: it goes on at the right place. *standing*
    is what we wrote; if that has changed too, there are two texts for one place.
    """
    outcome: Outcome = "untouched"
    with suppress(BlockingIOError, FileNotFoundError):
        outcome = _swap(task.path, temp, standing, _exchange_or_take_place)
    _retire(task, temp, expected=standing if outcome == "done" else None)


def _exchange_or_take_place(temp: Path, path: Path) -> bool:
    return linux.exchange(temp, path) or _take_place(temp, path)


def _retire(task: _Task, temp: Path, expected: bytes | None) -> None:
    """Remove a file that has no place any more, but no words with it.

    *expected* is what it holds if nobody wrote into it; None when somebody did.
    """
    if not temp.exists():
        return
    tries = _tries(task)
    time.sleep(GRACES_S[-1])
    while (text := _text_unless_written(temp)) is None:
        next(tries)
    if text != expected and not _stands_in(task.path, text):
        copy = keep_copy(task.recovery, task.path.name, text)
        _log.warning(
            "%s was saved twice at the moment of our write; the text that is not"
            " in it is kept in %s",
            task.path.name,
            copy,
        )
    temp.unlink(missing_ok=True)


def _stands_in(path: Path, text: bytes) -> bool:
    """Tell whether every line of *text* is in the file."""
    with suppress(FileNotFoundError):
        now = _text_unless_written(path)
        return now is not None and set(text.splitlines()) <= set(now.splitlines())
    return False


def _text_unless_written(path: Path) -> bytes | None:
    try:
        return _look(path).text
    except BlockingIOError:
        return None


def _rewrite(task: _Task, before: bytes, after: bytes) -> bool:
    """Write into the file itself: hard links, or a folder closed to us.

    A crash can tear what is written so, hence the copy until it is done.
    """
    try:
        with opened(task.path, os.O_RDWR) as fd, linux.keep_everyone_out(fd):
            if _text(fd, task.path.name) != before:
                return False
            copy = keep_copy(task.recovery, task.path.name, before)
            _overwrite(fd, before, after)
            is_in_place = task.path.stat().st_ino == os.fstat(fd).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
    copy.unlink()
    return is_in_place


def _overwrite(fd: int, before: bytes, after: bytes) -> None:
    try:
        _write_all(fd, after)
        os.fsync(fd)
    except OSError:  # a full disk: the old text has its blocks already
        _write_all(fd, before)
        raise


def _write_all(fd: int, data: bytes) -> None:
    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
    os.ftruncate(fd, len(data))


def _text(fd: int, name: str) -> bytes:
    if os.fstat(fd).st_size > MAX_BYTES:
        raise NeedsUser(f"{name} is larger than 8 MiB: split it")
    os.lseek(fd, 0, os.SEEK_SET)
    return b"".join(iter(lambda: os.read(fd, 1 << 20), b""))


def _check_target(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise NeedsUser(f"{path.name} is not a file: put a note in its place")
    # A rename could pass over a write protection; the user meant it to hold.
    if path.exists() and not os.access(path, os.W_OK, effective_ids=_EFFECTIVE):
        raise PermissionError(errno.EACCES, "write-protected", str(path))


def check_text(name: str, text: bytes) -> None:
    """Refuse what cannot be edited by single lines.

    Raises:
        NeedsUser: it is UTF-16, or no text at all.
    """
    if b"\0" in text or text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NeedsUser(f"{name} is not UTF-8 text: save it as UTF-8")
