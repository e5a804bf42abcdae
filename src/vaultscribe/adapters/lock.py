"""One vaultscribe at a time on a vault, on this machine."""

import os
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
        try:
            _lock_file(handle.fileno())
        except OSError as error:
            raise ConfigError(
                f"another vaultscribe is at work on {vault}: "
                "stop it first, or leave the work to it"
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _lock_file(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
