"""The question to the LLM, rendered from a template; what comes from outside is data.

A template has two blocks, `system` and `user`, and each becomes one message.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vaultscribe.core.errors import NeedsUser
from vaultscribe.core.model import Media, Transcript
from vaultscribe.core.neutralise import one_line
from vaultscribe.core.summary import clock, cut

TITLE_LIMIT = 300
DESCRIPTION_LIMIT = 1000
FOCUS_LIMIT = 300
CHAPTERS_LIMIT = 60
"""Characters, and chapters, that a source may put before its transcript."""

TAG_LIMIT = 60
"""Characters of a tag on offer."""

_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Chinese, Japanese and Korean signs with their punctuation."""

_DELIMITERS = str.maketrans("<>", "‹›")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader wants of a summary.

    Args:
        focus: the user's words about what to look at, or empty.
        language: of the answer, `zh` or `en`.
        tags: the user's, to choose from.
    """

    focus: str = ""
    language: str = "en"
    tags: tuple[str, ...] = ()


def messages(
    template: str, media: Media, transcript: Transcript, wish: Wish
) -> list[dict[str, str]]:
    """Render *template* as the messages of one request.

    Args:
        template: Jinja2 text with the blocks `system` (optional) and `user`.
        media: what the source says about itself.
        transcript: its segments are numbered by their place, from 0; those
            without words are left out but keep their number.
        wish: what the reader wants.

    Raises:
        NeedsUser: the template is not valid Jinja2, has no block `user`, asks
            for a name that does not exist, or does what a sandbox forbids.
    """
    values = _values(media, transcript, wish)
    try:
        compiled = _sandbox().from_string(template)
        context = compiled.new_context(values)
        texts = {
            name: "".join(block(context)).strip()
            for name, block in compiled.blocks.items()
        }
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        fault = cut(one_line(str(error)), 200)
        raise NeedsUser(
            f"the prompt template summary.md.j2 does not work ({fault}): mend your "
            "copy or remove it"
        ) from error
    if not texts.get("user"):
        raise NeedsUser(
            "the prompt template summary.md.j2 has no block `user`: mend your copy or "
            "remove it"
        )
    return [
        {"role": role, "content": texts[role]}
        for role in ("system", "user")
        if texts.get(role)
    ]


def estimate_tokens(text: str) -> int:
    """Estimate from above how many tokens *text* is: 1 a wide sign, else 1 in 3.5.

    Tokenizers would be exact, but they download their tables.
    """
    wide = len(_WIDE.findall(text))
    return wide + math.ceil((len(text) - wide) / 3.5)


def _sandbox() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # a prompt is plain text; _data has taken the delimiters out
    )


def _values(media: Media, transcript: Transcript, wish: Wish) -> dict[str, object]:
    return {
        "title": _data(media.title, TITLE_LIMIT) or media.work.id,
        "channel": _data(media.channel, TITLE_LIMIT),
        "published": _data(media.published, TITLE_LIMIT),
        "duration": "" if media.duration_s is None else clock(media.duration_s),
        "description": _data(media.description, DESCRIPTION_LIMIT),
        "chapters": [
            (clock(chapter.start_s), _data(chapter.title, TITLE_LIMIT))
            for chapter in media.chapters[:CHAPTERS_LIMIT]
        ],
        "segments": list(_segments(transcript)),
        "focus": _data(wish.focus, FOCUS_LIMIT),
        "language": wish.language,
        "tags": [name for tag in wish.tags if (name := _data(tag, TAG_LIMIT))],
    }


def _segments(transcript: Transcript) -> Iterator[tuple[int, str, str]]:
    for number, segment in enumerate(transcript.segments):
        if text := _data(segment.text):
            yield number, clock(segment.start_s), text


def _data(text: str, limit: int = 0) -> str:
    """Make one line of *text* that can neither end its delimiters nor start a row."""
    text = one_line(text).translate(_DELIMITERS)
    return cut(text, limit) if limit else text
