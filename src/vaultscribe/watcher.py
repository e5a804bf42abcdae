"""Follow the inbox until stopped. Events only shorten the wait; the scan is the truth.

Events get lost on network drives, in containers and after a remount (watchdog 7.1
stays silent for ever then), so the file is looked at once a second anyway: that
costs a microsecond. The only door to watchdog.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Between two looks at the file's size, time and inode."""
FULL_S = 60.0
"""Between two scans of an unchanged file."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at.

    Args:
        vault: its folder; changes in hidden folders are not told.
        inbox: the note in it.
        changed: is told which file may have changed, from another thread.
    """

    vault: Path
    inbox: Path
    changed: Callable[[Path], None] = lambda _: None


def follow(
    watched: Watched,
    scan: Callable[[], int],
    stop: threading.Event,
    wake: threading.Event,
) -> None:
    """Call *scan* whenever there may be something to do, until *stop* is set.

    Args:
        watched: the vault and its inbox.
        scan: returns how many links still wait; then it is called again soon.
        stop: ends the loop; set *wake* with it.
        wake: somebody knows of something to do.
    """
    file = watched.inbox
    with _events(watched, wake):
        seen, scanned_s, waiting = None, float("-inf"), 0
        while not stop.is_set():
            woken = wake.is_set()
            wake.clear()
            signature, now_s = _signature(file), time.monotonic()
            due = waiting or woken or now_s - scanned_s >= FULL_S
            if signature != seen or due:
                waiting = scan()
                seen, scanned_s = signature, now_s
            wake.wait(LOOK_S)


def _signature(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


@contextmanager
def _events(watched: Watched, wake: threading.Event) -> Iterator[None]:
    """Pass on what the system tells of changes; set *wake* when the inbox changes."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            # Reading the file makes events too; an editor that renames its draft
            # over the note shows up only as the destination of a move.
            if event.event_type not in _CHANGES:
                return
            for path in filter(
                None, map(os.fsdecode, (event.src_path, event.dest_path))
            ):
                watched.changed(Path(path))
                if path == str(watched.inbox):
                    wake.set()

    # It calls its own stopping an error.
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    handler = Handler()
    try:
        folders = list(_folders(watched))
    except OSError:
        folders = []
    observer = _started(Observer(), handler, folders) or _started(
        Observer(), handler, [(watched.inbox.parent, False)]
    )
    try:
        yield
    finally:
        if observer:
            observer.stop()
            observer.join(timeout=5)


def _started(observer: Any, handler: Any, folders: list[tuple[Path, bool]]) -> Any:
    """Start *observer*; None where it cannot: there may be too many folders."""
    try:
        for folder, is_deep in folders:
            observer.schedule(handler, str(folder), recursive=is_deep)
        observer.start()
    except OSError as error:
        log.warning("fewer file events here (%s): looking by the clock instead", error)
        observer.unschedule_all()
        return None
    return observer if folders else None


def _folders(watched: Watched) -> Iterator[tuple[Path, bool]]:
    """List what is to be watched, and whether with all that is below.

    Not the hidden folders, in which git or Obsidian rummage, nor what a link leads to:
    that may be the whole disk. A folder that comes later is found by the index, which
    looks by itself.
    """
    tops = {watched.vault, watched.inbox.parent}
    yield from ((folder, False) for folder in sorted(tops) if folder.is_dir())
    for each in sorted(watched.vault.iterdir()):
        is_hidden = each.name.startswith(".")
        if each.is_dir() and not is_hidden and not each.is_symlink():
            yield each, True


_CHANGES = {"created", "modified", "moved", "deleted"}
