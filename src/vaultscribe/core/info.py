"""yt-dlp's word on a work, its info dict, as `Media`.

The dict repeats what a site said: any value may be missing, of another type, or
made to harm. What is kept is bounded, on one line, and free of control characters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from vaultscribe.core.captions import MAX_SIZE, language_code, speech_language
from vaultscribe.core.model import Chapter, Media, Origin, Track, Work
from vaultscribe.core.neutralise import clean, one_line

Info = Mapping[str, Any]
"""Keys: yt-dlp, extractor/common.py, docstring of InfoExtractor."""

MAX_TITLE, MAX_DESCRIPTION, MAX_TAGS, MAX_CHAPTERS, MAX_TRACKS = 300, 20_000, 30, 300, 4
COVER_PX, MAX_ADDRESS = 480, 2000
"""A cover's width, in pixels, from which on more is of no use; its address's length."""

MAX_DURATION_S = 400_000.0
"""Longer ones are broken; the longest streams last some 100 hours."""

CHATTER = ("live_chat", "danmaku", "comments", "rechat")
"""Captions by name only: what viewers wrote."""

FORMATS = ("json3", "vtt", "srt")
"""Those that `captions.parse` reads, best first."""


def media(work: Work, info: Info, language: str = "") -> Media:
    """Read *info*, with the captions in *language*, or as spoken, first."""
    title = _title(work, info)
    spoken = language_code(_text(info, "language", 20))
    return Media(
        work,
        title,
        duration_s=_seconds(info.get("duration"), least=0.001),
        channel=_text(info, "channel") or _text(info, "uploader"),
        published=_day(info),
        language=spoken,
        description=_description(info),
        tags=_tags(info),
        chapters=tuple(_chapters(info)),
        tracks=tracks(info, language_code(language) or spoken, title),
        series=_series(info),
        cover=_cover(info),
    )


def tracks(info: Info, wanted: str, title: str) -> tuple[Track, ...]:
    """List the captions worth reading, best first.

    First those in the language *wanted*, and there what people wrote before what
    a machine heard. Without a word on the language, that of the machine is the
    one spoken, else that of the *title*. A machine's translations are left out.
    """
    found = [*_written(info), *_heard(info)]
    wanted = wanted or _spoken(found) or speech_language(title)
    has_heard = any(_is_heard(t) and language_code(t.language) == wanted for t in found)

    def rank(track: Track) -> tuple[bool, bool, bool]:
        is_other = language_code(track.language) != wanted
        # YouTube names what it heard itself `en-orig`.
        return is_other, _is_heard(track), not track.language.endswith("-orig")

    kept = sorted(found, key=rank)
    if has_heard:
        kept = [t for t in kept if not (_is_heard(t) and rank(t)[0])]
    # YouTube offers one file under several names.
    kept = list({(t.url, t.text): t for t in reversed(kept)}.values())[::-1]
    return tuple(kept[:MAX_TRACKS])


def entries(info: Info) -> list[Info]:
    """List what a playlist, channel or many-part page holds; empty for one work."""
    if info.get("_type") not in ("playlist", "multi_video"):
        return []
    return [e for e in info.get("entries") or [] if isinstance(e, Mapping)]


def count(info: Info) -> int:
    """Count the works in a list, also those beyond the ones that were read."""
    said = info.get("playlist_count")
    listed = len(entries(info))
    return max(said, listed) if type(said) is int else listed


def _title(work: Work, info: Info) -> str:
    title = _text(info, "title", MAX_TITLE)
    if info.get("extractor_key") == "HTML5MediaEmbed":
        title = title.removesuffix(" (1)")  # yt-dlp counts the players of a page
    whole, number, name = _part(info, title)
    if whole:  # the first part stands for the whole
        title = whole if number == 1 else f"{whole} P{number} {name}"
    return title.strip() or work.url.partition("://")[2][:MAX_TITLE]


def _part(info: Info, title: str) -> tuple[str, int, str]:
    """Split the *title* of a part of a Bilibili work: whole, number, name of the part.

    yt-dlp appends ` p02 Name of the part` there. Otherwise the first is empty.
    """
    part = re.search(r"_p([0-9]{1,6})\Z", str(info.get("id")))
    if info.get("extractor_key") != "BiliBili" or not part:
        return "", 0, ""
    whole, _, name = f"{title} ".rpartition(f" p{int(part[1]):02d} ")
    return whole.strip(), int(part[1]), name


def _series(info: Info) -> str:
    """Name the show, many-part work or list that the work is part of, or nothing."""
    whole = _part(info, _text(info, "title", MAX_TITLE))[0]
    # A page around a single player is a list of one for yt-dlp.
    length = info.get("playlist_count")
    is_list = type(length) is int and length > 1
    return (
        _text(info, "series")
        or whole[:200].strip()
        or (_text(info, "playlist_title") if is_list else "")
    )


def _cover(info: Info) -> str:
    """Choose the picture that is just wide enough, else the one yt-dlp thinks best."""
    wide = [
        (width, url)
        for each in _dicts(info.get("thumbnails"))
        if (url := _address(each.get("url")))
        and type(width := each.get("width")) is int
        and width >= COVER_PX
    ]
    return min(wide)[1] if wide else _address(info.get("thumbnail"))


def _address(value: object) -> str:
    is_web = isinstance(value, str) and re.fullmatch(r"https?://[!-~]+", value)
    return str(value) if is_web and len(str(value)) <= MAX_ADDRESS else ""


def _text(info: Info, key: str, room: int = 200) -> str:
    value = info.get(key)
    return one_line(value[: 4 * room])[:room].strip() if isinstance(value, str) else ""


def _description(info: Info) -> str:
    value = info.get("description")
    text = clean(value[: 2 * MAX_DESCRIPTION]) if isinstance(value, str) else ""
    return text[:MAX_DESCRIPTION].strip()


def _seconds(value: object, least: float = 0.0) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_sane = isfinite(value) and least <= value <= MAX_DURATION_S
    return float(value) if is_sane else None


def _day(info: Info) -> str:
    for key in ("upload_date", "release_date"):
        found = re.fullmatch(
            r"([12][0-9]{3})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])",
            _text(info, key),
        )
        if found:
            return "-".join(found.groups())
    return ""


def _tags(info: Info) -> tuple[str, ...]:
    value = info.get("tags")
    words = [w for w in value if isinstance(w, str)] if isinstance(value, list) else []
    tags = (one_line(word[:200])[:60].strip() for word in words[: 4 * MAX_TAGS])
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]


def _chapters(info: Info) -> Iterator[Chapter]:
    for chapter in _dicts(info.get("chapters"))[:MAX_CHAPTERS]:
        start_s = _seconds(chapter.get("start_time"))
        title = _text(chapter, "title")
        # yt-dlp fills the gap before the first chapter with this name.
        if start_s is not None and title and not title.startswith("<Untitled"):
            yield Chapter(start_s, title)


def _written(info: Info) -> Iterator[Track]:
    """List captions by people, and Bilibili's own `ai-zh`, kept among them."""
    for language, offers in _items(info.get("subtitles")):
        is_machine = language.startswith("ai-")
        yield from _best(language, offers, is_machine=is_machine)


def _heard(info: Info) -> Iterator[Track]:
    for language, offers in _items(info.get("automatic_captions")):
        # `tlang=` marks a translation by the machine.
        own = [o for o in offers if "tlang=" not in str(o.get("url"))]
        yield from _best(language, own, is_machine=True)


def _items(value: object) -> Iterator[tuple[str, list[Info]]]:
    for language, offers in value.items() if isinstance(value, Mapping) else ():
        if isinstance(language, str) and language not in CHATTER:
            yield one_line(language[:40]), _dicts(offers)


def _best(
    language: str, offers: Iterable[Info], *, is_machine: bool
) -> Iterator[Track]:
    """Give the one offer in the format that is read best, if any is read."""
    readable = [o for o in offers if o.get("ext") in FORMATS and _is_reachable(o)]
    if not readable:
        return
    offer = min(readable, key=lambda o: FORMATS.index(o["ext"]))
    text = _sendable(offer.get("data"))
    url = "" if text else _sendable(offer.get("url"))
    origin: Origin = "platform-ai" if is_machine else "captions"
    yield Track(origin, language, offer["ext"], url, text)


def _sendable(value: object) -> str:
    """Drop halves of surrogate pairs, which JSON may bring but nothing can keep."""
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""


def _is_reachable(offer: Info) -> bool:
    text, url = offer.get("data"), offer.get("url")
    if isinstance(text, str) and text:
        return len(text) <= MAX_SIZE
    is_web = isinstance(url, str) and re.match(r"https?://", url) is not None
    # A captions file in pieces has a list of addresses at this one.
    return is_web and not str(offer.get("protocol", "")).startswith("m3u8")


def _dicts(value: object) -> list[Info]:
    if not isinstance(value, list | tuple):
        return []
    return [v for v in value if isinstance(v, Mapping)]


def _is_heard(track: Track) -> bool:
    return track.origin == "platform-ai"


def _spoken(found: list[Track]) -> str:
    """Tell the spoken language by what the machine heard, if it heard only one."""
    heard = [t.language for t in found if _is_heard(t)]
    originals = [name for name in heard if name.endswith("-orig")] or heard
    codes = {language_code(name) for name in originals}
    return codes.pop() if len(codes) == 1 else ""
