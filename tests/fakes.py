"""The ports' stand-ins: they keep what they were told, and fail when asked to."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar, get_type_hints

from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import LinkError
from vaultscribe.core.model import (
    Link,
    Media,
    Note,
    Record,
    Segment,
    Summary,
    Transcript,
    Work,
)
from vaultscribe.pipeline import World

P = ParamSpec("P")
T = TypeVar("T")

WORK = Work("youtube:jNQXAC9IVRw", "https://www.youtube.com/watch?v=jNQXAC9IVRw")
MEDIA = Media(WORK, "Me at the zoo", duration_s=19.0)
TRANSCRIPT = Transcript(
    "captions",
    "en",
    (Segment(0.0, 9.0, "Here we are."), Segment(9.0, 19.0, "They have trunks.")),
)
SUMMARY = Summary("a-model", "en", core="Elephants have long trunks.")
LINK = Link("https://youtu.be/jNQXAC9IVRw", tags=("zoo",))


async def plain(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """A step without an engine; its result goes through JSON all the same."""
    kind: type[T] = get_type_hints(function)["return"]
    return decode(encode(function(*args, **kwargs), kind), kind)


@dataclass
class Failing:
    """Raises the errors of *errors*, one a call, by the function's name."""

    errors: dict[str, list[LinkError]] = field(
        default_factory=lambda: defaultdict(list)
    )
    calls: list[str] = field(default_factory=list)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.errors[name]:
            raise self.errors[name].pop(0)


@dataclass
class FakeInbox(Failing):
    lines: dict[str, str] = field(default_factory=dict)

    def start(self, link: Link) -> bool:
        self._called("start")
        if link.address not in self.lines:
            return False
        self.lines[link.address] = "⏳"
        return True

    def tick(self, link: Link, note: Note) -> tuple[str, ...]:
        self._called("tick")
        self.lines[link.address] = f"[[{note.name}]]"
        return link.tags

    def report(self, link: Link, message: str) -> None:
        self._called("report")
        self.lines[link.address] = f"❌ {message}"


@dataclass
class FakeClaims(Failing):
    owners: dict[str, Link] = field(default_factory=dict)
    followers: list[Link] = field(default_factory=list)

    def claim(self, work: Work, link: Link) -> bool:
        self._called("claim")
        owner = self.owners.setdefault(work.id, link)
        if owner != link:
            self.followers.append(link)
        return owner == link

    def settle(self, link: Link) -> tuple[Link, ...]:
        self._called("settle")
        return (link, *self.followers)


@dataclass
class FakeMedia(Failing):
    transcript: Transcript | None = TRANSCRIPT

    def identify(self, link: Link) -> Work:
        self._called("identify")
        return WORK

    def describe(self, work: Work, link: Link) -> Media:
        self._called("describe")
        return MEDIA

    def captions(self, media: Media, link: Link) -> Transcript | None:
        self._called("captions")
        return self.transcript if link.captions else None


class FakeSpeech(Failing):
    def transcribe(self, media: Media, link: Link) -> Transcript:
        self._called("transcribe")
        return TRANSCRIPT


@dataclass
class FakeLlm(Failing):
    summary: Summary | None = SUMMARY

    def summarise(
        self, media: Media, transcript: Transcript, link: Link
    ) -> Summary | None:
        self._called("summarise")
        return self.summary


@dataclass
class FakeVault(Failing):
    notes: dict[str, Record] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)

    def find(self, work: Work) -> Note | None:
        self._called("find")
        return Note("Known", "Videos/Known.md") if work.id in self.notes else None

    def compose(
        self, link: Link, media: Media, transcript: Transcript, summary: Summary
    ) -> Record:
        self._called("compose")
        stamp = "2026-01-02T03:04:05"
        return Record(media, link.address, stamp, transcript, summary, link.tags)

    def put(self, record: Record) -> Note:
        self._called("put")
        self.notes[record.media.work.id] = record
        return Note("Me at the zoo", "Videos/Me at the zoo.md")

    def add_tags(self, note: Note, tags: tuple[str, ...]) -> None:
        self._called("add_tags")
        self.tags += tags


@dataclass
class FakeWorld:
    """All ports at once; `world` is what the journey gets."""

    inbox: FakeInbox = field(default_factory=FakeInbox)
    claims: FakeClaims = field(default_factory=FakeClaims)
    media: FakeMedia = field(default_factory=FakeMedia)
    speech: FakeSpeech = field(default_factory=FakeSpeech)
    llm: FakeLlm = field(default_factory=FakeLlm)
    vault: FakeVault = field(default_factory=FakeVault)

    @property
    def world(self) -> World:
        return World(
            self.inbox, self.claims, self.media, self.speech, self.llm, self.vault
        )


@dataclass
class FakeJournal:
    """Keeps what the engine tells; `over` is set when a job has ended."""

    stages: list[str] = field(default_factory=list)
    waited: list[tuple[float, str]] = field(default_factory=list)
    endings: list[tuple[str, str | None, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    def stage(self, link: Link, stage: str) -> None:
        self.stages.append(stage)

    def waits(self, link: Link, seconds: float, why: str) -> None:
        self.waited.append((seconds, why))
        self.waiting.set()

    def ended(self, link: Link, outcome: str | None, why: str) -> None:
        self.endings.append((link.address, outcome, why))

    def left(self) -> None:
        self.over.set()
