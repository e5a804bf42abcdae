"""Render a note from its record: frontmatter by YAML, body by the Jinja2 template.

Filters for templates: `inline` (untrusted text in a line), `moment` (seconds as
`02:41`, linked), `link` (a wikilink to a note), `clock` (seconds as `02:41`).
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vaultscribe.core.diagram import mermaid
from vaultscribe.core.identity import moment_url
from vaultscribe.core.model import Record, Segment, Transcript
from vaultscribe.core.neutralise import callout, clean, display, inline, one_line
from vaultscribe.core.properties import write

PARAGRAPH_GAP_S = 2.5
"""A silence that ends a paragraph of the transcript, in seconds."""
PARAGRAPH_S = 45.0
"""A paragraph is ended at the next segment once it is this long."""


_UNSPACED = re.compile(
    "[“”‘’…—·\u0e00-\u0eff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Scripts written without blanks, and what stands between their words."""


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
        clock=clock,
        moment=lambda s: f"[{clock(s).rjust(5, '0')}]({_target(moment_url(url, s))})",
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
        "duration": clock(duration_s) if duration_s else None,
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


def clock(seconds: float) -> str:
    """Write seconds as people do: `3:37` up to an hour, `1:02:03` beyond."""
    whole = int(seconds) if isfinite(seconds) and seconds > 0 else 0
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _target(url: str) -> str:
    """Quote in a link's address what could end it, or act in it."""
    text = quote(clean(url), safe="%/:=&?#~+!,'@").replace("::", "%3A%3A")
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)


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
    joined: list[tuple[float, str]] = []
    group: list[Segment] = []
    for segment in transcript.segments:
        if group and (
            segment.start_s - group[-1].end_s > PARAGRAPH_GAP_S
            or segment.start_s - group[0].start_s > PARAGRAPH_S
        ):
            joined.append((group[0].start_s, join(each.text for each in group)))
            group = []
        group.append(segment)
    if group:
        joined.append((group[0].start_s, join(each.text for each in group)))
    return joined


def join(texts: Iterable[str]) -> str:
    """Join pieces of speech: a blank between words, none within Chinese or Japanese."""
    pieces: list[str] = []
    for text in filter(None, texts):
        if pieces and not (_UNSPACED.match(pieces[-1][-1]) and _UNSPACED.match(text)):
            pieces.append(" ")
        pieces.append(text)
    return "".join(pieces)
