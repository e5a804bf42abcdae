"""Two doors of the operating system: the exchange of two names, and file leases.

Linux has both, macOS the exchange, other systems and many network drives neither.
What is not offered is said so, and `edit.py` takes its slower way.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    import fcntl
    import signal

Exchange = Callable[[bytes, bytes], int]
"""A function of the C library: 0 when the two names have been exchanged."""

_NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What systems say when a file system knows no exchange of names."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""Linux. Source: renameat2(2)."""
_RENAME_SWAP = 0x2
"""macOS 10.12 or newer, on APFS. Source: renamex_np(2), sys/stdio.h."""


def exchange(one: Path, other: Path) -> bool:
    """Swap what two names stand for, at once; False where not offered."""
    swap = _exchange()
    if swap is None:
        return False
    if swap(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_OFFERED:
        return False
    raise OSError(code, os.strerror(code), str(other))


def exchange_of(platform: str, library: Any) -> Exchange | None:
    """Find the call of a C *library* that exchanges; None where it has none."""
    if platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: library.renameat2(
            _AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE
        )
    if platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: library.renamex_np(one, other, _RENAME_SWAP)
    return None


@cache
def _exchange() -> Exchange | None:
    # Windows has no such library to open.
    library = None if os.name == "nt" else ctypes.CDLL(None, use_errno=True)
    return exchange_of(sys.platform, library)


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
