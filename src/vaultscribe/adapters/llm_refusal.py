"""What a refusal of an LLM server means, in one sentence that holds no secret.

401, 402, 403, 404, 405, redirect      NeedsUser
408, 409, 425, 429, 5xx                TransientError
400 and its kind                       too long: PermanentError; about the
                                       model: NeedsUser; else PermanentError
"""

import math
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from vaultscribe.adapters.llm_reply import said
from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
    TransientError,
)
from vaultscribe.core.neutralise import one_line

OK = 200
BAD_REQUEST = 400
TOO_MANY = 429
SERVER_FAULT = 500

QUOTE_LIMIT = 200
"""Characters of foreign words in a message."""

LONGEST_WAIT_S = 86_400.0

SHORTEST_KEY = 4
"""Characters; a shorter one is no secret but a filler such as `x`."""

_LATER = frozenset({408, 409, 425, TOO_MANY})

_NEEDS_USER = {
    401: "does not accept the API key: check the key",
    402: "has no credit left: top it up",
    403: "does not allow this API key to ask: check the key",
    404: "is not found: check `model` and `base_url`",
    405: "takes no questions at this address: check `base_url`",
}

_SECRET = re.compile(r"\bsk-[\w*.…-]+|\bBearer\s+[^\s\"',}]+", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,12}(?:length|size|window)|maximum.{0,20}(?:context|tokens)"
    r"|too (?:long|many tokens)|exceed.{0,40}(?:context|token)",
    re.IGNORECASE,
)
_OF_THE_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)
_NO_CREDIT = "insufficient_quota"
"""OpenAI's code in a 429 that no waiting mends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP.

    Args:
        retry_after_s: seconds that the server asks to wait; 0 for none.
        location: where a redirect points.
    """

    status: int
    body: bytes
    retry_after_s: float = 0.0
    location: str = ""

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def refusal(answer: Answer, place: str, key: str) -> LinkError:
    """Tell what an *answer* other than 200 means.

    Args:
        answer: its body is foreign text.
        place: model and server, for the sentence.
        key: of the server; never repeated.
    """
    status = answer.status
    words = quote(said(answer.body), key)
    because = f" ({status}: {words})" if words else f" ({status})"
    if _NO_CREDIT in answer.text():
        status = 402
    if status in _NEEDS_USER:
        what, _, advice = _NEEDS_USER[status].partition(": ")
        return NeedsUser(f"{place} {what}{because}: {advice}")
    if status in _LATER or status >= SERVER_FAULT:
        what = "is busy" if status == TOO_MANY else "has a fault"
        return TransientError(f"{place} {what}{because}", answer.retry_after_s)
    if status < BAD_REQUEST:
        there = _origin(answer.location)
        return NeedsUser(f"{place} sends us on to {there}: check `base_url`")
    return _complaint(words, because, place)


def too_long(place: str, because: str) -> PermanentError:
    return PermanentError(
        f"the transcript is too long for one request to {place}{because}: take a "
        "model with a larger context and set `context_tokens`"
    )


def quote(words: str, key: str) -> str:
    """Make foreign *words* fit for a message: no secrets, one line, 200 characters."""
    words = one_line(_SECRET.sub("…", without_key(words, key)))
    return words if len(words) <= QUOTE_LIMIT else words[: QUOTE_LIMIT - 1] + "…"


def without_key(words: str, key: str) -> str:
    return words.replace(key, "…") if len(key) >= SHORTEST_KEY else words


def wait_s(header: str, now_s: float) -> float:
    """Read `Retry-After`, seconds or a date, as seconds from now; 0 for neither.

    Args:
        header: its value, foreign text.
        now_s: the time, in seconds since 1970.
    """
    try:
        wait = float(header)
    except ValueError:
        try:
            wait = parsedate_to_datetime(header).timestamp() - now_s
        except (ValueError, OverflowError, OSError):
            return 0.0
    return min(max(wait, 0.0), LONGEST_WAIT_S) if math.isfinite(wait) else 0.0


def _complaint(words: str, because: str, place: str) -> LinkError:
    if _TOO_LONG.search(words):
        return too_long(place, because)
    if _OF_THE_MODEL.search(words):
        return NeedsUser(f"{place} is refused{because}: check `model`")
    return PermanentError(f"{place} refuses the question{because}")


def _origin(location: str) -> str:
    """Name scheme and host of a redirect; its path may hold a token."""
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError:
        host = None
    return f"{parts.scheme}://{host}" if host else "another address"
