"""A little internet on the loopback address: two talks, a short link, a dead end.

Each talk stands on a page with a JW Player set-up, because from such a page
yt-dlp reads title, duration, date, channel and captions in one request.
Source: yt-dlp, `_parse_jwplayer_data` in extractor/common.py.
"""

import json
import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self

_CONTENT = files("vaultscribe.demo") / "content"
_HTML = "text/html; charset=utf-8"
_SOUND_TYPES = {"m4a": "audio/mp4", "mp3": "audio/mpeg"}
_CUE_END = re.compile(r"--> (\d+):(\d\d):(\d\d\.\d{3})")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that ships with the package.

    Args:
        name: the stem of its files, and the last part of its address.
        published: the day, `2025-03-14`.
        language: of its captions, as yt-dlp shall name it.
        sound: the file that holds its opening words.
    """

    name: str
    title: str
    channel: str
    description: str
    published: str
    language: str
    sound: str

    def captions(self) -> str:
        """Read its captions, as WebVTT."""
        name = f"{self.name}.{self.language}.vtt"
        return (_CONTENT / name).read_text(encoding="utf-8")

    def cover(self) -> bytes:
        """Read its cover, a JPEG."""
        return (_CONTENT / f"{self.name}.jpg").read_bytes()

    def duration_s(self) -> float:
        """Tell when its last caption ends, in seconds from the start."""
        hours, minutes, seconds = _CUE_END.findall(self.captions())[-1]
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


CHINESE = Talk(
    name="spaced-repetition",
    title="间隔重复：怎样和遗忘做朋友",
    channel="小讲堂",
    description="从艾宾浩斯的遗忘曲线，到间隔效应和测试效应：记得久的办法，是隔久一点再回想。",
    published="2025-03-14",
    language="zh",
    sound="spaced-repetition.m4a",
)
ENGLISH = Talk(
    name="note-taking",
    title="Why your own words stay with you",
    channel="The Little Lecture Room",
    description="A note is worth keeping when it is written in your own words and"
    " connected to something that you already know.",
    published="2025-05-09",
    language="en",
    sound="note-taking.mp3",
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the site says to one path."""

    body: bytes
    kind: str = _HTML
    status: HTTPStatus = HTTPStatus.OK
    location: str = ""


class Site:
    """The site, served on a free port of 127.0.0.1 between enter and exit.

    Attributes:
        visits: the paths asked for with GET, in order, parameters included.
    """

    def __init__(self) -> None:
        self.visits: list[str] = []

    def __enter__(self) -> Self:
        self._server = _Server(_answers(), self.visits)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def root(self) -> str:
        """The site's address without a slash at its end, `http://127.0.0.1:40321`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def chinese_talk(self) -> str:
        return f"{self.root}/talks/{CHINESE.name}"

    @property
    def english_talk(self) -> str:
        return f"{self.root}/talks/{ENGLISH.name}"

    @property
    def short_link(self) -> str:
        """Leads to the Chinese talk by a redirect."""
        return f"{self.root}/s/{_SHORT}"

    @property
    def tracked_talk(self) -> str:
        """The Chinese talk again, with the parameters that a newsletter appends."""
        return f"{self.chinese_talk}?utm_source=newsletter&utm_medium=email"

    @property
    def dead_link(self) -> str:
        """Answers 404: a talk that was withdrawn."""
        return f"{self.root}/talks/withdrawn"

    @property
    def media_file(self) -> str:
        """A sound of a few seconds, without a page around it and without captions."""
        return f"{self.root}/sounds/{ENGLISH.sound}"

    @property
    def article(self) -> str:
        """An ordinary page: words, no media."""
        return f"{self.root}/articles/forgetting-curve"


_SHORT = "r3m3mbr"


def _answers() -> Mapping[str, _Answer]:
    answers = {
        f"/s/{_SHORT}": _Answer(
            _page("Moved", "This link leads to a talk."),
            status=HTTPStatus.FOUND,
            location=f"/talks/{CHINESE.name}",
        ),
        "/articles/forgetting-curve": _Answer(
            _page("The forgetting curve", "An ordinary page, with words alone.")
        ),
    }
    for talk in (CHINESE, ENGLISH):
        sound = (_CONTENT / talk.sound).read_bytes()
        answers |= {
            f"/talks/{talk.name}": _Answer(_talk_page(talk)),
            f"/sounds/{talk.sound}": _Answer(sound, _sound_type(talk)),
            _captions_path(talk): _Answer(
                talk.captions().encode(), "text/vtt; charset=utf-8"
            ),
            _cover_path(talk): _Answer(talk.cover(), "image/jpeg"),
        }
    return MappingProxyType(answers)


def _sound_type(talk: Talk) -> str:
    return _SOUND_TYPES[talk.sound.rpartition(".")[2]]


def _captions_path(talk: Talk) -> str:
    return f"/captions/{talk.name}.{talk.language}.vtt"


def _cover_path(talk: Talk) -> str:
    return f"/covers/{talk.name}.jpg"


def _talk_page(talk: Talk) -> bytes:
    noon = datetime.fromisoformat(f"{talk.published}T12:00").replace(tzinfo=UTC)
    # yt-dlp takes the label for the language; there is no other place for it.
    track = {
        "file": _captions_path(talk),
        "kind": "captions",
        "label": talk.language,
    }
    setup = {
        "mediaid": talk.name,
        "title": talk.title,
        "description": talk.description,
        "channel": talk.channel,
        "image": _cover_path(talk),
        "duration": talk.duration_s(),
        "pubdate": int(noon.timestamp()),
        "sources": [{"file": f"/sounds/{talk.sound}", "type": _sound_type(talk)}],
        "tracks": [track],
    }
    # An <audio> element would hide the set-up from yt-dlp.
    script = f'jwplayer("player").setup({json.dumps({"playlist": [setup]})});'
    player = f'<div id="player"></div>\n<script>{script}</script>\n'
    return _page(talk.title, talk.description, player)


def _page(title: str, words: str, more: str = "") -> bytes:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    body = f"<h1>{escape(title)}</h1>\n<p>{escape(words)}</p>\n{more}"
    return f"<!doctype html>\n{head}\n{body}".encode()


class _Server(ThreadingHTTPServer):
    # Wait for the last answer, so that nothing is left behind when the site ends.
    daemon_threads = False

    def __init__(self, answers: Mapping[str, _Answer], visits: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.visits = visits

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a visitor who hangs up: yt-dlp reads the head of a file only."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # Seconds; a browser opens connections ahead and leaves them silent.
    timeout = 5

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        self.wfile.write(self._answer())

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for the demo."""

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _answer(self) -> bytes:
        """Send status and headers, and return the body that belongs to them."""
        answer = self.server.answers.get(self._path(), _GONE)
        body, status, size = answer.body, answer.status, len(answer.body)
        span = self._span(size) if status is HTTPStatus.OK else None
        if span is not None:
            status = HTTPStatus.PARTIAL_CONTENT if span else _NO_SUCH_PART
            body = body[span.start : span.stop]
        self.send_response(status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if span is not None:
            part = f"{span.start}-{span.stop - 1}" if span else "*"
            self.send_header("Content-Range", f"bytes {part}/{size}")
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        return body

    def _span(self, size: int) -> range | None:
        """Tell which bytes are asked for; None for all, empty when there are none."""
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        if match is None or match[0] == "bytes=-":
            return None
        first, last = match[1], match[2]
        if not first:
            return range(max(0, size - int(last)), size)
        return range(int(first), min(int(last) + 1, size) if last else size)


_NO_SUCH_PART = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
_GONE = _Answer(
    _page("Not here", "This talk has been withdrawn."), status=HTTPStatus.NOT_FOUND
)
