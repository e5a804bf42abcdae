"""The door to the sites: yt-dlp tells what a link is and which captions it has.

Nothing is downloaded but pages and captions. Each question gets a YoutubeDL of
its own, so that several threads may ask at once.
"""

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from vaultscribe.core import identity, info
from vaultscribe.core.captions import (
    MAX_SIZE,
    language_code,
    merge,
    parse,
    speech_language,
)
from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
)
from vaultscribe.core.model import Link, Media, Segment, Track, Transcript, Work
from vaultscribe.core.refusals import (
    Kind,
    Refusal,
    by_status,
    by_words,
    hidden,
    quoted,
)

log = logging.getLogger(__name__)

MAX_PICTURE = 8 * 1024 * 1024
"""Bytes of a cover."""

MAX_PAGE = 16 * 1024 * 1024
"""Bytes of one answer; the largest watch pages have 3 MB. 100 MB of HTML keep
yt-dlp's expressions busy for a minute and take 760 MB of memory (measured)."""

CHUNK = 64 * 1024
"""Bytes between two looks at the clock."""

LIVE_S = 3600.0
"""Seconds until a live stream is looked at again."""

MAX_RETRY_AFTER_S = 86_400.0
"""A site that asks for more than a day is asked again after one."""

OPTIONS: dict[str, Any] = {
    "noprogress": True,
    "color": "never",
    "ignoreerrors": False,
    "retries": 3,
    "extractor_retries": 2,
    "skip_download": True,
    # Without it most extractors leave out captions, also when only describing.
    "writesubtitles": True,
    "writeautomaticsub": True,
    "noplaylist": True,
    "extract_flat": "in_playlist",
    "playlist_items": f"1:{(MAX_LISTED := 200)}",
    "format": "best*",
    # yt-dlp would hand addresses to ffmpeg, which asks nobody where they lead.
    "ffmpeg_location": "/nonexistent",
    "remote_components": [],
}
"""Source: yt-dlp, docstring of YoutubeDL."""


class YtDlp:
    """Sites as yt-dlp reads them.

    Args:
        cache_folder: where yt-dlp keeps what it learnt of YouTube's player.
        cookies_file: in Netscape format; read, never written.
        proxy: None takes the environment's, empty goes without one.
        pause_s: between two requests of one extraction, in seconds.
        timeout_s: without a byte from the site, in seconds.
        deadline_s: for one question as a whole, in seconds.
        ydl_class: takes the place of `yt_dlp.YoutubeDL`.
    """

    def __init__(  # noqa: PLR0913 - settings, each by its name
        self,
        *,
        cache_folder: Path,
        cookies_file: Path | None = None,
        proxy: str | None = None,
        pause_s: float = 0.75,
        timeout_s: float = 20.0,
        deadline_s: float = 120.0,
        ydl_class: Any = None,
    ) -> None:
        self._options = OPTIONS | {
            "cachedir": str(cache_folder / "yt-dlp"),
            "sleep_interval_requests": pause_s,
            "socket_timeout": timeout_s,
            "proxy": proxy,
        }
        self._cookies_file = cookies_file
        self._deadline_s = deadline_s
        self._ydl_class = ydl_class

    def identify(self, link: Link) -> Work:
        """Tell which work *link* leads to, asking the site only if need be.

        Raises:
            LinkError: the address cannot be read, or is not answered.
        """
        work = identity.identify(link.address)
        if work is not None:
            return work
        final = self._final_url(identity.generic(link.address).url)
        return identity.identify(final) or identity.generic(final)

    def describe(self, work: Work, link: Link) -> Media:
        """Ask the site about *work*; `link.language` says which captions are best.

        Of a recording in the vault no site knows more than its name.

        Raises:
            TransientError: no answer, too many requests, or it is live.
            PermanentError: it is gone, or has neither video nor sound.
            NeedsUser: it wants a login, or is a list of works.
        """
        if work.id.startswith(identity.RECORDING):
            return Media(work, work.url)
        found = self._extract(work.url)
        if listed := info.entries(found):
            raise NeedsUser(_list_sentence(found, len(listed)))
        if found.get("live_status") in ("is_live", "is_upcoming"):
            raise Refusal("upcoming", retry_after_s=LIVE_S).error()
        return info.media(work, found, link.language)

    def captions(self, media: Media, link: Link) -> Transcript | None:
        """Read the best captions that can be read; None when there are none.

        Raises:
            TransientError: the site wants to be asked later.
        """
        for track in media.tracks if link.captions else ():
            segments = self._segments(track, media)
            if segments:
                text = " ".join(segment.text for segment in segments[:200])
                language = language_code(track.language) or speech_language(text)
                return Transcript(track.origin, language, merge(segments))
        return None

    def picture(self, url: str) -> bytes | None:
        """Fetch a cover; None, and a line in the log, when that does not work.

        A note is complete without one, so nothing is raised and nothing tried again.
        """
        try:
            with self._reader(extracts=False) as reader:
                data: bytes = reader.ydl.urlopen(url).read(MAX_PICTURE + 1)
        except Exception as error:  # noqa: BLE001 - yt-dlp raises anything
            log.warning("no cover from %s: %s", url[:200], quoted(str(error), 200))
            return None
        if len(data) > MAX_PICTURE:
            log.warning("no cover from %s: it is larger than 8 MiB", url[:200])
            return None
        return data

    def _final_url(self, url: str) -> str:
        """Follow redirects to their end; some servers refuse HEAD."""
        from yt_dlp.networking.common import Request

        with self._reader(extracts=False) as reader:
            for method in ("HEAD", "GET"):
                try:
                    response = reader.ydl.urlopen(Request(url, method=method))
                except LinkError:
                    raise
                except Exception as error:  # noqa: BLE001 - yt-dlp raises anything
                    landed = _landed(error)
                    if landed and identity.identify(landed):
                        return landed  # 412 behind b23.tv: the name is all we want
                    refusal = _refusal(error, reader)
                    if not landed or refusal.kind == "rate_limited":
                        break
                else:
                    return str(response.url).replace(" ", "%20")
            raise refusal.error()

    def _extract(self, url: str) -> info.Info:
        """Ask yt-dlp; a second time with less where that may help."""
        first = self._ask(url)
        if not isinstance(first, Refusal):
            return first
        less: dict[str, Any] = {}
        if first.kind == "no_format":
            less = {"ignore_no_formats_error": True}  # captions may stand all the same
        elif first.is_side and first.kind in ("not_found", "forbidden"):
            less = {"writesubtitles": False}  # one dead captions file fails them all
        second = self._ask(url, **less) if less else first
        if isinstance(second, Refusal):
            raise first.error()
        if first.kind == "no_format" and not info.tracks(second, "", ""):
            raise first.error()
        return second

    def _ask(self, url: str, **options: Any) -> info.Info | Refusal:
        with self._reader(**options) as reader:
            try:
                found = reader.ydl.extract_info(url, download=False)
                listed = info.entries(found or {})
                if len(listed) == 1 and info.count(found) == 1:
                    entry = dict(listed[0])
                    found = reader.ydl.process_ie_result(entry, download=False)
                    listed = info.entries(found or {})
            except LinkError:
                raise
            except Exception as error:  # noqa: BLE001 - yt-dlp raises anything
                return _refusal(error, reader)
        is_list = isinstance(found, dict) and found.get("_type", "video") != "video"
        if not isinstance(found, dict) or (is_list and not listed):
            return Refusal("unsupported")
        return found

    def _segments(self, track: Track, media: Media) -> tuple[Segment, ...]:
        """Read one track; empty when it is dead, garbage, or of another film."""
        try:
            segments = parse(track.text or self._fetched(track.url), track.format)
        except PermanentError:
            return ()
        # Bilibili has been seen to serve its machine's captions of another film.
        is_machine = track.origin == "platform-ai" and media.duration_s is not None
        if is_machine and segments[-1].start_s > (media.duration_s or 0) + 5:
            return ()
        return segments

    def _fetched(self, url: str) -> str:
        """Fetch a captions file; empty when it is not there."""
        with self._reader(extracts=False) as reader:
            try:
                data: bytes = reader.ydl.urlopen(url).read(MAX_SIZE + 1)
            except LinkError:
                raise
            except Exception as error:
                refusal = _refusal(error, reader)
                if refusal.kind in ("not_found", "forbidden"):
                    return ""
                raise refusal.error() from error
        return data.decode("utf-8-sig", "replace")

    @contextmanager
    def _reader(self, *, extracts: bool = True, **options: Any) -> "Iterator[_Reader]":
        """Open a YoutubeDL; its 1,700 extractors cost 0.1 s, so only if needed."""
        from yt_dlp import YoutubeDL

        reader = _Reader(self._deadline_s)
        settings = self._options | options | {"logger": reader}
        settings["cookiefile"] = self._cookies()
        ydl = (self._ydl_class or YoutubeDL)(settings, auto_init=extracts)
        reader.watch(ydl)
        try:
            yield reader
        finally:
            reader.close()

    def _cookies(self) -> io.StringIO | None:
        """Give a copy of the cookies: yt-dlp rewrites the file that it is given."""
        if self._cookies_file is None:
            return None
        try:
            return io.StringIO(self._cookies_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refusal("cookies").error() from error


class _Reader:
    """One YoutubeDL, watched: what it asked, what it warned of, how long it took.

    It is also yt-dlp's logger, hence `debug`, `warning` and `error`.
    """

    def __init__(self, deadline_s: float) -> None:
        self.ydl: Any = None
        self.warnings: list[str] = []
        self.answers: list[tuple[int, float]] = []
        """HTTP status (0 without an answer) and Retry-After of each request."""
        self._deadline_s = deadline_s
        self._until_s = time.monotonic() + deadline_s
        self._opened: list[Any] = []

    def watch(self, ydl: Any) -> None:
        self.ydl = ydl
        self._urlopen = self.ydl.urlopen
        # Every request of every extractor passes here; yt-dlp's own options know
        # neither a deadline nor a limit on the size of a page.
        self.ydl.urlopen = self.urlopen
        self.ydl.save_cookies = lambda: None

    def close(self) -> None:
        for response in self._opened:
            response.close()
        self.ydl.close()

    def urlopen(self, request: Any) -> Any:
        """Answer *request* as YoutubeDL does, within time, size and the web."""
        from yt_dlp.networking.exceptions import HTTPError, RequestError

        _check_web(request if isinstance(request, str) else request.url)
        self._check_time()
        try:
            response = self._urlopen(request)
        except HTTPError as error:
            wait_s = _retry_after(error.response.get_header("Retry-After"))
            self.answers.append((error.status, wait_s))
            self._bound(error.response)
            raise
        except RequestError:
            self.answers.append((0, 0.0))
            raise
        self.answers.append((response.status, 0.0))
        self._bound(response)
        _check_web(response.url)
        return response

    def has_answered(self) -> bool:
        return any(0 < status < 400 for status, _ in self.answers)  # noqa: PLR2004 - HTTP: from 400 on it is an error

    def reason(self) -> Refusal:
        """Tell why there are no formats; yt-dlp hides it in a warning."""
        for status, wait_s in self.answers:
            kind = by_status(status) if status >= 400 else None  # noqa: PLR2004 - HTTP
            if kind in ("rate_limited", "temporary"):
                return Refusal(kind, f"HTTP {status}", wait_s)
        return Refusal(hidden(self.warnings))

    def debug(self, message: str) -> None:
        """Say nothing: yt-dlp tells each step."""

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        """Say nothing: it is raised as well."""

    def _check_time(self) -> None:
        if time.monotonic() > self._until_s:
            detail = f"more than {self._deadline_s:.0f} s"
            raise Refusal("temporary", detail).error()

    def _bound(self, response: Any) -> None:
        """Let *response* be read up to MAX_PAGE bytes, and not past the deadline."""
        self._opened.append(response)
        total = 0

        def read(amount: int | None = None) -> bytes:
            nonlocal total
            pieces: list[bytes] = []
            left = MAX_PAGE + 1 - total if amount is None else amount
            while left > 0 and not response.closed:
                self._check_time()
                piece = _read_some(response, min(left, CHUNK))
                left -= len(piece)
                total += len(piece)
                pieces.append(piece)
            if total > MAX_PAGE:
                raise PermanentError(
                    "the page at this address is too large: check the address"
                )
            return b"".join(pieces)

        response.read = read


def version() -> str:
    """Give yt-dlp's version, which is the day of its release: `2026.10.26`."""
    from yt_dlp.version import __version__

    return str(__version__)


def age_days() -> int:
    """Count the days since yt-dlp's release; sites change, an old one fails."""
    year, month, day = (int(part) for part in version().split(".")[:3])
    return (datetime.now(UTC).date() - date(year, month, day)).days


def _list_sentence(found: info.Info, listed: int) -> str:
    count = info.count(found)
    number = f"{count} or more" if listed == count == MAX_LISTED else str(count)
    title = quoted(str(found.get("title") or ""), 60) or "this"
    return f"{title} is a list of {number} items; give the address of one of them"


def _check_web(url: str) -> None:
    if not url.lower().startswith(("http://", "https://")):
        raise Refusal("address").error()


def _read_some(response: Any, most: int) -> bytes:
    """Read what has come, at least a byte; at the end close and give nothing.

    A plain read waits for all of *most*, past any deadline if the bytes trickle.
    """
    from yt_dlp.networking.exceptions import IncompleteRead, TransportError

    read1 = getattr(response.fp, "read1", None)
    try:
        piece: bytes = read1(most) if read1 else response.fp.read(most)
    except (OSError, HTTPException) as error:
        raise TransportError(cause=error) from error
    if not piece:
        missing = getattr(response.fp, "length", None)
        response.close()
        if missing:
            raise IncompleteRead(partial=0, expected=missing)
    return piece


def _retry_after(header: str | None) -> float:
    """Read Retry-After, in seconds or as a date; 0 when there is none."""
    text = (header or "").strip()
    if text.isdecimal() and len(text) < 10:  # noqa: PLR2004 - three hundred years
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
        wait_s = (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)


def _landed(error: BaseException) -> str:
    """Give the address that answered with an error status; empty without one."""
    response = getattr(error, "response", None)
    return str(response.url).replace(" ", "%20") if response is not None else ""


def _refusal(error: BaseException, reader: _Reader) -> Refusal:
    """Tell what an error of yt-dlp means: by class, by status, by its words."""
    from yt_dlp.networking.exceptions import HTTPError

    kinds = _kinds()
    for cause in _causes(error):
        if isinstance(cause, HTTPError):
            return _http_refusal(cause, reader)
        for family, kind in kinds:
            if isinstance(cause, family):
                return Refusal(kind)
    words = str(error).removeprefix("ERROR: ").partition("; please report")[0]
    kind = by_words(words)
    if kind == "no_format":
        return reader.reason()
    return Refusal(kind, words if kind == "unknown" else "")


def _http_refusal(error: Any, reader: _Reader) -> Refusal:
    wait_s = _retry_after(error.response.get_header("Retry-After"))
    if error.redirect_loop:
        return Refusal("refused_request", "it redirects in a circle")
    kind, is_side = by_status(error.status), reader.has_answered()
    return Refusal(kind, f"HTTP {error.status}", wait_s, is_side=is_side)


def _kinds() -> tuple[tuple[type[BaseException], Kind], ...]:
    from yt_dlp import utils
    from yt_dlp.cookies import CookieLoadError
    from yt_dlp.networking import exceptions as net

    return (
        (CookieLoadError, "cookies"),
        (utils.UnsupportedError, "unsupported"),
        (utils.GeoRestrictedError, "geo"),
        (utils.UserNotLive, "upcoming"),
        (net.CertificateVerifyError, "certificate"),
        (net.ProxyError, "proxy"),
        (net.TransportError, "temporary"),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from *error* to all that led to it, nearest first."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = getattr(cause, "exc_info", None) or (None, None)
        waiting += [inner[1], getattr(cause, "cause", None)]
        waiting += [cause.__cause__, cause.__context__]
