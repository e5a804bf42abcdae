"""What sites and yt-dlp answer instead of a work, as errors that say what to do.

A refusal is told by the class of the error, by its HTTP status, and else by its
words. The words are those of yt-dlp's extractors and of YouTube and Bilibili.
"""

import re
from dataclasses import dataclass
from typing import Literal

from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
    TransientError,
)
from vaultscribe.core.neutralise import one_line

Kind = Literal[
    "removed",
    "not_found",
    "unsupported",
    "drm",
    "address",
    "refused_request",
    "private",
    "age",
    "members",
    "login",
    "bot_check",
    "geo",
    "cookies",
    "certificate",
    "proxy",
    "broken_page",
    "no_format",
    "unknown",
    "rate_limited",
    "temporary",
    "forbidden",
    "upcoming",
    "processing",
]
"""Why there is no work. What each means for the user: `SENTENCES`."""

UPDATE = "update it with pip install -U yt-dlp"

SENTENCES: dict[Kind, tuple[type[LinkError], str]] = {
    "removed": (PermanentError, "removed by its uploader or by the site"),
    "not_found": (PermanentError, "nothing is at this address any more: check it"),
    "unsupported": (PermanentError, "no video or sound was found at this address"),
    "drm": (PermanentError, "the site locks this with DRM: it cannot be read"),
    "address": (PermanentError, "yt-dlp cannot read this address: check it"),
    "refused_request": (
        PermanentError,
        "the site refuses the request: check the address",
    ),
    "private": (NeedsUser, "private video: sign in and set `cookies_file`"),
    "age": (NeedsUser, "for adults only: sign in and set `cookies_file`"),
    "members": (
        NeedsUser,
        "for members only: sign in as one and set `cookies_file`",
    ),
    "login": (NeedsUser, "only for signed-in users: sign in and set `cookies_file`"),
    "bot_check": (
        NeedsUser,
        "the site asks whether this is a bot: set `cookies_file`, or wait a day",
    ),
    "geo": (NeedsUser, "not shown in this country: set `proxy` to one where it is"),
    "cookies": (
        NeedsUser,
        "`cookies_file` cannot be read: export it again in Netscape format",
    ),
    "certificate": (
        NeedsUser,
        "the site's certificate is not valid: check this machine's clock and network",
    ),
    "proxy": (NeedsUser, "the proxy does not let this through: check `proxy`"),
    "broken_page": (
        NeedsUser,
        f"yt-dlp could not read a part of this page: {UPDATE}",
    ),
    "no_format": (NeedsUser, f"yt-dlp found no sound on this page: {UPDATE}"),
    "unknown": (NeedsUser, f"yt-dlp could not read this site: {UPDATE}"),
    "rate_limited": (TransientError, "the site asks to wait: too many requests"),
    "temporary": (TransientError, "the site or the network does not answer"),
    "forbidden": (TransientError, "the site refuses the request just now"),
    "upcoming": (TransientError, "it is live or has not begun: waiting for its end"),
    "processing": (TransientError, "the site is still preparing it"),
}

RULES: tuple[tuple[Kind, str], ...] = (
    ("removed", r"may be deleted"),
    (
        "rate_limited",
        r"rate.?limit|exceeded the rate|try again later|too many requests",
    ),
    ("rate_limited", r"wait and try later|captcha"),
    ("bot_check", r"not a bot"),
    ("private", r"private (?:video|playlist)|video is private"),
    ("age", r"confirm your age|age.restricted|age-verif|inappropriate for some"),
    ("members", r"members.only|join this channel|supporter.only|premium member"),
    ("members", r"requires? (?:payment|purchase)|subscribers? only|paid members"),
    (
        "geo",
        r"(?:in|from) your (?:country|location)|geo.?restrict|not available in your",
    ),
    ("upcoming", r"premieres in|premiere will begin|live event will begin"),
    ("upcoming", r"will begin in|not currently live|is not live|\bis offline"),
    ("processing", r"processing this video|check back later"),
    ("drm", r"\bdrm\b"),
    ("login", r"registered users|--cookies|log ?in|sign in|credentials|authenticat"),
    ("removed", r"has been (?:removed|deleted|terminated|blocked)|been taken down"),
    ("removed", r"account [^\n]{0,60}terminated|no longer available|does not exist"),
    ("removed", r"video unavailable|copyright"),
    ("address", r"is not a valid url|file:// urls are disabled|no suitable extractor"),
    ("address", r"unsupported url scheme"),
    ("proxy", r"unsupported proxy type"),
    ("temporary", r"timed? ?out|bytes read|incompleteread|remote end closed"),
    ("temporary", r"connection (?:reset|aborted|refused)|name or service not known"),
    ("temporary", r"failed to resolve|http error 5[0-9]{2}"),
    ("no_format", r"requested format is not available|no video formats|no formats"),
)
"""First match wins. Source: messages seen from yt-dlp 2026.10.26."""

HIDDEN: tuple[Kind, ...] = ("rate_limited", "temporary", "geo", "members", "bot_check")
"""Reasons that yt-dlp only warns of, and then finds no formats."""

MAX_MESSAGE = 160
"""Characters of a sentence in the inbox."""

_KEPT_BACK = re.compile(r"[\[\]<>#|`\u2190-\u21ff⏳❌✅*_\\]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request did not give a work.

    Args:
        detail: the HTTP status or foreign words that help to find the cause.
        retry_after_s: as the site asked; 0 when it did not.
        is_side: only a part of the page was refused, not the page.
    """

    kind: Kind
    detail: str = ""
    retry_after_s: float = 0.0
    is_side: bool = False

    def error(self) -> LinkError:
        """Give the error to raise, with one sentence for the inbox."""
        family, sentence = SENTENCES[self.kind]
        room = MAX_MESSAGE - len(sentence) - len(" ()")
        detail = quoted(self.detail, room)
        message = f"{sentence} ({detail})" if detail else sentence
        if family is TransientError:
            return TransientError(message, self.retry_after_s)
        return family(message)


def by_status(status: int) -> Kind:
    """Tell what an HTTP status of 400 or more means."""
    if status in (404, 410):
        return "not_found"
    if status in (412, 429):  # 412 is Bilibili's word for too many requests
        return "rate_limited"
    if status in (401, 407):
        return "login"
    if status == 451:  # noqa: PLR2004 - unavailable for legal reasons
        return "geo"
    if status == 403:  # noqa: PLR2004 - mostly a throttle that says no more
        return "forbidden"
    is_temporary = status >= 500 or status in (408, 425)  # noqa: PLR2004 - their fault
    return "temporary" if is_temporary else "refused_request"


def by_words(text: str) -> Kind:
    """Tell what yt-dlp's or the site's words mean."""
    words = text[:20_000].lower().replace("’", "'")
    found = (kind for kind, rule in RULES if re.search(rule, words))
    return next(found, "unknown")


def hidden(warnings: list[str]) -> Kind:
    """Find the reason for having no formats among yt-dlp's *warnings*."""
    plain = [
        w for w in warnings if not re.search(r"javascript|impersonat", w, re.IGNORECASE)
    ]
    kinds = [by_words(warning) for warning in plain]
    return next((kind for kind in kinds if kind in HIDDEN), "no_format")


def quoted(text: str, room: int) -> str:
    """Make foreign words fit for a sentence in the inbox: short, plain, no links."""
    words = re.sub(r"\S*://\S*", "", text[:2_000])
    words = one_line(_KEPT_BACK.sub(" ", words)).strip(" .:;,")
    if len(words) <= room:
        return words
    return words[: room - 1].rstrip() + "…" if room > 1 else ""
