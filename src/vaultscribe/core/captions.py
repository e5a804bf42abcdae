"""Captions files as segments: what is said, in order of time, once.

YouTube's own captions scroll: each cue repeats the line before it. A file from
the outside may be anything; every expression here is linear in its length.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from vaultscribe.core.errors import PermanentError
from vaultscribe.core.model import Segment
from vaultscribe.core.neutralise import one_line

MAX_SIZE = 5 * 1024 * 1024
"""Characters of one file; ten hours of speech have about one million."""

MAX_CUES = 200_000
"""Cues of one file; ten hours of speech have about 20,000."""

MAX_TIME_S = 400_000.0
"""Later cues are broken; the longest streams last some 100 hours."""

HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
KANA = r"\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d"
HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
WIDE = r"\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff1f\u2026"
"""Chinese punctuation, which brings its own space."""

NAMES = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
    "中文": "zh",
    "汉语": "zh",
    "国语": "zh",
    "國語": "zh",
    "简体": "zh",
    "繁体": "zh",
    "繁體": "zh",
    "japanese": "ja",
    "日本語": "ja",
    "korean": "ko",
    "한국어": "ko",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
}
"""Words in the labels of players that name a language."""

CODES = {
    "cmn": "zh",
    "zho": "zh",
    "chi": "zh",
    "yue": "zh",
    "eng": "en",
    "jpn": "ja",
    "kor": "ko",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
}
"""Three-letter codes as sites use them. Source: ISO 639-2 and 639-3."""

_TAG = re.compile(r"<(?:/?[A-Za-z]|[0-9])[^<>]*>|\{\\[^{}]*\}")
_TIME = re.compile(r"\s*(?:([0-9]{1,4}):)?([0-9]{1,2}):([0-9]{2})[.,]([0-9]{1,3})")
_KARAOKE = re.compile(r"<(?:[0-9]{2}:)?[0-9]{2}:[0-9]{2}\.[0-9]{3}>")
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’」』)）\]]?\Z")
_TIGHT = re.compile(f"[{HAN}{KANA}{WIDE}“”‘’…—·]")
_WIDE = re.compile(f"[{WIDE}]")

_Cue = tuple[float, float, list[str]]
"""Start and end in seconds, and the lines shown."""


def parse(text: str, kind: str) -> tuple[Segment, ...]:
    """Read a captions file of *kind* `json3`, `vtt` or `srt`.

    Repeats, tags, entities and control characters are gone; the segments are
    in order of time and do not overlap.

    Raises:
        PermanentError: it is not such a file, is too large, or nothing is said.
    """
    reader = _READERS.get(kind)
    if reader is None or len(text) > MAX_SIZE:
        raise PermanentError(f"what was sent is not a captions file ({kind[:10]})")
    segments = _tidy(reader(text))
    if not segments:
        raise PermanentError(f"what was sent is not a captions file ({kind})")
    return segments


def merge(
    segments: Iterable[Segment],
    *,
    least_s: float = 8.0,
    most_s: float = 20.0,
    most_chars: int = 120,
    pause_s: float = 2.0,
) -> tuple[Segment, ...]:
    """Join cues to segments that read well, never across a pause of *pause_s*.

    One ends at the first sentence end after *least_s*, and at the latest before
    *most_s* or *most_chars* are passed. A single cue beyond that stays whole.
    """
    merged: list[Segment] = []
    for segment in segments:
        last = merged[-1] if merged else None
        if last is None or _is_full(last, segment.start_s, least_s, pause_s):
            merged.append(segment)
            continue
        text = join(last.text, segment.text)
        if segment.end_s - last.start_s > most_s or len(text) > most_chars:
            merged.append(segment)
        else:
            merged[-1] = Segment(last.start_s, max(last.end_s, segment.end_s), text)
    return tuple(merged)


def join(left: str, right: str) -> str:
    """Put two pieces of speech together: Latin with a blank, Chinese without."""
    if not left or not right:
        return left + right
    a, b = left[-1], right[0]
    is_tight = _TIGHT.match(a) and _TIGHT.match(b)
    return left + ("" if is_tight or _WIDE.match(a) or _WIDE.match(b) else " ") + right


def speech_language(text: str) -> str:
    """Guess the language by its script: `zh`, `ja`, `ko`, `en`, or empty.

    Latin letters are taken for English: it is the one that is used here.
    """
    letters = [c for c in text[:20_000] if c.isalpha()]
    if not letters:
        return ""
    plain = "".join(letters)

    def share(script: str) -> float:
        return len(re.findall(f"[{script}]", plain)) / len(letters)

    if share(KANA) >= 0.1:  # noqa: PLR2004 - Chinese borrows の, not whole endings
        return "ja"
    shares = {"ko": share(HANGUL), "zh": share(HAN), "en": share("A-Za-z\u00c0-\u024f")}
    return next((code for code, part in shares.items() if part >= 0.3), "")  # noqa: PLR2004 - a Chinese sign weighs as much as a short word


def language_code(name: str) -> str:
    """Bring a site's name of a language to its code: `zh-CN`, `ai-zh` -> `zh`.

    Empty when *name* is not one.
    """
    text = name.strip().lower().removeprefix("ai-")
    if known := next((code for word, code in NAMES.items() if word in text), ""):
        return known
    first = re.split(r"[-_.]", text, maxsplit=1)[0]
    return first if re.fullmatch(r"[a-z]{2}", first) else CODES.get(first, "")


def _is_full(last: Segment, start_s: float, least_s: float, pause_s: float) -> bool:
    is_long = last.end_s - last.start_s >= least_s
    has_ended = _SENTENCE_END.search(last.text[-2:]) is not None
    return start_s - last.end_s >= pause_s or (is_long and has_ended)


def _json3(text: str) -> Iterator[tuple[float, float, str]]:
    """YouTube's own format. Source: its `timedtext?fmt=json3`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    events = data.get("events") if isinstance(data, dict) else None
    for event in events if isinstance(events, list) else []:
        # aAppend holds the line break of the scrolling display, no speech.
        if not isinstance(event, dict) or event.get("aAppend"):
            continue
        pieces = event.get("segs")
        words = [p.get("utf8") for p in _dicts(pieces)]
        start_s = _seconds(event.get("tStartMs", 0))
        length_s = _seconds(event.get("dDurationMs", 0))
        spoken = "".join(w for w in words if isinstance(w, str))
        yield start_s, start_s + length_s, _spoken(spoken)


def _dicts(value: object) -> Iterator[dict[str, object]]:
    yield from (
        (v for v in value if isinstance(v, dict)) if isinstance(value, list) else ()
    )


def _seconds(milliseconds: object) -> float:
    """Give seconds; -1 for what is not a time, so that the cue is dropped."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return -1.0
    is_sane = 0 <= milliseconds <= MAX_TIME_S * 1000
    return milliseconds / 1000 if is_sane else -1.0


def _lines(text: str) -> Iterator[tuple[float, float, str]]:
    """WebVTT and SubRip: cues are a line of two times, then text to a blank line."""
    cues = list(_cues(text))
    is_rolling = _KARAOKE.search(text) is not None or _repeats(cues)
    shown: list[str] = []
    for start_s, end_s, lines in cues:
        body = [line for line in map(_spoken, lines) if line]
        fresh = body[_overlap(shown, body) :] if is_rolling else body
        shown = body or shown
        yield start_s, end_s, " ".join(fresh)


def _cues(text: str) -> Iterator[_Cue]:
    cue: _Cue | None = None
    for raw in text.lstrip("\ufeff").splitlines():
        line = raw.strip()
        if times := _times(line):
            if cue:
                # SubRip numbers its cues; without a blank line the number of
                # this one stands at the end of the last one's text.
                if cue[2] and cue[2][-1].isdecimal():
                    cue[2].pop()
                yield cue
            cue = (*times, [])
        elif not line and cue and (cue[2] or not raw):
            yield cue
            cue = None
        elif cue:
            cue[2].append(raw)
    if cue:
        yield cue


def _times(line: str) -> tuple[float, float] | None:
    left, arrow, right = line[:200].partition("-->")
    start, end = _TIME.match(left), _TIME.match(right)
    if not arrow or start is None or end is None:
        return None
    return _clock(start), _clock(end)


def _clock(found: re.Match[str]) -> float:
    hours, minutes, seconds, fraction = found.groups("0")
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000


def _repeats(cues: list[_Cue]) -> bool:
    """Do most cues begin with the line on which the one before ended?"""
    pairs = [(a[2], b[2]) for a, b in pairwise(cues) if a[2] and len(b[2]) > 1]
    same = sum(a[-1].strip() == b[0].strip() for a, b in pairs)
    return len(pairs) > 1 and 2 * same > len(cues)


def _overlap(shown: list[str], body: list[str]) -> int:
    """Count the first lines of *body* that are the last lines *shown*."""
    sizes = range(min(len(shown), len(body), 4), 0, -1)
    return next((n for n in sizes if shown[-n:] == body[:n]), 0)


def _spoken(text: str) -> str:
    """Strip tags and entities; tags twice, for those written as entities."""
    bare = _TAG.sub("", text)
    try:
        bare = html.unescape(bare)
    except ValueError:  # an entity of thousands of digits
        bare = bare.replace("&#", "")
    return one_line(_TAG.sub("", bare).replace("\u200b", ""))


def _tidy(cues: Iterable[tuple[float, float, str]]) -> tuple[Segment, ...]:
    """Sort by time, drop broken cues, join repeats that touch, end overlaps."""
    said = [c for c in cues if c[2] and 0 <= c[0] <= MAX_TIME_S]
    if len(said) > MAX_CUES:
        raise PermanentError(f"what was sent has over {MAX_CUES} captions")
    tidy: list[Segment] = []
    for start_s, until_s, text in sorted(said, key=lambda cue: cue[0]):
        end_s = min(max(start_s, until_s), MAX_TIME_S)
        last = tidy[-1] if tidy else None
        if last and text == last.text and start_s - last.end_s <= 0.1:  # noqa: PLR2004 - a blink
            tidy[-1] = Segment(last.start_s, max(end_s, last.end_s), text)
            continue
        if last and last.end_s > start_s:
            tidy[-1] = Segment(last.start_s, start_s, last.text)
        tidy.append(Segment(start_s, end_s, text))
    return tuple(tidy)


_READERS: dict[str, Callable[[str], Iterator[tuple[float, float, str]]]] = {
    "json3": _json3,
    "vtt": _lines,
    "srt": _lines,
}
