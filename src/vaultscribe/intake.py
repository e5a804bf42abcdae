"""Which links of the inbox are taken now. The inbox itself is the queue.

A link is taken when its line has stood unchanged for a while (Obsidian saves
half-typed links), while few jobs run; the others keep their turn in the note, so a
line deleted while it waits is simply not there any more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from vaultscribe.core.inbox import Request, requests
from vaultscribe.core.model import Link
from vaultscribe.core.tags import unique

SETTLE_S = 5.0
"""How long a line has to stand unchanged, in seconds."""

AT_ONCE = 4
"""Jobs that run side by side; links beyond that wait in the inbox."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the intake needs of the others.

    Args:
        read: returns the text of the inbox and its age since the last change, in
            seconds.
        live: the addresses that have a job or wait for another's.
        busy: how many jobs are at work, not counting those that wait for later.
        is_ours: says whether `→ [[name]]` behind an address is an arrow of ours.
        take: persists a link as a job and begins it.
    """

    read: Callable[[], tuple[str, float]]
    live: Callable[[], frozenset[str]]
    busy: Callable[[], int]
    is_ours: Callable[[str, str], bool]
    take: Callable[[Link], None]


class Intake:
    """Remembers since when each line has stood."""

    def __init__(
        self, ports: Ports, settle_s: float = SETTLE_S, at_once: int = AT_ONCE
    ) -> None:
        self._ports = ports
        self._settle_s = settle_s
        self._at_once = at_once
        self._since: dict[tuple[str, str], float] = {}
        self._read: tuple[str, tuple[Request, ...]] = ("", ())

    def scan(self, now_s: float) -> int:
        """Take what can be taken; return how many links still wait their turn.

        Args:
            now_s: a clock that never goes back.
        """
        # Asked before the note is read: a job that ends in between has ticked the
        # line that we then read, and is not taken for one that never ran.
        live = self._ports.live()
        text, age_s = self._ports.read()
        open_ = self._open(text)
        stood_since = now_s - max(age_s, 0.0)
        self._since = {key: self._since.get(key, stood_since) for key in open_}
        free = self._at_once - self._ports.busy()
        waiting = 0
        for key, link in open_.items():
            if link.address in live:
                continue
            stood = now_s - self._since[key] >= self._settle_s
            if stood and free > 0:
                self._ports.take(link)
                live |= {link.address}
                free -= 1
            else:
                waiting += 1
        return waiting

    def _open(self, text: str) -> dict[tuple[str, str], Link]:
        """List what is open, by line and address; its tags are of all its lines."""
        if text != self._read[0]:
            self._read = text, requests(text)
        found = [
            (request.line, link)
            for request in self._read[1]
            for link in request.open()
            if not link.again or self._is_redo(request)
        ]
        tags: dict[str, tuple[str, ...]] = {}
        for _, link in found:
            tags[link.address] = unique((*tags.get(link.address, ()), *link.tags))
        return {
            (line, link.address): replace(link, tags=tags[link.address])
            for line, link in found
        }

    def _is_redo(self, request: Request) -> bool:
        """Tell our arrows from a `→ [[…]]` that the user wrote or changed."""
        pairs = zip(request.arrows, request.links, strict=True)
        return all(
            self._ports.is_ours(arrow.text[2:-2], link.address)
            for arrow, link in pairs
            if arrow
        )
