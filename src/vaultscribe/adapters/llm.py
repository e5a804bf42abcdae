"""Summaries from any OpenAI-compatible server; the only door of openai.

The SDK is used for its transport only. It has no total deadline, takes a cut
stream for a whole answer and a web page for a string, reads headers and keys
from the environment, and repeats foreign words in its errors; so the bytes are
read here, within limits, and judged in `llm_reply`.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from vaultscribe.adapters.llm_refusal import (
    BAD_REQUEST,
    OK,
    SERVER_FAULT,
    Answer,
    quote,
    refusal,
    too_long,
    wait_s,
    without_key,
)
from vaultscribe.adapters.llm_reply import A_PAGE, Completion, json_schema, parse, read
from vaultscribe.core.errors import NeedsUser, PermanentError, TransientError
from vaultscribe.core.model import Link, Media, Summary, Transcript
from vaultscribe.core.prompts import Wish, estimate_tokens, messages
from vaultscribe.core.summary import from_reply, language_of

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

CONTENT_LIMIT = 1 << 20
"""Characters of an answer; a note needs some ten thousand."""

WIRE_LIMIT_BYTES = 32 << 20
"""A streamed token of three letters travels in some 250 bytes of JSON."""

ANSWER_TOKENS = 4096
"""Room that is left for the answer, at most a quarter of the context."""

PING_S = 60.0
"""Deadline of the question whether a server is there."""

_DONE = re.compile(rb"^data:\s?\[DONE\]", re.MULTILINE)
_FORM_WORDS = (
    "response_format", "response format", "json_schema", "json_object", "schema",
    "strict", "structured", "grammar", "json mode",
)  # fmt: skip
"""Words by which servers refuse a form. Source: errors quoted in their issues."""

_OUR_HEADERS = frozenset(
    {
        "host",
        "accept",
        "connection",
        "content-type",
        "content-length",
        "x-stainless-raw-response",  # the SDK finds in it how to hand us the answer
    }
)
"""What the server needs to know, besides the key."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How much of the API a server understands."""

    form: Literal["schema", "object", "text"] = "schema"
    usage: bool = True
    temperature: bool = True


_Call = Callable[["OpenAI"], AbstractContextManager[Any]]


@dataclass(kw_only=True, slots=True, eq=False)
class ChatServer:
    """One model on one server.

    Args:
        base_url: such as `https://api.deepseek.com/v1`.
        model: as the server names it.
        api_key: empty for a server that asks for none.
        template: text of the prompt, see `core/prompts.py`.
        timeout_s: deadline of one summary, over all its requests.
        silence_s: longest wait for the next byte.
        language: of the notes; `auto` takes that of the recording.
        context_tokens: what the model takes at once, question and answer.
    """

    base_url: str = field(repr=False)
    model: str
    api_key: str = field(repr=False)
    template: str = field(repr=False)
    timeout_s: float = 600.0
    silence_s: float = 300.0
    language: Literal["auto", "zh", "en"] = "auto"
    context_tokens: int = 64_000
    _dialect: _Dialect = field(default=_Dialect(), init=False, repr=False)

    def summarise(
        self,
        media: Media,
        transcript: Transcript,
        link: Link,
        tags: tuple[str, ...] = (),
    ) -> Summary:
        """Ask for a summary of *transcript* and check the answer.

        *tags* are the user's, offered to choose from.

        Raises:
            TransientError: the server is away, busy, too slow, or answered
                nothing, only half, or something that is not the JSON asked for.
            PermanentError: the transcript has no words or is too long, or the
                server will not answer this question.
            NeedsUser: key, model, address, credit or prompt template are wrong.
        """
        if not any(segment.text.strip() for segment in transcript.segments):
            raise PermanentError(f"{media.work.id} has no words to summarise")
        language = self.language
        if language == "auto":
            language = language_of(transcript, media.title)
        wish = Wish(link.focus, language, tags)
        question = messages(self.template, media, transcript, wish)
        self._check_room(question)
        content = self._content(self._ask(question))
        fault = ""
        try:
            return from_reply(parse(content), transcript, self.model, language)
        except ValueError as error:
            fault = quote(str(error), self._key())
        raise TransientError(f"the answer of {self._place()} is of no use: {fault}")

    def reachable(self) -> str:
        """Ask the server whether it is there and has the model; say so in a sentence.

        Raises:
            LinkError: as `summarise`, except that nothing is asked of the model's
                skill.
        """
        deadline = time.monotonic() + min(self.timeout_s, PING_S)
        listing = self._send(
            deadline, lambda client: client.models.with_streaming_response.list()
        )
        if listing.status in {401, 402, 403} or listing.status >= SERVER_FAULT:
            raise refusal(listing, self._place(), self._key())
        if listing.status == OK and _is_listed(self.model, listing.body):
            return f"{self._place()} answers"
        # Not every server lists its models, or lists them by the same names.
        question = [{"role": "user", "content": "Answer with the word ok."}]
        poorest = _Dialect("text", usage=False, temperature=False)
        call = partial(_chat, self.model, question, poorest)
        self._judged(_truthful(self._send(deadline, call)))
        return f"{self._place()} answers"

    def _ask(self, question: list[dict[str, str]]) -> Completion:
        """Ask in the richest dialect that the server is not known to refuse."""
        deadline = time.monotonic() + self.timeout_s
        dialect = self._dialect
        while True:
            call = partial(_chat, self.model, question, dialect)
            answer = _truthful(self._send(deadline, call))
            poorer = _poorer(dialect, answer)
            if poorer is None:
                break
            dialect = poorer
        completion = self._judged(answer)
        self._dialect = dialect
        return completion

    def _send(self, deadline: float, call: _Call) -> Answer:
        """Make one request; any status is an answer, silence is an error.

        Foreign errors are left behind and not chained: their words may hold the key.
        """
        import httpx2
        import openai

        try:
            with self._client(deadline) as client, call(client) as response:
                return Answer(OK, self._received(response.iter_bytes()))
        except openai.APIStatusError as error:
            headers = error.response.headers
            return Answer(
                error.status_code,
                error.response.content,
                wait_s(headers.get("retry-after", ""), time.time()),
                headers.get("location", ""),
            )
        except (openai.APITimeoutError, httpx2.TimeoutException):
            failure = "does not answer in time: it may be busy, or its model too slow"
        except (openai.APIConnectionError, httpx2.TransportError):
            failure = "cannot be reached: is the server running, and the network up?"
        raise TransientError(f"{self._place()} {failure}")

    def _client(self, deadline: float) -> "OpenAI":
        import openai

        key = self._key()
        silence_s = max(0.1, min(self.silence_s, deadline - time.monotonic()))

        def send_only_ours(request: "httpx2.Request") -> None:
            # OPENAI_CUSTOM_HEADERS and its kind are meant for another server.
            for name in set(request.headers) - _OUR_HEADERS:
                del request.headers[name]
            request.headers["accept-encoding"] = "identity"
            request.headers["user-agent"] = "vaultscribe"
            if key:
                request.headers["authorization"] = f"Bearer {key}"

        def receive_within_limits(response: "httpx2.Response") -> None:
            # We asked for plain bytes: what is packed all the same may be a bomb.
            response.headers.pop("content-encoding", None)
            _limit(response, lambda size: self._check_limits(size, deadline))

        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [send_only_ours],
            "response": [receive_within_limits],
        }
        return openai.OpenAI(
            base_url=self._address(),
            api_key=key or "none",
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            max_retries=0,
            timeout=openai.Timeout(silence_s, connect=5.0),
            # A redirect could lead the key to another host.
            http_client=openai.DefaultHttpxClient(
                follow_redirects=False, event_hooks=hooks
            ),
        )

    def _received(self, chunks: Iterator[bytes]) -> bytes:
        """Read until the end or `[DONE]`; a torn stream is judged by what it lacks."""
        import httpx2

        body = bytearray()
        try:
            for chunk in chunks:
                body += chunk
                if _DONE.search(body, max(0, len(body) - len(chunk) - 16)):
                    break
        except httpx2.TransportError:
            if not body:
                raise
        return bytes(body)

    def _check_limits(self, size_bytes: int, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise TransientError(
                f"{self._place()} did not finish in time: a faster model or a longer "
                "timeout may help"
            )
        if size_bytes > WIRE_LIMIT_BYTES:
            raise TransientError(f"{self._place()} does not stop writing")

    def _judged(self, answer: Answer) -> Completion:
        """Return what the server answered, or raise what it refused."""
        if answer.status != OK:
            raise refusal(answer, self._place(), self._key())
        completion = read(answer.body)
        if not completion.is_api:
            raise NeedsUser(self._not_an_api(completion.error))
        return completion

    def _not_an_api(self, words: str) -> str:
        words = quote(words, self._key())
        there = self._address().partition("?")[0]
        what = words if words == A_PAGE else f"“{words}”"
        return (
            f"the address {there} answers with {what}, not with an OpenAI-compatible "
            "API: check `base_url`"
        )

    def _content(self, completion: Completion) -> str:
        """Return the words of a whole answer."""
        place, finish = self._place(), completion.finish
        if finish == "content_filter":
            raise PermanentError(f"{place} will not write about this recording")
        if finish == "length":
            raise TransientError(
                f"{place} answered only half: its limit of tokens was reached"
            )
        if not completion.text.strip():
            raise TransientError(f"{place} answered nothing")
        if finish != "stop":
            raise TransientError(f"{place} answered only half: the connection was cut")
        if len(completion.text) > CONTENT_LIMIT:
            raise TransientError(f"{place} does not stop writing")
        return without_key(completion.text, self._key())

    def _check_room(self, question: list[dict[str, str]]) -> None:
        need = sum(estimate_tokens(message["content"]) for message in question)
        room = self.context_tokens - min(ANSWER_TOKENS, self.context_tokens // 4)
        if need > room:
            raise too_long(self._place(), f" (about {need} tokens, and {room} fit)")

    def _address(self) -> str:
        """Return the checked base address.

        Raises:
            NeedsUser: it is no http address, or holds a password, which would then
                stand in logs and errors.
        """
        address = self.base_url.strip().rstrip("/").removesuffix("/chat/completions")
        try:
            parts = urlsplit(address)
            is_right = parts.scheme in {"http", "https"} and parts.port != 0
            is_right = is_right and bool(parts.hostname) and "@" not in parts.netloc
        except ValueError:
            is_right = False
        if not is_right:
            raise NeedsUser(
                "`base_url` is not an address such as https://api.deepseek.com/v1 "
                "(without a user name): check it"
            )
        return address

    def _key(self) -> str:
        key = self.api_key.strip()
        if not re.fullmatch(r"[!-~]*", key):
            raise NeedsUser(
                "the API key holds a character that no key has: copy it again"
            )
        return key

    def _place(self) -> str:
        return f"{self.model} at {urlsplit(self._address()).netloc}"


def _chat(
    model: str, question: list[dict[str, str]], dialect: _Dialect, client: "OpenAI"
) -> AbstractContextManager[Any]:
    options: dict[str, Any] = {"messages": question}
    if dialect.usage:
        options["stream_options"] = {"include_usage": True}
    if dialect.temperature:
        options["temperature"] = 0.2
    if dialect.form == "schema":
        options["response_format"] = json_schema()
    if dialect.form == "object":
        options["response_format"] = {"type": "json_object"}
    return client.chat.completions.with_streaming_response.create(
        model=model, stream=True, **options
    )


def _poorer(dialect: _Dialect, answer: Answer) -> _Dialect | None:
    """Leave out what the server names in its refusal; None when that is nothing."""
    if answer.status not in {400, 404, 422}:
        return None
    words = answer.text().lower()
    if dialect.usage and ("stream_options" in words or "include_usage" in words):
        return replace(dialect, usage=False)
    if dialect.temperature and "temperature" in words:
        return replace(dialect, temperature=False)
    if dialect.form != "text" and any(word in words for word in _FORM_WORDS):
        return replace(dialect, form="object" if dialect.form == "schema" else "text")
    return None


def _truthful(answer: Answer) -> Answer:
    """Give an error that came with status 200 the status that it names, or 500."""
    if answer.status != OK:
        return answer
    completion = read(answer.body)
    if not completion.error or not completion.is_api:
        return answer
    is_error = BAD_REQUEST <= completion.code < SERVER_FAULT + 100
    return replace(answer, status=completion.code if is_error else SERVER_FAULT)


def _is_listed(model: str, body: bytes) -> bool:
    try:
        listed = json.loads(body)["data"]
        return any(entry["id"] == model for entry in listed)
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def _limit(response: "httpx2.Response", check: Callable[[int], None]) -> None:
    """Call *check* with the bytes received so far, before each is handed on."""
    import httpx2

    stream = response.stream

    class Limited(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            size_bytes = 0
            for chunk in cast("httpx2.SyncByteStream", stream):
                size_bytes += len(chunk)
                check(size_bytes)
                yield chunk

        def close(self) -> None:
            cast("httpx2.SyncByteStream", stream).close()

    response.stream = Limited()
