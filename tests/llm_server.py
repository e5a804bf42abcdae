"""An OpenAI-compatible server on 127.0.0.1 that answers from what it was asked.

    with LlmServer("busy", "right") as server:
        ChatServer(base_url=server.base_url, …)

Each request takes the next behaviour of the script; the last one stays. The
right answer is computed from the numbered segments found in the prompt, and is
refused with 422 when there are none, so that a prompt without its transcript
cannot pass. What came in stands in `requests`.
"""

import gzip
import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

SEGMENT = re.compile(r"^S(\d+) \[((?:\d+:)+\d\d)\] (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Heard:
    """A segment as it stood in the prompt."""

    number: int
    moment: str
    text: str


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(each["content"] for each in self.body.get("messages", []))

    @property
    def segments(self) -> list[Heard]:
        return [
            Heard(int(number), moment, text)
            for number, moment, text in SEGMENT.findall(self.prompt)
        ]


Reply = Callable[[dict[str, Any], list[Heard]], dict[str, Any]]
"""Makes the words of an answer from the request's JSON and its segments."""


def right_reply(request: dict[str, Any], segments: list[Heard]) -> dict[str, Any]:
    """Cite up to five of *segments*, spread over all, in their own words."""
    count = min(5, len(segments))
    cited = [segments[place * len(segments) // count] for place in range(count)]
    return {
        "points": [{"text": each.text, "segment": each.number} for each in cited],
        "sections": [
            {"title": each.text[:40], "text": each.text, "segment": each.number}
            for each in cited[::2]
        ],
        "core": " ".join(each.text for each in cited),
        "view": cited[0].text,
        "nodes": [
            {"id": f"n{each.number}", "label": each.text[:40], "shape": "step"}
            for each in cited
        ],
        "edges": [
            {"source": f"n{one.number}", "target": f"n{other.number}", "word": ""}
            for one, other in pairwise(cited)
        ],
        "tags": ["test"],
        "people": [],
        "concepts": [],
    }


class LlmServer:
    """The server; `base_url` and `requests` are what a test needs.

    Args:
        script: behaviours, see `BEHAVIOURS`.
        model: the one that it lists.
        reply: the words of its right answers.
        moved_to: where `redirect` points.
    """

    def __init__(
        self,
        *script: str,
        model: str = "test-model",
        reply: Reply = right_reply,
        moved_to: str = "",
    ) -> None:
        self.script = list(script) or ["right"]
        self.model = model
        self.reply = reply
        self.moved_to = moved_to
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = False  # closing waits for them
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def questions(self) -> list[Request]:
        """The requests for an answer, without those for the list of models."""
        return [each for each in self.requests if each.method == "POST"]

    def next(self, request: Request) -> str:
        with self._lock:
            self.requests.append(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Exchange:
    """One request and the ways to answer it."""

    def __init__(
        self, server: LlmServer, http: BaseHTTPRequestHandler, request: Request
    ) -> None:
        self.server = server
        self.request = request
        self._http = http

    @property
    def form(self) -> str:
        """The type of the `response_format` asked for, or `text`."""
        form: str = self.request.body.get("response_format", {"type": "text"})["type"]
        return form

    @property
    def key(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    def send(
        self,
        status: int,
        body: str,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        data = body.encode()
        self._http.send_response(status)
        for name, value in (headers or {}).items():
            self._http.send_header(name, value)
        self._http.send_header("content-type", kind)
        self._http.send_header("content-length", str(len(data)))
        self._http.end_headers()
        self._http.wfile.write(data)

    def refuse(self, status: int, message: str, **headers: str) -> None:
        error = {"message": message, "type": "error", "code": None}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.send(status, json.dumps({"error": error}), headers=named)

    def begin_stream(self, *headers: tuple[str, str]) -> None:
        self._http.send_response(200)
        for name, value in headers:
            self._http.send_header(name, value)
        self._http.send_header("content-type", "text/event-stream")
        self._http.send_header("connection", "close")
        self._http.end_headers()

    def push(self, text: str) -> None:
        self.push_bytes(text.encode())

    def push_bytes(self, data: bytes) -> None:
        self._http.wfile.write(data)
        self._http.wfile.flush()

    def event(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        chunk = {"object": "chat.completion.chunk", "choices": [choice]}
        self.push(f"data: {json.dumps(chunk)}\n\n")

    def complete(self, text: str, finish: str = "stop") -> None:
        """Send a whole answer, as a stream if one was asked for."""
        usage = {"prompt_tokens": len(self.request.prompt) // 3, "completion_tokens": 9}
        if not self.request.body.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            self.send(200, json.dumps({"choices": [choice], "usage": usage}))
            return
        self.begin_stream()
        self.push(": ping\n\n")
        for start in range(0, len(text), 40):
            self.event(text[start : start + 40])
        self.event("", finish)
        if self.request.body.get("stream_options", {}).get("include_usage"):
            self.push(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n")
        self.push("data: [DONE]\n\n")

    def words(self) -> str:
        """The right answer, as JSON text."""
        answer = self.server.reply(self.request.body, self.request.segments)
        return json.dumps(answer, ensure_ascii=False)


def _right(it: Exchange) -> None:
    if it.request.method == "GET":
        it.send(200, json.dumps({"data": [{"id": it.server.model, "object": "model"}]}))
    elif it.form == "json_object" and "json" not in it.request.prompt.lower():
        it.refuse(400, "Prompt must contain the word 'json' to use json_object")
    elif not it.request.segments:
        it.refuse(422, "no numbered segments in the prompt")
    else:
        it.complete(it.words())


def _cut(it: Exchange) -> None:
    it.begin_stream()
    it.event(it.words()[:50])


def _torn(it: Exchange) -> None:
    _cut(it)
    it.push('data: {"choices": [{"delta": {"cont')


def _deaf(it: Exchange) -> None:
    """Ignore that a stream was asked for."""
    it.request.body["stream"] = False
    _right(it)


def _holed(it: Exchange) -> None:
    """Lose an event in the middle and go on as if nothing had happened."""
    words = it.words()
    it.begin_stream()
    it.event(words[:60])
    it.push('data: {"choices": [{"index": 0, "de\n\n')
    it.event(words[90:], "stop")
    it.push("data: [DONE]\n\n")


def _packed(it: Exchange) -> None:
    """Pack the answer though plain bytes were asked for."""
    it.begin_stream(("content-encoding", "gzip"))
    it.push_bytes(gzip.compress(b"data: " + b" " * 10_000_000))


def _slow(it: Exchange) -> None:
    it.begin_stream()
    for _ in range(250):
        if not it.server.stopping.wait(0.02):
            it.push(": still thinking\n\n")


def _silent(it: Exchange) -> None:
    it.server.stopping.wait(5)


def _endless(it: Exchange) -> None:
    it.begin_stream()
    for _ in range(500):
        it.event("x" * 100_000)


def _without(*forms: str) -> Callable[[Exchange], None]:
    def behave(it: Exchange) -> None:
        if it.form in forms:
            it.refuse(400, f"response_format type {it.form} is unavailable now")
        else:
            _right(it)

    return behave


def _without_field(name: str) -> Callable[[Exchange], None]:
    def behave(it: Exchange) -> None:
        if name in it.request.body:
            detail = [{"loc": ["body", name], "msg": "Extra inputs are not permitted"}]
            it.send(422, json.dumps({"detail": detail}))
        else:
            _right(it)

    return behave


def _unlisted(it: Exchange) -> None:
    if it.request.method == "GET":
        it.refuse(404, "no such page")
    else:
        it.complete("ok")


def _refusing(status: int, message: str, **headers: str) -> Callable[[Exchange], None]:
    return lambda it: it.refuse(status, message, **headers)


def _completing(form: str, finish: str = "stop") -> Callable[[Exchange], None]:
    return lambda it: it.complete(form.replace("{}", it.words()), finish)


def _plain(body: str, kind: str = "application/json") -> Callable[[Exchange], None]:
    return lambda it: it.send(200, body, kind)


BEHAVIOURS: dict[str, Callable[[Exchange], None]] = {
    "right": _right,
    "deaf": _deaf,
    "chatty": _completing("Sure, here is the note:\n```json\n{}\n```\nAnything else?"),
    "think": _completing("<think>They say {x}, so …</think>\n{}"),
    "half-think": _completing("They say {x}, so …</think>\n{}"),
    "garbage": _completing("I would rather talk about the weather."),
    "broken": lambda it: it.complete(it.words()[:-1] + ",}"),
    "empty": _completing("   "),
    "length": _completing("{}", finish="length"),
    "filter": _completing("", finish="content_filter"),
    "cut": _cut,
    "torn": _torn,
    "holed": _holed,
    "packed": _packed,
    "slow": _slow,
    "silent": _silent,
    "endless": _endless,
    "html": _plain("<!doctype html><title>Log in</title>", "text/html"),
    "text": _plain("Ollama is running", "text/plain"),
    "null": _plain('{"choices": null}'),
    "no-message": _plain('{"choices": [{"message": null, "finish_reason": "stop"}]}'),
    "truncated": _plain('{"choices": [{"index": 0, "mess'),
    "hidden-error": _plain('{"error": {"message": "upstream died", "code": 502}}'),
    "no-schema": _without("json_schema"),
    "no-form": _without("json_schema", "json_object"),
    "no-usage": _without_field("stream_options"),
    "no-temperature": _without_field("temperature"),
    "unlisted": _unlisted,
    "busy": _refusing(429, "slow down", retry_after="17"),
    "no-quota": _refusing(429, "insufficient_quota: you exceeded your quota"),
    "fault": _refusing(500, "internal error"),
    "no-credit": _refusing(402, "Insufficient Balance"),
    "no-model": _refusing(404, "The model `x` does not exist"),
    "too-long": _refusing(400, "This model's maximum context length is 4096 tokens"),
    "odd": _refusing(400, "the moon is in the wrong house"),
    "echo": lambda it: it.refuse(401, f"Incorrect API key provided: {it.key}. " * 9),
    "echo-page": lambda it: it.send(
        502, f"Authorization: Bearer {it.key}", "text/plain"
    ),
    "echo-words": lambda it: it.complete(it.words().replace("note", it.key)),
    "redirect": lambda it: it.send(307, "", headers={"location": it.server.moved_to}),
}


def _handler(server: LlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass  # the standard one writes to stderr

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            self._answer(json.loads(self.rfile.read(length)))

        def _answer(self, body: dict[str, Any]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            behave = BEHAVIOURS[server.next(request)]
            with suppress(ConnectionError):  # the client may leave when it has enough
                behave(Exchange(server, self, request))

    return Handler
