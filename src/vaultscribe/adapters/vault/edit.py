"""Writing beside an editor: no word of anybody else is lost.

A file of the user's is changed in five steps, each a function here:

1. `settled` reads it while nobody writes it, and believes only what stands still.
2. `temp_beside` puts the whole new text on the disk, under a dot-name that
   Obsidian and sync programs ignore.
3. `_swap` keeps writers out for some 0.1 ms: still the same file? Then the two
   names are exchanged. Did somebody arrive meanwhile? Then they are exchanged back.
4. `_stands` looks at the displaced file again, because an editor that had opened
   it may have written into it. Late words go back to their place, and all begins
   anew with them.
5. `_leave` forgets the displaced file only after a last look, seconds later.

Comparing and renaming alone loses words (measured: 838 of 3,000 edits), because
the moment between the two is just when an editor's save was waiting for ours.
"""

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vaultscribe.adapters.vault import kernel
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
from vaultscribe.adapters.vault.look import (
    Patience,
    Seen,
    bytes_of,
    check_text,
    settled,
    text_unless_written,
)
from vaultscribe.core.errors import LinkError, NeedsUser, TransientError

__all__ = ["edit", "publish", "replace", "sweep"]

GRACES_S = (0.0, 0.02)
"""When the displaced file is looked at: now, and when whoever had found it by its
name, but not opened it yet, has had the time to."""

UNGUARDED_GRACE_S = 0.5
"""One more look where no lease tells that a writer is still at work."""

LAST_LOOK_S = 3.0
"""The last one, for writers that were stopped in the middle; nobody waits for it."""

_EFFECTIVE = os.access in os.supports_effective_ids
_TURNS = tuple(threading.Lock() for _ in range(64))
"""One thread of ours at a time writes a file: the lock is found by the hash of its
path, so two files share one now and then."""

_log = logging.getLogger(__name__)

Outcome = Literal["done", "undone", "untouched", "unable"]
"""Of an exchange: made; made and taken back; not made; not offered here."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What `edit` was asked for; the path of *patience* is no symlink."""

    patience: Patience
    change: Callable[[bytes], bytes]
    recovery: Path

    @property
    def path(self) -> Path:
        return self.patience.path


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
    until = time.monotonic() + deadline_s
    with told(path.name):
        real = Path(os.path.realpath(path))
        with _turn(real, deadline_s):
            _check_target(real)
            return _edit(_Task(Patience(real, quiet_s, until), change, recovery))


@contextmanager
def _turn(path: Path, deadline_s: float) -> Iterator[None]:
    """Wait until no other thread of ours writes *path*.

    Each would find the other's text and begin anew; but where names cannot be
    exchanged, both may find the old text and one would be lost.
    """
    lock = _TURNS[hash(path) % len(_TURNS)]
    if not lock.acquire(timeout=deadline_s):
        raise TransientError(
            f"{path.name} has too many changes in line; it is tried again later"
        )
    try:
        yield
    finally:
        lock.release()


def _check_target(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise NeedsUser(f"{path.name} is not a file: put a note in its place")
    # A rename could pass over a write protection; the user meant it to hold.
    if path.exists() and not os.access(path, os.W_OK, effective_ids=_EFFECTIVE):
        raise PermissionError(errno.EACCES, "write-protected", str(path))


def _edit(task: _Task) -> bool:
    tries = task.patience.tries()
    known = b""
    while True:
        next(tries)
        seen = settled(task.patience, known)
        check_text(task.path.name, seen.text)
        after = task.change(seen.text)
        if after == seen.text:
            return False
        if _write(task, seen, after):
            _log.debug("wrote %s", task.path.name)
            return True
        _log.debug("begin anew with %s", task.path.name)
        known = seen.text


def _write(task: _Task, seen: Seen, after: bytes) -> bool:
    """Write once; False when somebody was faster and all has to begin anew."""
    if seen.stat.st_nlink > 1:
        return _rewrite(task, seen, after)
    try:
        temp = temp_beside(task.path, after, seen.stat)
    except PermissionError:
        return _rewrite(task, seen, after)

    outcome: Outcome = "untouched"
    try:
        outcome = _replace_if_same(task, temp, seen)
    finally:
        # Where an error struck between the exchange and its check, *temp* is the
        # user's file: then it is left to `sweep`, which keeps a copy.
        if outcome == "untouched" and temp.read_bytes() == after:
            temp.unlink()
    if outcome == "done":
        return _stands(task, temp, seen, after)
    if outcome == "undone":
        _log.debug("met a writer of %s and gave way", task.path.name)
        _retire(task, temp, expected=after)
    return False


def _replace_if_same(task: _Task, temp: Path, seen: Seen) -> Outcome:
    try:
        outcome = _swap(task.path, temp, seen.is_still)
        if outcome == "unable":
            settled(task.patience, seen.text, blind=True)
            outcome = _take_place_of(task.path, temp, seen.is_still)
    except (BlockingIOError, FileNotFoundError):
        return "untouched"
    if outcome == "done":
        sync_folder(task.path.parent)
    return outcome


def _swap(path: Path, temp: Path, is_same: Callable[[int], bool]) -> Outcome:
    """Exchange *temp* and *path* if what *path* stands for *is_same*.

    Raises:
        BlockingIOError: somebody has it open for writing; nothing was exchanged.
        OSError: any other reason for which nothing was exchanged.
    """
    with opened(path) as fd, kernel.keep_writers_out(fd) as guarded:
        if not is_same(fd) or (guarded and kernel.is_wanted(fd)):
            return "untouched"
        if not kernel.exchange(temp, path):
            return "unable"
        # An editor may have renamed its own new file to *path* since we opened
        # it, or one waits at the lease and will write into what is now *temp*.
        # Undone at once, its save goes where it meant it to go.
        is_displaced = temp.stat().st_ino == os.fstat(fd).st_ino
        if is_displaced and not (guarded and kernel.is_wanted(fd)):
            return "done"
        with suppress(OSError):  # the user has moved the note: *temp* is checked
            kernel.exchange(temp, path)
        return "undone"


def _take_place_of(path: Path, temp: Path, is_same: Callable[[int], bool]) -> Outcome:
    """Exchange in three steps, for systems that cannot do it in one.

    Where hard links are unknown the displaced file is gone and *temp* too.
    """
    # Windows lets nobody replace a file that is open, by ourselves neither.
    with opened(path) as fd:
        if not is_same(fd):
            return "untouched"
    aside = free_name(path)
    try:
        os.link(path, aside)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return "done" if _is_replaced(temp, path) else "untouched"
    if not _is_replaced(temp, path):
        aside.unlink()
        return "untouched"
    aside.replace(temp)
    return "done"


def _is_replaced(temp: Path, path: Path) -> bool:
    """Rename *temp* over *path*; False while another program holds it open."""
    try:
        temp.replace(path)
    except OSError as error:
        if getattr(error, "winerror", None) in _HELD_OPEN:
            return False
        raise
    return True


_HELD_OPEN = {5, 32}
"""Windows: access denied, sharing violation. That the file may be written at all was
checked before."""


def _stands(task: _Task, temp: Path, seen: Seen, after: bytes) -> bool:
    """Look at the displaced file until hardly anybody can write into it any more."""
    if not temp.exists():
        return True
    graces_s = GRACES_S if seen.guarded else (*GRACES_S, UNGUARDED_GRACE_S)
    for grace_s in graces_s:
        time.sleep(grace_s)
        if text_unless_written(temp) != seen.text:
            _log.debug("met late words for %s", task.path.name)
            _give_back(task, temp, after)
            return False
    _leave(task, temp, seen.text, after)
    return True


def _give_back(task: _Task, temp: Path, standing: bytes) -> None:
    """Put the displaced file with its late words back to where it was.

    Its writer needs not have finished: it goes on at the right place. *standing*
    is what we wrote; if that has changed too, there are two texts for one place.
    """

    def is_ours(fd: int) -> bool:
        return bytes_of(fd) == standing

    outcome: Outcome = "untouched"
    with suppress(BlockingIOError, FileNotFoundError):
        outcome = _swap(task.path, temp, is_ours)
        if outcome == "unable":
            outcome = _take_place_of(task.path, temp, is_ours)
    _retire(task, temp, expected=standing if outcome == "done" else None)


def _retire(task: _Task, temp: Path, expected: bytes | None) -> None:
    """Remove a file that has no place any more, but no words with it.

    *expected* is what it holds if nobody wrote into it; None when somebody did.
    """
    if not temp.exists():
        return
    tries = task.patience.tries()
    time.sleep(GRACES_S[-1])
    while (text := text_unless_written(temp)) is None:
        next(tries)
    if text != expected:
        _keep(task, text)
    temp.unlink(missing_ok=True)


def _leave(task: _Task, temp: Path, before: bytes, after: bytes) -> None:
    """Remove the displaced file, but go on holding it open for one last look."""
    if os.name == "nt":  # what is held open cannot be removed there
        temp.unlink()
        return
    fd = os.open(temp, os.O_RDONLY)
    temp.unlink()

    def look() -> None:
        late = bytes_of(fd)
        os.close(fd)
        if late != before:
            _redo(task, late, after)

    timer = threading.Timer(LAST_LOOK_S, look)
    timer.daemon = True
    timer.start()


def _redo(task: _Task, late: bytes, after: bytes) -> None:
    """Make the change once more, to the text of whoever came seconds late."""
    with suppress(LinkError):
        edit(
            task.path,
            lambda now: task.change(late) if now == after else now,
            recovery=task.recovery,
        )
    _keep(task, late)


def _keep(task: _Task, text: bytes) -> None:
    """Copy *text* to the recovery folder unless all its lines are in the file."""
    with suppress(FileNotFoundError):
        now = text_unless_written(task.path)
        if now is not None and set(text.splitlines()) <= set(now.splitlines()):
            return
    copy = keep_copy(task.recovery, task.path.name, text)
    _log.warning(
        "%s was saved twice at the moment of our write; the text that is not"
        " in it is kept in %s",
        task.path.name,
        copy,
    )


def _rewrite(task: _Task, seen: Seen, after: bytes) -> bool:
    """Write into the file itself: hard links, or a folder closed to us.

    A crash can tear what is written so, hence the copy until it is done.
    """
    try:
        with opened(task.path, os.O_RDWR) as fd, kernel.keep_everyone_out(fd):
            if not seen.is_still(fd):
                return False
            copy = keep_copy(task.recovery, task.path.name, seen.text)
            _overwrite(fd, seen.text, after)
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
