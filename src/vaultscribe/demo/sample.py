"""Records of the demo's two talks, to look at a template with, offline.

Their summaries ship with the talks; we wrote them, no model did.
"""

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

from vaultscribe.core.captions import merge, parse
from vaultscribe.core.codec import decode
from vaultscribe.core.model import (
    Linked,
    Media,
    Record,
    Related,
    Summary,
    Transcript,
    Work,
)
from vaultscribe.demo.site import CHINESE, ENGLISH, Talk

_CONTENT = files("vaultscribe.demo") / "content"

_RELATED = {
    "en": (
        Related(
            "间隔重复：怎样和遗忘做朋友",
            ("memory",),
            ("Hermann Ebbinghaus", "testing effect"),
            series="How memory works",
        ),
        Related("A cabinet of slips", ("memory", "writing"), channel=ENGLISH.channel),
    ),
    "zh": (
        Related(
            "Why your own words stay with you",
            ("记忆",),
            ("赫尔曼·艾宾浩斯", "测试效应"),
            series="记忆是怎样工作的",
        ),
        Related("怎样记笔记", ("记忆", "学习"), channel=CHINESE.channel),
    ),
}


def sample(language: str) -> Record:
    """Return a record in which every part of a note has something to show.

    Args:
        language: `zh` or `en`.
    """
    talk = CHINESE if language == "zh" else ENGLISH
    summary = decode(
        (_CONTENT / f"{talk.name}.{talk.language}.json").read_bytes(), Summary
    )
    return Record(
        media=_media(talk),
        address=_url(talk),
        timestamp=f"{talk.published}T08:30:00",
        transcript=Transcript(
            "captions", talk.language, merge(parse(talk.captions(), "vtt"))
        ),
        summary=summary,
        tags=summary.tags,
        related=_RELATED[talk.language],
        linked=(Linked(summary.people[0], summary.people[0]),),
    )


def samples() -> Iterator[Record]:
    """Yield the records with which a template has to work: full ones and bare ones."""
    for language in ("en", "zh"):
        full = sample(language)
        yield full
        yield replace(full, summary=Summary("excerpts", language, reason="no answer"))
        yield Record(
            Media(full.media.work, full.media.title),
            full.address,
            full.timestamp,
            Transcript("none", "", ()),
            Summary("excerpts", language),
        )


def _media(talk: Talk) -> Media:
    return Media(
        Work(f"demo:{talk.name}", _url(talk)),
        talk.title,
        duration_s=talk.duration_s(),
        channel=talk.channel,
        published=talk.published,
        language=talk.language,
        description=talk.description,
    )


def _url(talk: Talk) -> str:
    return f"https://example.org/talks/{talk.name}"
