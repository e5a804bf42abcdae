"""The words of the field as data: link, media, segment, transcript, summary, record.

All of it is frozen and JSON-able (see `core/codec.py`), because every value may
be remembered by the job database or kept in a record file. Times are seconds
from the start of the recording.
"""

from dataclasses import dataclass
from typing import Literal

Origin = Literal["captions", "platform-ai", "whisperx", "none"]
"""Where a transcript came from; the note says it as `transcript:`."""

Shape = Literal["step", "turn", "outcome"]
"""What a node of the concept map is; its outline tells it without colour."""


@dataclass(frozen=True, slots=True)
class Link:
    """One request of the inbox.

    Args:
        address: the link exactly as it is written there.
        tags: the line's `#tags`, without `#`.
        focus: the words after the link: what the summary should look at.
        language: `lang:`, a code such as `zh`; empty when not given.
        speakers: `speakers:`; 0 when not given.
        captions: False after `captions:no`.
        all_parts: True after `parts:all`.
        again: the note exists and the user asks for it to be made anew.
    """

    address: str
    tags: tuple[str, ...] = ()
    focus: str = ""
    language: str = ""
    speakers: int = 0
    captions: bool = True
    all_parts: bool = False
    again: bool = False

    def asks_like(self, other: "Link") -> bool:
        """Say whether both ask for the same to be done, whatever their addresses."""
        return (self.language, self.speakers, self.captions, self.all_parts) == (
            other.language,
            other.speakers,
            other.captions,
            other.all_parts,
        )


@dataclass(frozen=True, slots=True)
class Work:
    """What an address points to, known before anything is read.

    Args:
        id: one per work, `site:key`, such as `bilibili:115596091988925_part1`.
        url: the canonical address.
    """

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Track:
    """One captions track on offer.

    Args:
        origin: `captions` made by people, or `platform-ai`.
        language: as the site names it, such as `zh-CN`.
        format: `json3`, `vtt` or `srt`.
        url: where it lies; empty when *text* holds it already.
        text: the track itself, when the site sent it along.
    """

    origin: Origin
    language: str
    format: str
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    start_s: float
    title: str


@dataclass(frozen=True, slots=True)
class Media:
    """What the source says about itself.

    Args:
        work: its identity.
        duration_s: None when the source does not say.
        published: the day, `2025-11-20`; empty when unknown.
        language: as spoken, if the source says so; else empty.
        tags: the source's own.
        tracks: best first; only those worth reading.
        series: the playlist, show or many-part work that this belongs to, by name.
        cover: address of a picture, or empty.
    """

    work: Work
    title: str
    duration_s: float | None = None
    channel: str = ""
    published: str = ""
    language: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    tracks: tuple[Track, ...] = ()
    series: str = ""
    cover: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said, in order of time; *language* is `zh`, `en`, … or empty."""

    origin: Origin
    language: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A statement with the moment at which the source makes it."""

    text: str
    moment_s: float


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the argument: what it is about, and where it begins."""

    title: str
    text: str
    moment_s: float


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the concept map; *id* is unique in its diagram."""

    id: int
    label: str
    shape: Shape = "step"


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between two nodes, by their ids, with a word on it or none."""

    source: int
    target: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What the note says about the transcript.

    Args:
        author: the model's name, or `excerpts`.
        language: of its words: `zh` or `en`.
        core: the gist, one paragraph; empty for excerpts.
        view: the one sentence to remember; empty for excerpts.
        points: with moments, in order of time.
        sections: the frame of the argument, in order of time.
        tags: proposed by the model, not yet checked against the vault.
        people: named in the source.
        concepts: terms that the source explains, works with or argues about.
        reason: why a configured model gave none, in one sentence; else empty.
    """

    author: str
    language: str
    core: str = ""
    view: str = ""
    points: tuple[Point, ...] = ()
    sections: tuple[Section, ...] = ()
    diagram: Diagram = Diagram()
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    reason: str = ""
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Another note that belongs with this one, and what both have in common.

    Args:
        name: what stands between `[[` and `]]`.
        shared: tags.
        named: people and concepts that both name.
        channel: the one that both come from, or empty.
        series: the one that both belong to, or empty.
        id: of its work, when it is one of ours: it outlives the name.
        gave_way: how many of its links gave way to what the user wrote.
    """

    name: str
    shared: tuple[str, ...]
    named: tuple[str, ...] = ()
    channel: str = ""
    series: str = ""
    id: str = ""
    gave_way: int = 0


@dataclass(frozen=True, slots=True)
class Linked:
    """A name in the note that is shown as a link, such as a person's.

    Args:
        name: as the source gives it.
        target: what stands between `[[` and `]]`, or before its `|`.
    """

    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything learnt about a link; the note is rendered from it.

    Args:
        media: without its tracks; their words are in *transcript*.
        address: the link as first dropped.
        timestamp: local time of the first note, `2025-11-24T07:45:14`.
        tags: of the note, valid and in order.
        insisted: those that the user wrote behind the link although they are banned.
        related: other notes, nearest first.
        linked: people, concepts and channels that have a page, or deserve one.
        unlinked: what the user has taken out of *related*: the ids of our notes, the
            names of other ones.
        cover: the picture's file, relative to the vault; empty without one.
        base: SHA-256 of the text last rendered, in hexadecimal; empty before.
        former: titles that the work had before.
        kept: lines of ours that gave way to what the user wrote in their place.
        version: of this format.
    """

    media: Media
    address: str
    timestamp: str
    transcript: Transcript
    summary: Summary
    tags: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    focus: str = ""
    linked: tuple[Linked, ...] = ()
    unlinked: tuple[str, ...] = ()
    cover: str = ""
    base: str = ""
    former: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    insisted: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Note:
    """A note in the vault.

    Args:
        name: what stands between `[[` and `]]`.
        path: relative to the vault, with `/`.
    """

    name: str
    path: str
