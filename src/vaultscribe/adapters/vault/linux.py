"""Two doors of the Linux kernel: file leases, and the exchange of two names.

A read lease is refused while anybody has the file open for writing; while it is
held, whoever opens the file for writing waits. Source: fcntl(2), "Leases".
Elsewhere the stand-ins say "not offered" and `edit.py` takes its slower way.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "linux":
    import ctypes
    import fcntl
    import signal
    from functools import cache

    _NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
    """What the kernel says when a file system knows no exchange of names."""

    _AT_FDCWD = -100
    _RENAME_EXCHANGE = 2

    @contextmanager
    def keep_writers_out(fd: int) -> Iterator[bool]:
        """Let nobody open the file for writing; readers come and go.

        Args:
            fd: open for reading only.

        Yields:
            False where leases are not offered: another owner, a network drive.

        Raises:
            BlockingIOError: somebody has the file open for writing now.
        """
        with _lease(fd, fcntl.F_RDLCK) as granted:
            yield granted

    @contextmanager
    def keep_everyone_out(fd: int) -> Iterator[bool]:
        """Let nobody else open the file at all; else as `keep_writers_out`.

        Raises:
            BlockingIOError: somebody else has the file open now.
        """
        with _lease(fd, fcntl.F_WRLCK) as granted:
            yield granted

    def is_wanted(fd: int) -> bool:
        """Tell whether somebody waits for the lease on *fd* to end.

        Whoever waits has already chosen this very file, whatever its name is by
        the time they are let in. True also when the kernel lost patience
        (/proc/sys/fs/lease-break-time, 45 s) and took the lease away.
        """
        return fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_UNLCK

    def exchange(one: Path, other: Path) -> bool:
        """Swap what two names stand for, at once; False where not offered."""
        renameat2 = _renameat2()
        if renameat2 is None:
            return False
        names = os.fsencode(one), os.fsencode(other)
        if not renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE):
            return True
        code = ctypes.get_errno()
        if code in _NOT_OFFERED:
            return False
        raise OSError(code, os.strerror(code), str(other))

    @contextmanager
    def _lease(fd: int, kind: int) -> Iterator[bool]:
        # By default a waiting opener is announced by SIGIO, which ends the
        # process; SIGURG is ignored unless someone asks for it.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        granted = _ask(fd, kind)
        try:
            yield granted
        finally:
            # Not left to close(): a child between fork and exec holds fd too.
            with suppress(OSError):
                fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)

    def _ask(fd: int, kind: int) -> bool:
        try:
            fcntl.fcntl(fd, fcntl.F_SETLEASE, kind)
        except BlockingIOError:
            raise
        except OSError:
            return False
        return True

    @cache
    def _renameat2() -> "ctypes._NamedFuncPointer | None":
        library = ctypes.CDLL(None, use_errno=True)
        return getattr(library, "renameat2", None)

else:

    @contextmanager
    def keep_writers_out(fd: int) -> Iterator[bool]:  # noqa: ARG001 - stand-in
        """Offer no lease."""
        yield False

    @contextmanager
    def keep_everyone_out(fd: int) -> Iterator[bool]:  # noqa: ARG001 - stand-in
        """Offer no lease."""
        yield False

    def is_wanted(fd: int) -> bool:  # noqa: ARG001 - stand-in
        """Say no: without leases nobody waits."""
        return False

    def exchange(one: Path, other: Path) -> bool:  # noqa: ARG001 - stand-in
        """Offer no exchange."""
        return False
