"""Doors of the operating system: renaming with a promise, and file leases.

Linux has both, macOS the first, other systems and many network drives neither.
What is not offered is said so, and others here take their slower way.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    import fcntl
    import signal

_NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What systems say when a file system knows no such renaming."""

_AT_FDCWD = -100


@dataclass(frozen=True, slots=True)
class Renaming:
    """A call of the C library, 0 when it is done, and two of its flags."""

    call: Callable[[bytes, bytes, int], int]
    exchange: int
    never_over: int


def exchange(one: Path, other: Path) -> bool:
    """Swap what two names stand for, at once; False where not offered."""
    renaming = _renaming()
    return renaming is not None and _is_done(renaming, one, other, renaming.exchange)


def move(one: Path, other: Path) -> bool:
    """Rename *one*, but never over another file; False where not offered.

    Raises:
        FileExistsError: the name *other* is taken.
    """
    if os.name == "nt":  # its own rename does so
        one.rename(other)
        return True
    renaming = _renaming()
    return renaming is not None and _is_done(renaming, one, other, renaming.never_over)


def renaming_of(platform: str, library: Any) -> Renaming | None:
    """Find the renaming of a C *library*; None where it has none."""
    if platform == "linux" and hasattr(library, "renameat2"):

        def call(one: bytes, other: bytes, flag: int) -> int:
            done: int = library.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, flag)
            return done

        # Source: renameat2(2). Both flags need Linux 3.15.
        return Renaming(call, exchange=0x2, never_over=0x1)
    if platform == "darwin" and hasattr(library, "renamex_np"):
        # Source: renamex_np(2): RENAME_SWAP, RENAME_EXCL. On APFS, from macOS 10.12.
        return Renaming(library.renamex_np, exchange=0x2, never_over=0x4)
    return None


@cache
def _renaming() -> Renaming | None:
    # Windows has no such library to open.
    library = None if os.name == "nt" else ctypes.CDLL(None, use_errno=True)
    return renaming_of(sys.platform, library)


def _is_done(renaming: Renaming, one: Path, other: Path, flag: int) -> bool:
    if renaming.call(os.fsencode(one), os.fsencode(other), flag) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_OFFERED:
        return False
    raise OSError(code, os.strerror(code), str(other))


@contextmanager
def keep_writers_out(fd: int) -> Iterator[bool]:
    """Let nobody open the file for writing; readers come and go.

    Whoever wants to write waits until the `with` is over. Source: fcntl(2), "Leases".

    Args:
        fd: open for reading only.

    Yields:
        False where leases are not offered: another system, another owner, a
        network drive.

    Raises:
        BlockingIOError: somebody has the file open for writing now.
    """
    with _lease(fd, alone=False) as granted:
        yield granted


@contextmanager
def keep_everyone_out(fd: int) -> Iterator[bool]:
    """Let nobody else open the file at all; else as `keep_writers_out`.

    Raises:
        BlockingIOError: somebody else has the file open now.
    """
    with _lease(fd, alone=True) as granted:
        yield granted


def is_wanted(fd: int) -> bool:
    """Tell whether somebody waits for the lease on *fd* to end.

    Whoever waits has already chosen this very file, whatever its name is by
    the time they are let in. True also when the kernel lost patience
    (/proc/sys/fs/lease-break-time, 45 s) and took the lease away.
    """
    return (
        sys.platform == "linux" and fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_UNLCK
    )


if sys.platform == "linux":

    @contextmanager
    def _lease(fd: int, *, alone: bool) -> Iterator[bool]:
        # By default a waiting opener is announced by SIGIO, which ends the
        # process; SIGURG is ignored unless someone asks for it.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        granted = _is_granted(fd, fcntl.F_WRLCK if alone else fcntl.F_RDLCK)
        try:
            yield granted
        finally:
            # Not left to close(): a child between fork and exec holds fd too.
            with suppress(OSError):
                fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)

    def _is_granted(fd: int, kind: int) -> bool:
        try:
            fcntl.fcntl(fd, fcntl.F_SETLEASE, kind)
        except BlockingIOError:
            raise
        except OSError:
            return False
        return True

else:

    @contextmanager
    def _lease(fd: int, *, alone: bool) -> Iterator[bool]:  # noqa: ARG001 - none here
        yield False
