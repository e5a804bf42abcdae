"""Render a note from its record: frontmatter by YAML, body by the Jinja2 template.

What templates may use is told in docs/templates.md.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, reduce
from math import isfinite
from typing import Any
from urllib.parse import quote

from jinja2 import pass_context

from vaultscribe.core.captions import join
from vaultscribe.core.diagram import mermaid
from vaultscribe.core.identity import moment_url
from vaultscribe.core.model import Record, Segment, Transcript
from vaultscribe.core.neutralise import (
    callout,
    clean,
    display,
    heading,
    inline,
    property_text,
    table_cell,
    wikilink,
)
from vaultscribe.core.properties import write
from vaultscribe.core.sandbox import Sandbox, fill
from vaultscribe.core.summary import clock

PARAGRAPH_GAP_S = 2.5
"""A silence that ends a paragraph of the transcript, in seconds."""
PARAGRAPH_S = 45.0
"""A paragraph is ended at the next segment once it is this long."""

BODY = "note.md.j2"
"""The template of a note's body; it may include and extend others."""

SPARE_STEPS, SPARE_SIZE = 1_000_000, 2_000_000
"""Turns of loops, and characters, that a template has beyond what a record needs."""

_SOURCE: ContextVar[str] = ContextVar("source")
"""Where the recording lies whose note is rendered: a template is compiled once."""


def render(
    record: Record, templates: Mapping[str, str], words: Mapping[str, str]
) -> str:
    """Render the whole note.

    Args:
        record: all that the note says.
        templates: Jinja2 sources by name; `note.md.j2` is the body.
        words: the note's own words in the language of the summary, by key.

    Raises:
        ConfigError: a template is wrong; it names the file and the line.
    """
    segments = len(record.transcript.segments)
    said = sum(len(segment.text) for segment in record.transcript.segments)
    token = _SOURCE.set(record.media.work.url)
    try:
        body = fill(
            _sandbox(frozenset(templates.items())),
            BODY,
            values(record, words),
            SPARE_STEPS + 20 * segments,
            SPARE_SIZE + 10 * said + segments * len(_moment(None, 0.0)) * 2,
        )
    finally:
        _SOURCE.reset(token)
    return write(properties(record), body)


def values(record: Record, words: Mapping[str, str]) -> dict[str, Any]:
    """List what a template may use, by its names there."""
    return {
        "record": record,
        "media": record.media,
        "summary": record.summary,
        "transcript": record.transcript,
        "paragraphs": paragraphs(record.transcript),
        "diagram": mermaid(record.summary.diagram),
        "words": words,
    }


def properties(record: Record) -> dict[str, Any]:
    """List the note's frontmatter, in its order; one type per name everywhere."""
    media, summary = record.media, record.summary
    titles = (property_text(display(each)) for each in (media.title, *record.former))
    duration_s = _finite(media.duration_s)
    shown = _shower(record)
    return {
        "title": property_text(media.title),
        "aliases": list(dict.fromkeys(filter(None, titles))),
        "url": media.work.url,
        "id": media.work.id,
        "timestamp": dt.datetime.fromisoformat(record.timestamp),
        "status": "partial" if summary.author == "excerpts" else "success",
        "duration": _duration(duration_s) if duration_s else None,
        "duration_seconds": round(duration_s) if duration_s else None,
        "channel": shown(media.channel) or None,
        "series": property_text(display(media.series)) or None,
        "published": _day(media.published),
        "language": property_text(record.transcript.language) or None,
        "transcript": record.transcript.origin,
        "summary": property_text(summary.author),
        "tags": list(record.tags),
        "people": [shown(name) for name in summary.people],
        "concepts": [shown(name) for name in summary.concepts],
        "related": [
            wikilink(each.name, plain=property_text) for each in record.related
        ],
        "cover": wikilink(record.cover.rpartition("/")[2]) if record.cover else None,
        "cssclasses": ["vaultscribe"],
    }


@lru_cache(maxsize=4)
def _sandbox(templates: frozenset[tuple[str, str]]) -> Sandbox:
    sandbox = Sandbox(dict(templates))
    sandbox.filters.update(FILTERS)
    sandbox.globals.update(FUNCTIONS)
    return sandbox


@pass_context  # or Jinja2 would reckon `1 | moment` once, when it compiles
def _moment(_: object, seconds: float) -> str:
    return f"[{clock(seconds)}]({_target(moment_url(_SOURCE.get(), seconds))})"


def _shower(record: Record) -> Callable[[str], str]:
    """Return what writes a name for a property: as a link where it has become one."""
    targets = {each.name: each.target for each in record.linked}

    def shown(name: str) -> str:
        target = targets.get(name, "")
        plain = property_text(display(name))
        return wikilink(target, name, lambda _: plain) if target else plain

    return shown


def _target(url: str) -> str:
    """Quote in a link's address what could end it, or act in it."""
    text = quote(clean(url), safe="%/:=&?#~+!,'@").replace("::", "%3A%3A")
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)


def _duration(seconds: float) -> str:
    """Write a length as people do: `3:37`, from an hour on `1:02:03`."""
    return clock(seconds).removeprefix("0")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:  # the source has a 30th of February, or says nothing
        return None


def _finite(seconds: float | None) -> float | None:
    return seconds if seconds and isfinite(seconds) and seconds > 0 else None


def paragraphs(transcript: Transcript) -> list[tuple[float, str]]:
    """Join segments into paragraphs: (start in seconds, text).

    A new one begins after a silence, or at the next segment once it is long enough.
    """
    groups: list[list[Segment]] = []
    for segment in transcript.segments:
        group = groups[-1] if groups else []
        if (
            not group
            or segment.start_s - group[-1].end_s > PARAGRAPH_GAP_S
            or segment.start_s - group[0].start_s > PARAGRAPH_S
        ):
            groups.append([segment])
        else:
            group.append(segment)
    return [(g[0].start_s, reduce(join, (each.text for each in g))) for g in groups]


FILTERS: dict[str, Callable[..., str]] = {
    "clock": _duration,
    "heading": heading,
    "inline": inline,
    "link": wikilink,
    "moment": _moment,
    "table_cell": table_cell,
}
"""For templates, beside Jinja2's own."""
FUNCTIONS: dict[str, Callable[..., str]] = {"callout": callout}
