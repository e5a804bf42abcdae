"""Reads notes for the index: a few here, many on all processors."""

import logging
import os
import re
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from vaultscribe.adapters.vault.store import Entry, Row, Stamp, row
from vaultscribe.core.reading import Reading, read_note
from vaultscribe.core.related import Facts

log = logging.getLogger(__name__)

MAX_BYTES = 2 * 1024 * 1024
"""Of a note that are read."""

MANY = 2000
"""Notes from which on it pays to start further processes (some 0.3 s each)."""

BATCH = 250
"""Notes that are read and kept at a time."""

AHEAD = 3
"""Batches that each of the processes is given before it has given any back."""

Found = tuple[str, str, Stamp]
"""A note that is to be read: its folder, its name, how it looks."""


def read_all(vault: str, found: Sequence[Found]) -> Generator[list[Row]]:
    """Read notes of *vault*; those that cannot be read now are left out."""
    batches = deque(found[at : at + BATCH] for at in range(0, len(found), BATCH))
    helpers = min(os.cpu_count() or 1, 8) - 1  # this process reads, too
    if len(found) >= MANY and helpers:
        try:
            with _processes(helpers) as pool:
                yield from _shared(pool, AHEAD * helpers, vault, batches)
        except (OSError, BrokenProcessPool) as error:
            log.info("reading the vault in one process only: %s", error)
    while batches:
        yield _read(vault, batches.popleft())


def _shared(
    pool: Executor, room: int, vault: str, batches: deque[Sequence[Found]]
) -> Iterator[list[Row]]:
    """Let the processes read from one end and read here from the other.

    They need a while to start. What they did not give back is put back at the end.
    """
    under_way: deque[tuple[Future[list[Row]], Sequence[Found]]] = deque()
    try:
        while batches or under_way:
            # No more at a time: cancelled ones trip a pool that breaks (Python 3.11).
            while batches and len(under_way) < room:
                under_way.append((pool.submit(_read, vault, batches[0]), batches[0]))
                batches.popleft()
            if under_way[0][0].done():
                rows = under_way[0][0].result()
                under_way.popleft()
                yield rows
            elif batches:
                yield _read(vault, batches.pop())
            else:
                wait([under_way[0][0]])
    finally:
        batches.extend(batch for _, batch in under_way)


def entry_of(path: str, data: bytes) -> Entry:
    """Read what the index keeps of a note."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    reading = read_note(text)
    properties = reading.properties
    if not properties and text.startswith("---"):
        properties = dict(_BROKEN.findall(text[:_BLOCK_CHARS]))
    identity = properties.get("id")
    if not isinstance(identity, str) or _OURS.isdisjoint(properties):
        links = (each.rpartition("/")[2].removesuffix(".md") for each in reading.links)
        named = dict.fromkeys((*_named(reading), *links))
        facts = Facts(tags=reading.tags, named=tuple(named))
        titles = _names(
            [properties.get("title")]
        )  # people look for pages by these, too
        return Entry(path, aliases=(*reading.aliases, *titles), facts=facts)
    # Ours link to notes that are related, not to what they are about.
    return Entry(
        path,
        id=identity,
        timestamp=str(properties.get("timestamp") or ""),
        url=str(properties.get("url") or ""),
        aliases=reading.aliases,
        facts=Facts(
            tags=reading.tags,
            named=tuple(dict.fromkeys(_named(reading))),
            channel="".join(_names([properties.get("channel")])[-1:]),
            series="".join(_names([properties.get("series")])[-1:]),
        ),
    )


def _processes(count: int) -> Executor:
    # Forked children would share our locks and threads.
    return ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_help,
    )


def _help() -> None:
    """Begin as a process that helps: Ctrl-C is its parent's business, not its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End with a parent that was killed; the queue between us would not tell."""
    if parent := parent_process():
        parent.join()
    os._exit(1)


def _read(vault: str, found: Iterable[Found]) -> list[Row]:
    rows = []
    for folder, name, stamp in found:
        path = f"{folder}/{name}".lstrip("/")
        try:
            data = _head(f"{vault}/{path}", min(stamp[1], MAX_BYTES))
        except OSError:  # nobody may read it now
            continue
        rows.append(row(folder, name, stamp, entry_of(path, data)))
    return rows


def _head(path: str, size: int) -> bytes:
    # A third of the time of `Path.open`; there are a hundred thousand of them.
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(fd, size)
    finally:
        os.close(fd)


def _named(reading: Reading) -> Iterator[str]:
    for key in ("people", "concepts"):
        value = reading.properties.get(key)
        yield from _names(value if isinstance(value, list) else [value])


def _names(values: Iterable[object]) -> list[str]:
    """List what text properties name; a link names its page and what it shows."""
    names = []
    for value in values:
        if not isinstance(value, str):
            continue
        link = _LINK.fullmatch(value.strip()) if "[[" in value else None
        shown = [link[1].rpartition("/")[2], link[2]] if link else [value.strip()]
        names += [name for name in shown if name]
    return names


_LINK = re.compile(r"\[\[([^\[\]|#]+)(?:#[^\[\]|]*)?(?:\|([^\[\]]*))?\]\]")

_OURS = {"timestamp", "transcript"}
"""A note with an id and one of these is taken for ours."""

_BLOCK_CHARS = 64 * 1024
_BROKEN = re.compile(
    r"""^(id|timestamp|transcript): ["']?(.+?)["']?\r?$""", re.MULTILINE
)
"""What must be known of a note whose properties the user has broken, or it would be
made a second time."""
