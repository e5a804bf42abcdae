"""The journey of one link, from a line in the inbox to a note in the vault.

Read this first. The outside world is handed in as ports (`World`); `step` runs one
of their functions once, remembers its result, and tries again later what may work
later. Between two steps only `core` runs: after a crash the journey is walked again
over the remembered results.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec, Protocol, TypeVar

from vaultscribe.core.errors import NeedsUser, PermanentError, TransientError
from vaultscribe.core.excerpts import excerpts
from vaultscribe.core.model import (
    Link,
    Media,
    Note,
    Record,
    Summary,
    Transcript,
    Work,
)

Outcome = Literal["done", "failed", "cancelled", "following"]
"""How a journey ended; `following`: another line's journey makes the same note."""

P = ParamSpec("P")
T = TypeVar("T")


async def process_link(link: Link, world: "World", step: "Step") -> Outcome:
    """Bring one *link* of the inbox to its end: a note, or a word why there is none."""
    if not await step(world.inbox.start, link):
        return "cancelled"  # its line was deleted while it waited

    try:
        note = await _find_or_make(link, world, step)
    except (PermanentError, NeedsUser) as error:
        for each in await step(world.claims.settle, link):
            if each.asks_like(link):  # others may fare better: they are taken again
                await step(world.inbox.report, each, str(error))
        return "failed"

    if note is None:
        return "following"
    for each in await step(world.claims.settle, link):
        tags = await step(world.inbox.tick, each, note)
        await step(world.vault.add_tags, note, tags)
    return "done"


async def _find_or_make(link: Link, world: "World", step: "Step") -> Note | None:
    work = await step(world.media.identify, link)
    if not await step(world.claims.claim, work, link):
        return None  # another line is on it and will tick this one
    known = await step(world.vault.find, work)
    if known and not link.again:
        return known

    media = await step(world.media.describe, work, link)
    transcript = await step(world.media.captions, media, link)
    if transcript is None:
        transcript = await step(world.speech.transcribe, media, link)
    summary = await _summarise(media, transcript, link, world, step)
    record = await step(world.vault.compose, link, media, transcript, summary)
    return await step(world.vault.put, record)


async def _summarise(
    media: Media, transcript: Transcript, link: Link, world: "World", step: "Step"
) -> Summary:
    # Asked even when there is none: the steps must not hang on the configuration,
    # which may change between a crash and the walk over what was remembered.
    try:
        summary = await step(world.llm.summarise, media, transcript, link)
    except (TransientError, PermanentError, NeedsUser) as error:
        return excerpts(transcript, media, str(error))
    return summary or excerpts(transcript, media, "")


class Step(Protocol):
    """Run a port's function once and remember its result.

    A `TransientError` is tried again later, after a crash too, until the port's
    patience ends; then it is raised here as what it becomes: a `TransientError` for
    `summarise` (there are excerpts), a `PermanentError` for all else.
    """

    async def __call__(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


class Inbox(Protocol):
    def start(self, link: Link) -> bool:
        """Mark its lines ⏳; False when there are none any more."""
        ...

    def tick(self, link: Link, note: Note) -> tuple[str, ...]:
        """Tick its lines; return its tags and those that stand there by now."""
        ...

    def report(self, link: Link, message: str) -> None: ...


class Claims(Protocol):
    def claim(self, work: Work, link: Link) -> bool:
        """Say whether *link* is the one to make this work's note.

        If not, it is remembered as a follower of the one that is.
        """
        ...

    def settle(self, link: Link) -> tuple[Link, ...]:
        """End the claim of *link*; return it and its followers."""
        ...


class MediaSource(Protocol):
    def identify(self, link: Link) -> Work: ...

    def describe(self, work: Work, link: Link) -> Media: ...

    def captions(self, media: Media, link: Link) -> Transcript | None:
        """Return the words that the source offers, None without any."""
        ...


class Speech(Protocol):
    def transcribe(self, media: Media, link: Link) -> Transcript: ...


class Summariser(Protocol):
    def summarise(
        self, media: Media, transcript: Transcript, link: Link
    ) -> Summary | None:
        """Return None when no server is configured."""
        ...


class Vault(Protocol):
    def find(self, work: Work) -> Note | None: ...

    def compose(
        self, link: Link, media: Media, transcript: Transcript, summary: Summary
    ) -> Record: ...

    def put(self, record: Record) -> Note:
        """Publish the note of *record*; doing it twice gives one note."""
        ...

    def add_tags(self, note: Note, tags: tuple[str, ...]) -> None: ...


@dataclass(frozen=True, slots=True)
class World:
    """The ports of a journey."""

    inbox: Inbox
    claims: Claims
    media: MediaSource
    speech: Speech
    llm: Summariser
    vault: Vault
