"""One vaultscribe at a time on a vault, on this machine."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vaultscribe.core.errors import ConfigError


@contextmanager
def only_one(file: Path, vault: Path) -> Iterator[None]:
    """Hold the lock of *vault*, or say that another vaultscribe works on it.

    Raises:
        ConfigError: another process holds the lock.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a+") as handle:
        until_s = time.monotonic() + PATIENCE_S
        while not _is_locked(handle.fileno()):
            if time.monotonic() > until_s:
                raise ConfigError(
                    f"another vaultscribe is at work on {vault}: "
                    "stop it first, or leave the work to it"
                )
            time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


PATIENCE_S = 0.3
"""`status` holds the lock for a moment, to see whether it is free."""


def _is_locked(descriptor: int) -> bool:
    try:
        _lock_file(descriptor)
    except OSError:
        return False
    return True


def _lock_file(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
