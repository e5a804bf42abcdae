"""Follow the inbox until stopped. Events only shorten the wait; the scan is the truth.

Events get lost on network drives, in containers and after a remount (watchdog 7.1
stays silent for ever then), so the file is looked at once a second anyway: that
costs a microsecond. The only door to watchdog.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Between two looks at the file's size, time and inode."""
FULL_S = 60.0
"""Between two scans of an unchanged file."""


def follow(
    file: Path,
    scan: Callable[[], int],
    stop: threading.Event,
    wake: threading.Event,
) -> None:
    """Call *scan* whenever there may be something to do, until *stop* is set.

    Args:
        file: the inbox.
        scan: returns how many links still wait; then it is called again soon.
        stop: ends the loop; set *wake* with it.
        wake: somebody knows of something to do.
    """
    with _events(file, wake):
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
def _events(file: Path, wake: threading.Event) -> Iterator[None]:
    """Set *wake* when the file changes, where the system can tell us."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            # Reading the file makes events too; an editor that renames its draft
            # over the note shows up only as the destination of a move.
            paths = {event.src_path, event.dest_path}
            if event.event_type in _CHANGES and str(file) in map(str, paths):
                wake.set()

    # It calls its own stopping an error.
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    observer: Any = Observer()
    observer.schedule(Handler(), str(file.parent))
    try:
        observer.start()
    except OSError as error:
        log.warning("no file events here (%s): looking once a second instead", error)
        yield
        return
    try:
        yield
    finally:
        observer.stop()
        observer.join(timeout=5)


_CHANGES = {"created", "modified", "moved", "deleted"}
