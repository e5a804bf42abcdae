"""Render a note from its record: frontmatter by YAML, body by the Jinja2 template.

Filters for templates: `inline` (untrusted text in a line), `moment` (seconds as
`02:41`, linked), `link` (a wikilink to a note), `clock` (seconds as `2:41`).
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import reduce
from math import isfinite
from typing import Any
from urllib.parse import quote

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vaultscribe.core.captions import join
from vaultscribe.core.diagram import mermaid
from vaultscribe.core.identity import moment_url
from vaultscribe.core.model import Record, Segment, Transcript
from vaultscribe.core.neutralise import callout, clean, display, inline, one_line
from vaultscribe.core.properties import write
from vaultscribe.core.summary import clock

PARAGRAPH_GAP_S = 2.5
"""A silence that ends a paragraph of the transcript, in seconds."""
PARAGRAPH_S = 45.0
"""A paragraph is ended at the next segment once it is this long."""


def render(record: Record, template: str, words: Mapping[str, str]) -> str:
    """Render the whole note.

    Args:
        record: all that the note says.
        template: Jinja2 source of the body.
        words: the note's own words in the language of the summary, by key.

    Raises:
        jinja2.TemplateError: the template is wrong; it carries file and line.
    """
    url = record.media.work.url
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        inline=inline,
        clock=_duration,
        moment=lambda s: f"[{clock(s)}]({_target(moment_url(url, s))})",
        link=lambda name: f"[[{name}]]",
    )
    environment.globals["callout"] = callout
    body = environment.from_string(template).render(
        record=record,
        media=record.media,
        summary=record.summary,
        transcript=record.transcript,
        paragraphs=paragraphs(record.transcript),
        diagram=mermaid(record.summary.diagram),
        words=words,
    )
    return write(properties(record), body)


def properties(record: Record) -> dict[str, Any]:
    """List the note's frontmatter, in its order; one type per name everywhere."""
    media, summary = record.media, record.summary
    title = one_line(media.title)
    alias = display(title)
    duration_s = _finite(media.duration_s)
    return {
        "title": title,
        "aliases": [alias] if alias else [],
        "url": media.work.url,
        "id": media.work.id,
        "timestamp": dt.datetime.fromisoformat(record.timestamp),
        "status": "partial" if summary.author == "excerpts" else "success",
        "duration": _duration(duration_s) if duration_s else None,
        "duration_seconds": round(duration_s) if duration_s else None,
        "channel": one_line(media.channel) or None,
        "published": _day(media.published),
        "language": record.transcript.language or None,
        "transcript": record.transcript.origin,
        "summary": one_line(summary.author),
        "tags": list(record.tags),
        "people": [display(name) for name in summary.people],
        "related": [f"[[{related.name}]]" for related in record.related],
    }


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
