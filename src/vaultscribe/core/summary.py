"""From a checked reply to a summary: every statement gets a moment that exists."""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Literal, TypedDict, TypeVar

from vaultscribe.core.model import (
    Diagram,
    Edge,
    Node,
    Point,
    Section,
    Shape,
    Summary,
    Transcript,
)
from vaultscribe.core.neutralise import one_line

T = TypeVar("T")

POINTS_LIMIT = 20
SECTIONS_LIMIT = 12
NODES_LIMIT = 15
EDGES_LIMIT = 30
TAGS_LIMIT = 8
PEOPLE_LIMIT = 12
CONCEPTS_LIMIT = 12

_SHAPES: dict[str, Shape] = {"step": "step", "turn": "turn", "outcome": "outcome"}

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_OTHER_LETTER = re.compile("[^\\W\\d_\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

_CITED = re.compile(
    r"\s?[(（\[【]\s*S\d{1,6}(?:\s?[-–~,，、;；]\s?S?\d{1,6}){0,20}\s?[)）\]】]"
)
"""Segment numbers that the model wrote into its words, such as `[S12, S14]`."""

_LIKE_CITED = re.compile(r"\bS\d{1,6}\b", re.IGNORECASE)
"""A name that looks like one, such as the storage service S3."""

_CHATTER = re.compile(
    r"""
      (?:好的|当然(?:可以)?|没问题)
        (?: [，,！!。：:\s]*$
          | [，,！!。\s]+(?:以下|下面|这里?是|根据|按照|我[将会来已]|为[您你]) )
    | (?:以下|下面)(?:就?是|为).{0,24}?
        (?:摘要|总结|概括|概述|提炼|笔记|要点|JSON).{0,6}$
    | 这里?是(?:根据|按照|为)[您你]
    | 这里?是(?:一份|一个)?(?:对|关于)?(?:该|本|这段|这个)?
        (?:视频|文本|字幕|录音|音频)的.{0,8}(?:摘要|总结|概括|概述|笔记|要点).{0,6}$
    | (?:根据|按照|应)[您你]的(?:要求|请求|指示|需要)
    | 作为(?:一[个名款])?(?:AI|人工智能|大?语言模型)
    | (?:sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok|great|no\ problem)
        (?: [,.!:\s]*$
          | [,.!\s]+(?:here|below|this\ is|the\ following|i\ will|i'll|i've|i\ have
            |let\ me) )
    | (?:here(?:'s|’s|\ is|\ are)|below\ (?:is|are)|the\ following\ (?:is|are))
        (?:\ [\w-]+){0,4}?
        \ (?:summary|summaries|overview|gist|notes?|json|outline|core\ ideas?)\b
    | this\ is\ (?:a|the|your)(?:\ [\w-]+)?\ (?:summary|overview|outline)\ of
        \ (?:the|this|your)\ (?:video|transcript|recording|text|talk|audio)\b
    | as\ an\ (?:ai|artificial\ intelligence|language\ model|llm)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A first sentence about the task instead of the matter."""

_SENTENCE_END = re.compile(r"[。！？!?：:\n]+[\s”\"』」*]*|\.(?:\s+|$)")


class Statement(TypedDict):
    """A sentence and the number of the segment that says it; -1 when none is named."""

    text: str
    segment: int


class Part(TypedDict):
    """A part of the argument and the number of the segment at which it begins."""

    title: str
    text: str
    segment: int


class Box(TypedDict):
    id: str
    label: str
    shape: str


class Arrow(TypedDict):
    source: str
    target: str
    word: str


class Reply(TypedDict):
    """What a model answered, checked for its form but not yet for its truth."""

    points: list[Statement]
    sections: list[Part]
    core: str
    view: str
    nodes: list[Box]
    edges: list[Arrow]
    tags: list[str]
    people: list[str]
    concepts: list[str]


def from_reply(
    reply: Reply, transcript: Transcript, author: str, language: str
) -> Summary:
    """Turn *reply* into a summary of *transcript*.

    A point or section that cites a segment which does not exist, or which has no
    words, is dropped. The rest is in order of time, without repeats, and bounded.

    Args:
        reply: segments by their place in the transcript, from 0.
        transcript: what was summarised.
        author: the model's name.
        language: of the reply's words, `zh` or `en`.

    Raises:
        ValueError: nothing is left that carries a moment.
    """
    moments = {
        number: segment.start_s
        for number, segment in enumerate(transcript.segments)
        if segment.text.strip()
    }
    clean = _cleaner(transcript)
    points = _points(reply["points"], moments, clean)
    sections = _sections(reply["sections"], moments, clean)
    if not points and not sections:
        raise ValueError("it cites no moment of the recording")
    return Summary(
        author=author,
        language=language,
        core=clean(without_chatter(reply["core"])),
        view=clean(without_chatter(reply["view"])),
        points=points,
        sections=sections,
        diagram=_diagram(reply["nodes"], reply["edges"]),
        tags=_named(reply["tags"], TAGS_LIMIT),
        people=_named(reply["people"], PEOPLE_LIMIT),
        concepts=_named(reply["concepts"], CONCEPTS_LIMIT),
    )


def without_chatter(text: str) -> str:
    """Remove a leading sentence such as "好的，这是根据您的要求…" or "Sure, here is …".

    At most two are removed ("Sure! Here is the summary:"); a sentence about the
    matter is kept even if it begins with such a word.
    """
    text = text.lstrip(" \n*#-")
    for _ in range(2):
        end = _SENTENCE_END.search(text)
        first = text[: end.end() if end else len(text)]
        if not _CHATTER.match(first.strip(" \n*#。：:")):
            break
        text = text[len(first) :].lstrip(" \n*#-")
    return text


def language_of(transcript: Transcript, title: str = "") -> Literal["zh", "en"]:
    """Tell in which of our two languages a note about *transcript* is written.

    Chinese when at least three in ten letters, a Latin word counting as one
    letter, are Chinese; the title decides for an empty transcript. The words are
    trusted before the source's own label, which is often that of the site; only a
    label of a third language, such as `ja`, is taken as said.
    """
    label = transcript.language.lower().replace("_", "-").split("-")[0]
    if label not in {"", "zh", "yue", "cmn", "und", "en", "ai"}:
        return "en"
    text = " ".join(segment.text for segment in transcript.segments) or title
    han = len(_HAN.findall(text))
    others = len(_OTHER_LETTER.findall(text))
    return "zh" if han and han >= 0.3 * (han + others) else "en"


def clock(moment_s: float) -> str:
    """Write seconds as `02:41`, from an hour on as `1:02:41`."""
    total = int(moment_s) if math.isfinite(moment_s) and moment_s > 0 else 0
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds:02d}"
    return f"{minutes:02d}:{seconds:02d}"


def cut(text: str, limit: int) -> str:
    """Shorten *text* to at most *limit* characters, ending in … at a boundary.

    The boundary is the last blank or punctuation of the second half; without one,
    as often in Chinese, the cut is where the room ends.
    """
    if len(text) <= limit:
        return text
    room = text[: limit - 1]
    ends = [match.start() for match in re.finditer(r"[\s，。！？；：、,.!?;:]+", room)]
    if text[limit - 1].isspace():
        ends.append(limit - 1)
    if ends and ends[-1] >= limit // 2:
        room = room[: ends[-1]]
    return room.rstrip() + "…"


def _cleaner(transcript: Transcript) -> Callable[[str], str]:
    """Return what folds words to one line and takes segment numbers out of them."""
    if any(_LIKE_CITED.search(segment.text) for segment in transcript.segments):
        return one_line
    return lambda text: one_line(_CITED.sub("", text))


def _points(
    statements: Iterable[Statement],
    moments: dict[int, float],
    clean: Callable[[str], str],
) -> tuple[Point, ...]:
    points = [
        Point(text, moments[statement["segment"]])
        for statement in statements
        if statement["segment"] in moments and (text := clean(statement["text"]))
    ]
    points = list(_unique((_key(point.text), point) for point in points))
    return tuple(sorted(points[:POINTS_LIMIT], key=lambda point: point.moment_s))


def _sections(
    parts: Iterable[Part], moments: dict[int, float], clean: Callable[[str], str]
) -> tuple[Section, ...]:
    sections = [
        Section(title, clean(part["text"]), moments[part["segment"]])
        for part in parts
        if part["segment"] in moments and (title := clean(part["title"]))
    ]
    sections = list(
        _unique(((_key(part.title), _key(part.text)), part) for part in sections)
    )
    return tuple(sorted(sections[:SECTIONS_LIMIT], key=lambda part: part.moment_s))


def _diagram(boxes: Iterable[Box], arrows: Iterable[Arrow]) -> Diagram:
    """Keep what is connected, with ids 1, 2, 3, … in the model's order."""
    labelled = [(box, one_line(box["label"])) for box in boxes]
    named = _unique((box["id"], (box, label)) for box, label in labelled if label)
    kept = {box["id"]: (box, label) for box, label in list(named)[:NODES_LIMIT]}
    ends = [
        (arrow["source"], arrow["target"], one_line(arrow["word"]))
        for arrow in arrows
        if arrow["source"] in kept
        and arrow["target"] in kept
        and arrow["source"] != arrow["target"]
    ]
    ends = list(_unique((end[:2], end) for end in ends))[:EDGES_LIMIT]
    used = {name for source, target, _ in ends for name in (source, target)}
    ids = {
        name: number
        for number, name in enumerate((name for name in kept if name in used), start=1)
    }
    return Diagram(
        nodes=tuple(
            Node(ids[name], label, _SHAPES.get(box["shape"].strip().lower(), "step"))
            for name, (box, label) in kept.items()
            if name in used
        ),
        edges=tuple(
            Edge(ids[source], ids[target], word) for source, target, word in ends
        ),
    )


def _named(words: Iterable[str], limit: int) -> tuple[str, ...]:
    cleaned = [one_line(word).lstrip("#").strip() for word in words]
    return tuple(_unique((word.casefold(), word) for word in cleaned if word))[:limit]


def _key(text: str) -> str:
    """Reduce *text* to what makes it a repeat: its letters and digits."""
    return "".join(re.findall(r"[^\W_]+", text.casefold())) or text


def _unique(keyed: Iterable[tuple[Hashable, T]]) -> Iterator[T]:
    seen: set[Hashable] = set()
    for key, value in keyed:
        if key not in seen:
            seen.add(key)
            yield value
