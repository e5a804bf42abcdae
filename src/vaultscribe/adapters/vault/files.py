"""Files that are written whole: complete on the disk before they have their name.

A crash leaves the old text or the new one, and at most a dot-file of ours
beside it (measured: of 150 killed writers none tore a file; writing without a
second name, 95 of 150 left it empty or torn).
"""

import errno
import itertools
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vaultscribe.adapters.vault import kernel
from vaultscribe.core.errors import LinkError, NeedsUser, TransientError

NO_LINKS = frozenset(
    {errno.EPERM, errno.EINVAL, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP}
)
"""What systems say when a folder knows no hard links."""

_CLIP_BYTES = 180  # leaves room for our ending within the 255 of file systems
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn line ends around
_OUR_TEMP = re.compile(r"\..*\.vaultscribe-\d+-\d+\.tmp", re.DOTALL)
_numbers = itertools.count(1)


def publish(path: Path, data: bytes) -> bool:
    """Let a new file appear once, complete, and never over another.

    Returns:
        False when the name is taken.

    Raises:
        TransientError: its folder is not there, or the disk is full.
        NeedsUser: the folder may not be written.
    """
    with told(path.name):
        temp = temp_beside(path, data)
        try:
            os.link(temp, path)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return _publish_without_links(temp, path, data)
        finally:
            temp.unlink(missing_ok=True)
        sync_folder(path.parent)
        return True


def replace(path: Path, data: bytes) -> None:
    """Write a file of our own, such as a record: the old text or the new, whole.

    Raises:
        TransientError: its folder is not there, or the disk is full.
        NeedsUser: the folder may not be written.
    """
    with told(path.name):
        temp = temp_beside(path, data)
        try:
            temp.replace(path)
        except OSError:
            temp.unlink()
            raise
        sync_folder(path.parent)


def sweep(
    folder: Path, older_than_s: float = 3600.0, *, recovery: Path | None = None
) -> int:
    """Remove what a crash of ours left in a folder.

    Args:
        folder: itself only, not what is below.
        older_than_s: younger files may belong to a write under way.
        recovery: copy them there first. After a crash in the moment between an
            exchange and its check, such a file may hold the user's last words.

    Returns:
        How many files were removed.
    """
    with told(folder.name):
        left = [entry for entry in folder.iterdir() if _is_left(entry, older_than_s)]
        for entry in left:
            if recovery:
                keep_copy(recovery, entry.name.strip("."), entry.read_bytes())
            entry.unlink()
        return len(left)


def keep_copy(recovery: Path, name: str, text: bytes) -> Path:
    """Save *text* in the folder *recovery*, under a name that tells when."""
    recovery.mkdir(parents=True, exist_ok=True, mode=0o700)
    day = time.strftime("%Y%m%d-%H%M%S")
    while True:
        copy = recovery / f"{day}-{os.getpid()}-{next(_numbers)} {name}"
        if publish(copy, text):
            return copy


def temp_beside(path: Path, data: bytes, like: os.stat_result | None = None) -> Path:
    """Put *data* on the disk, in the folder of *path*, with the traits of *like*."""
    temp = free_name(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
    fd = os.open(temp, flags, 0o600 if like else 0o666)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            if like:
                _copy_traits(path, temp, like)
            file.flush()
            os.fsync(fd)
    except OSError:
        temp.unlink()
        raise
    return temp


def free_name(path: Path) -> Path:
    """Name a file of ours beside *path*: Obsidian and sync programs ignore it."""
    stem = path.name.encode(errors="replace")[:_CLIP_BYTES].decode(errors="ignore")
    while True:
        ending = f"vaultscribe-{os.getpid()}-{next(_numbers)}.tmp"
        name = path.with_name(f".{stem}.{ending}")
        # In a container every run has the same pid, and a crash may have left one.
        if not os.path.lexists(name):
            return name


@contextmanager
def opened(path: Path, flags: int = os.O_RDONLY) -> Iterator[int]:
    """Hold a file descriptor for as long as the `with` lasts."""
    fd = os.open(path, flags | _BINARY)
    try:
        yield fd
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut."""
    if sys.platform != "win32":
        with suppress(OSError), opened(folder) as fd:
            os.fsync(fd)


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what the system says about a file into one sentence about *name*."""
    try:
        yield
    except OSError as error:
        raise _error(name, error) from error


def _publish_without_links(temp: Path, path: Path, data: bytes) -> bool:
    try:
        if not kernel.move(temp, path):
            return _create(path, data)
    except FileExistsError:
        return False
    sync_folder(path.parent)
    return True


def _create(path: Path, data: bytes) -> bool:
    """Create where nothing better is offered: never over another, but seen to grow."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    except FileExistsError:
        return False
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
    except OSError:
        path.unlink()
        raise
    sync_folder(path.parent)
    return True


def _copy_traits(path: Path, temp: Path, like: os.stat_result) -> None:
    """Copy owner, mode and extended attributes, as far as we are allowed to."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.chown(temp, like.st_uid, like.st_gid)
    temp.chmod(stat.S_IMODE(like.st_mode))
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(path):
                with suppress(OSError):  # the system's own, such as security.*
                    os.setxattr(temp, name, os.getxattr(path, name))


def _is_left(entry: Path, older_than_s: float) -> bool:
    if not _OUR_TEMP.fullmatch(entry.name):
        return False
    try:
        status = entry.lstat()
    except FileNotFoundError:
        return False
    # A displaced note is old by its text and young by its name.
    touched = max(status.st_mtime, status.st_ctime)
    return stat.S_ISREG(status.st_mode) and time.time() - touched >= older_than_s


def _error(name: str, error: OSError) -> LinkError:
    if isinstance(error, FileNotFoundError):
        return TransientError(f"{name} or its folder is not there: put it back")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return NeedsUser(f"{name} may not be written: allow it for it and its folder")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return TransientError(f"no space to write {name}: free some on its disk")
    return TransientError(
        f"{name} could not be written ({error.strerror}): check its disk"
    )
