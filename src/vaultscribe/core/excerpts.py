"""Excerpts for a note without an LLM: pointers into the recording, not a summary.

The film is cut into spans of equal time, and each gives the segment that is most
like the whole and least like what was already picked. Nothing is rewritten.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vaultscribe.core.captions import speech_language
from vaultscribe.core.model import (
    Chapter,
    Diagram,
    Edge,
    Media,
    Node,
    Point,
    Section,
    Segment,
    Summary,
    Transcript,
)
from vaultscribe.core.neutralise import one_line
from vaultscribe.core.summary import NODES_LIMIT, clock, cut, language_of

AUTHOR = "excerpts"

FEWEST, MOST = 4, 8
SPAN_S = 480
"""One more pick for every eight minutes of the recording."""

CHAPTERS_LIMIT = 30
LABEL_LIMIT = 24
"""Characters of a label of the map, Chinese ones; of Latin ones it takes twice as
many, which are as wide."""

RELEVANCE = 0.7
"""Weight of being like the whole against being unlike the other picks (MMR)."""

FULL_LENGTH = 8
"""Terms from which on a segment is long enough to stand alone."""

SHORTEST_WORD = 3
"""Letters; shorter words of Latin scripts say nothing about what a text is about."""

_CUES = re.compile(
    r"其实|最重要|关键|总之|结论|因为|所以|终于|直到|告诉你|记住|核心|本质"
    r"|\b(?:important|key|in fact|the reason|turns out|conclusion|lesson|because"
    r"|finally|remember|the point)\b",
    re.IGNORECASE,
)
"""Words with which people announce what matters to them."""

_STOP = frozenset(
    re.findall(
        r"\w+",
        "the and but for with from that this these those there here what which who "
        "when where why how you your they them their his her its our are was were "
        "been being have has had not don does did can could will would should just "
        "about into out over also one all any some more most other only such same too "
        "very than then now him she get got like know really because going yeah",
    )
)
_HAN_STOP = frozenset("的一是了在不和有就人都也我你他她它们这那个为被把让从到说没很")
"""Signs too common to say what a text is about; pairs of two of them are no term."""

_TERMS = re.compile(
    "(?P<han>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+)"
    r"|(?P<word>[^\W_]+(?:['’][^\W_]+)?)"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    segment: Segment
    terms: Counter[str]
    score: float


def excerpts(transcript: Transcript, media: Media, reason: str) -> Summary:
    """Pick segments of *transcript* that stand for it, word for word.

    Args:
        transcript: in order of time; without segments there are no points.
        media: its chapters, if any, become the sections and the concept map.
        reason: why these are excerpts and not a summary, in one sentence.
    """
    picks = _picks(transcript)
    chapters = [
        (chapter.start_s, title)
        for chapter in media.chapters[:CHAPTERS_LIMIT]
        if (title := one_line(chapter.title)) and _is_within(chapter, media)
    ]
    steps = chapters or [(pick.start_s, one_line(pick.text)) for pick in picks]
    return Summary(
        author=AUTHOR,
        language=language_of(transcript, media.title),
        points=tuple(Point(pick.text, pick.start_s) for pick in picks),
        sections=tuple(Section(title, "", start_s) for start_s, title in chapters),
        diagram=_chain(one_line(media.title) or media.work.id, steps),
        reason=reason,
    )


def _is_within(chapter: Chapter, media: Media) -> bool:
    return chapter.start_s >= 0 and (
        media.duration_s is None or chapter.start_s <= media.duration_s
    )


def _picks(transcript: Transcript) -> list[Segment]:
    candidates = _candidates(transcript.segments)
    picked: list[_Candidate] = []
    for bucket in _buckets(candidates):
        said = {pick.segment.text for pick in picked}
        fresh = [one for one in bucket if one.segment.text not in said]
        if fresh:
            picked.append(max(fresh, key=lambda one: _worth(one, picked)))
    return [pick.segment for pick in picked]


def _candidates(segments: Iterable[Segment]) -> list[_Candidate]:
    spoken = [
        (segment, Counter(_terms(segment.text)))
        for segment in segments
        if segment.text.strip()
    ]
    said_in = Counter(term for _, terms in spoken for term in terms)
    whole = Counter[str]()
    for _, terms in spoken:
        whole.update(terms)
    # A term of one segment only is a name in passing or a mistake of the captions.
    centroid = Counter({term: n for term, n in whole.items() if said_in[term] > 1})
    candidates = [
        _Candidate(segment, terms, _relevance(segment.text, terms, centroid))
        for segment, terms in spoken
    ]
    # A span of nothing but "um" gives no pick, unless the whole film is like that.
    return [one for one in candidates if one.terms] or candidates


def _relevance(text: str, terms: Counter[str], centroid: Counter[str]) -> float:
    cues = min(3, len(_CUES.findall(text)))
    length = min(1.0, terms.total() / FULL_LENGTH)
    return _cosine(terms, centroid) * (1 + 0.15 * cues) * length


def _buckets(candidates: Sequence[_Candidate]) -> list[list[_Candidate]]:
    """Cut the time from the first to the last word into spans of equal length."""
    if not candidates:
        return []
    first_s = candidates[0].segment.start_s
    length_s = max(0.0, candidates[-1].segment.start_s - first_s)
    count = max(FEWEST, min(MOST, FEWEST + int(length_s // SPAN_S)))
    buckets: list[list[_Candidate]] = [[] for _ in range(count)]
    for candidate in candidates:
        passed_s = candidate.segment.start_s - first_s
        place = int(passed_s / length_s * count) if length_s else 0
        buckets[max(0, min(count - 1, place))].append(candidate)
    return buckets


def _worth(candidate: _Candidate, picked: Iterable[_Candidate]) -> float:
    repeats = max((_cosine(candidate.terms, one.terms) for one in picked), default=0.0)
    return RELEVANCE * candidate.score - (1 - RELEVANCE) * repeats


def _terms(text: str) -> Iterable[str]:
    """Yield pairs of neighbouring signs of Chinese, and words of other scripts."""
    for match in _TERMS.finditer(text.lower()):
        if han := match["han"]:
            for left, right in pairwise(han):
                if not (left in _HAN_STOP and right in _HAN_STOP):
                    yield left + right
        elif len(word := match["word"]) >= SHORTEST_WORD and word not in _STOP:
            yield word


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    if not one or not other:
        return 0.0
    shared = sum(n * other[term] for term, n in one.items() if term in other)
    return shared / (_norm(one) * _norm(other)) if shared else 0.0


def _norm(terms: Counter[str]) -> float:
    return math.sqrt(sum(n * n for n in terms.values()))


def _chain(title: str, steps: Sequence[tuple[float, str]]) -> Diagram:
    """Draw the title and then each step in order of time, its moment on the arrow."""
    if not steps:
        return Diagram()
    steps = _thinned(sorted(steps, key=lambda step: step[0]), NODES_LIMIT - 1)
    labels = [title, *(label for _, label in steps)]
    return Diagram(
        nodes=tuple(
            Node(number, cut(label, _label_limit(label)))
            for number, label in enumerate(labels, start=1)
        ),
        edges=tuple(
            Edge(number, number + 1, clock(moment_s))
            for number, (moment_s, _) in enumerate(steps, start=1)
        ),
    )


def _label_limit(label: str) -> int:
    return LABEL_LIMIT if speech_language(label) in {"zh", "ja"} else 2 * LABEL_LIMIT


def _thinned(
    steps: Sequence[tuple[float, str]], limit: int
) -> Sequence[tuple[float, str]]:
    """Leave *limit* of *steps*, evenly spread, the first among them."""
    if len(steps) <= limit:
        return steps
    return [steps[number * len(steps) // limit] for number in range(limit)]
