import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_server import Heard, LlmServer, right_reply
from vaultscribe.adapters.llm import ChatServer
from vaultscribe.adapters.llm_refusal import quote, wait_s
from vaultscribe.adapters.llm_reply import json_schema, parse, read
from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
    TransientError,
)
from vaultscribe.core.model import Link, Media, Segment, Summary, Transcript, Work
from vaultscribe.core.summary import from_reply

KEY = "sk-canary-4b1d0c0ffee5"
TEMPLATE = (
    Path(__file__).parents[2] / "vault_templates" / "prompts" / "summary.md.j2"
).read_text("utf-8")
MEDIA = Media(Work("test:1", "https://example.org/1"), "How notes work", 60.0)
TRANSCRIPT = Transcript(
    "captions",
    "en",
    (
        Segment(0.0, 9.0, "Notes are written once and read often."),
        Segment(9.0, 30.0, "A note without a link is lost."),
        Segment(30.0, 61.0, "So link every note to two others."),
    ),
)
LINK = Link("https://example.org/1")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def client(server: LlmServer, **changes: Any) -> ChatServer:
    known = {"base_url": server.base_url, "model": "test-model", "api_key": KEY}
    return ChatServer(template=TEMPLATE, **(known | changes))


def summarise(server: LlmServer, **changes: Any) -> Summary:
    return client(server, **changes).summarise(MEDIA, TRANSCRIPT, LINK)


def failure(server: LlmServer, **changes: Any) -> LinkError:
    with pytest.raises(LinkError) as caught:
        summarise(server, **changes)
    return caught.value


def test_a_right_answer_becomes_a_summary_with_moments() -> None:
    with LlmServer() as server:
        summary = summarise(server)

    assert [point.moment_s for point in summary.points] == [0.0, 9.0, 30.0]
    assert summary.points[1].text == "A note without a link is lost."
    assert (summary.author, summary.language) == ("test-model", "en")
    assert len(summary.diagram.nodes) == 3


def test_the_tags_on_offer_reach_the_model() -> None:
    with LlmServer() as server:
        client(server).summarise(
            MEDIA, TRANSCRIPT, LINK, ("career", "人工智能/pytorch")
        )

    assert "<tags>\ncareer\n人工智能/pytorch\n</tags>" in server.requests[0].prompt


def test_the_concepts_of_a_reply_arrive() -> None:
    def reply(request: dict[str, Any], segments: list[Heard]) -> dict[str, Any]:
        words = [f"term {number}" for number in range(99)]
        return right_reply(request, segments) | {"concepts": ["Zettelkasten", *words]}

    with LlmServer(reply=reply) as server:
        summary = summarise(server)

    assert summary.concepts[:2] == ("Zettelkasten", "term 0")
    assert len(summary.concepts) == 12


@pytest.mark.parametrize("concepts", [None, "one", 5, [None, {}], [[]]])
def test_a_model_that_names_no_concepts_is_understood(concepts: object) -> None:
    assert parse(json.dumps({"core": "x", "concepts": concepts}))["concepts"] == []
    assert parse('{"core": "x"}')["concepts"] == []


def test_the_words_of_a_reply_hook_arrive() -> None:
    def reply(request: dict[str, Any], segments: list[Heard]) -> dict[str, Any]:
        cited = segments[-1].number
        return {"core": "X.", "points": [{"text": "Y.", "segment": cited}]}

    with LlmServer(reply=reply) as server:
        summary = summarise(server)

    assert summary.core == "X."
    assert [(point.text, point.moment_s) for point in summary.points] == [("Y.", 30.0)]


def test_the_request_asks_for_a_stream_of_strict_json() -> None:
    with LlmServer() as server:
        summarise(server)

    body = server.requests[0].body
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["response_format"]["json_schema"]["strict"] is True
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_every_object_of_the_schema_is_closed_and_complete() -> None:
    schema = json_schema()["json_schema"]["schema"]
    parts = [schema, *schema["$defs"].values()]

    assert all(part["additionalProperties"] is False for part in parts)
    assert all(part["required"] == list(part["properties"]) for part in parts)
    assert '"default"' not in json.dumps(schema)
    assert "title" in schema["$defs"]["_Part"]["properties"]


@pytest.mark.parametrize(
    "behaviour", ["deaf", "chatty", "think", "half-think", "broken"]
)
def test_an_answer_in_another_dress_is_understood(behaviour: str) -> None:
    with LlmServer(behaviour) as server:
        summary = summarise(server)

    assert len(summary.points) == 3


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        ("empty", TransientError, "answered nothing"),
        ("null", TransientError, "answered nothing"),
        ("no-message", TransientError, "answered nothing"),
        ("garbage", TransientError, "not a JSON object"),
        ("cut", TransientError, "answered only half"),
        ("torn", TransientError, "answered only half"),
        ("holed", TransientError, "answered only half"),
        ("length", TransientError, "answered only half"),
        ("truncated", TransientError, "answered nothing"),
        ("fault", TransientError, "has a fault (500: internal error)"),
        ("hidden-error", TransientError, "has a fault (502: upstream died)"),
        ("endless", TransientError, "does not stop writing"),
        ("filter", PermanentError, "will not write about this recording"),
        ("too-long", PermanentError, "is too long for one request"),
        ("odd", PermanentError, "the moon is in the wrong house"),
        ("html", NeedsUser, "answers with a web page, not with an OpenAI-compatible"),
        ("text", NeedsUser, "answers with “Ollama is running”"),
        ("packed", NeedsUser, "not with an OpenAI-compatible API"),
        ("no-model", NeedsUser, "check `model` and `base_url`"),
        ("no-credit", NeedsUser, "top it up"),
        ("no-quota", NeedsUser, "top it up"),
        ("echo", NeedsUser, "check the key"),
    ],
)
def test_a_failure_says_what_to_do(
    behaviour: str, kind: type[LinkError], words: str
) -> None:
    with LlmServer(behaviour) as server:
        error = failure(server)

    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(error)


def test_a_busy_server_says_how_long_to_wait() -> None:
    with LlmServer("busy") as server:
        error = failure(server)

    assert isinstance(error, TransientError)
    assert error.retry_after_s == 17


def test_nothing_is_retried_behind_the_back_of_the_queue() -> None:
    with LlmServer("fault", "right") as server:
        failure(server)
        asked = len(server.requests)
        summary = summarise(server)

    assert asked == 1
    assert summary.points


def test_a_dripping_server_meets_the_deadline() -> None:
    with LlmServer("slow") as server:
        error = failure(server, timeout_s=0.3)

    assert isinstance(error, TransientError)
    assert "did not finish in time" in str(error)


def test_a_silent_server_is_given_up() -> None:
    with LlmServer("silent") as server:
        error = failure(server, silence_s=0.2)

    assert isinstance(error, TransientError)
    assert "does not answer in time" in str(error)


def test_a_server_that_is_not_running_is_tried_again_later() -> None:
    with LlmServer() as server:
        address = server.base_url

    error = failure(server, base_url=address)

    assert isinstance(error, TransientError)
    assert "cannot be reached" in str(error)


def test_a_server_without_schemas_is_asked_in_its_own_way_and_remembered() -> None:
    with LlmServer("no-schema") as server:
        chat = client(server)
        chat.summarise(MEDIA, TRANSCRIPT, LINK)
        chat.summarise(MEDIA, TRANSCRIPT, LINK)

    forms = [request.body["response_format"]["type"] for request in server.requests]
    assert forms == ["json_schema", "json_object", "json_object"]


def test_a_server_without_json_mode_is_asked_in_plain_words() -> None:
    with LlmServer("no-form") as server:
        summary = summarise(server)

    assert "response_format" not in server.requests[-1].body
    assert len(server.requests) == 3
    assert summary.points


@pytest.mark.parametrize("field", ["stream_options", "temperature"])
def test_a_field_that_a_server_refuses_is_left_out(field: str) -> None:
    behaviour = {"stream_options": "no-usage", "temperature": "no-temperature"}[field]
    with LlmServer(behaviour) as server:
        summarise(server)

    assert [field in request.body for request in server.requests] == [True, False]
    assert server.requests[-1].body["response_format"]["type"] == "json_schema"


def test_a_redirect_does_not_carry_the_key_away() -> None:
    with LlmServer() as thief:
        target = thief.base_url + "/chat/completions?token=abc"
        with LlmServer("redirect", moved_to=target) as server:
            error = failure(server)

    assert thief.requests == []
    assert isinstance(error, NeedsUser)
    assert "http://127.0.0.1: check `base_url`" in str(error)


def test_the_environment_of_another_account_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-other-admin")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-other")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-other")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://other.invalid/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Other: other\nAuthorization: other")

    with LlmServer() as server:
        summarise(server)
        summarise(server, api_key="")

    sent = [request.headers for request in server.requests]
    assert sent[0]["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in sent[1]
    assert "other" not in str(sent).lower()


@pytest.mark.parametrize(
    "behaviour",
    ["echo", "echo-page", "echo-words", "busy", "fault", "garbage", "cut", "right"],
)
def test_the_key_is_in_no_error_log_or_repr(
    behaviour: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    with LlmServer(behaviour) as server:
        chat = client(server)
        try:
            told = repr(chat.summarise(MEDIA, TRANSCRIPT, LINK))
        except LinkError as error:
            logging.getLogger("test").exception("failed")
            told = f"{error} {error!r} {error.__context__!r}"
            told += "".join(traceback.format_exception(error))

    assert len(caplog.records) > 3
    assert "canary" not in told + caplog.text + repr(chat) + str(chat)


def test_foreign_words_are_short_and_on_one_line() -> None:
    words = quote("no\nBearer abc.def, sk-12345678 " + "x" * 500, KEY)

    assert words.startswith("no …, … xxx")
    assert len(words) == 200


@pytest.mark.parametrize("key", ["sk-abc\ndef", "sk-ключ", "two words"])
def test_a_key_that_cannot_be_one_is_the_users_to_mend(key: str) -> None:
    with LlmServer() as server:
        error = failure(server, api_key=key)

    assert isinstance(error, NeedsUser)
    assert key not in str(error)
    assert server.requests == []


def test_blanks_around_a_key_are_forgiven() -> None:
    with LlmServer() as server:
        summarise(server, api_key=f" {KEY}\n")

    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "address",
    [
        "localhost:11434",
        "",
        "http://",
        "http://me:pw@host/v1",
        "http://[::1",
        "ftp://x",
    ],
)
def test_an_address_that_is_none_is_the_users_to_mend(address: str) -> None:
    with LlmServer() as server:
        error = failure(server, base_url=address)

    assert isinstance(error, NeedsUser)
    assert "`base_url` is not an address" in str(error)
    assert "pw" not in str(error)


def test_an_address_pasted_with_its_last_part_works() -> None:
    with LlmServer() as server:
        summary = summarise(server, base_url=f"{server.base_url}/chat/completions/")

    assert summary.points


def test_a_transcript_longer_than_the_context_is_not_sent() -> None:
    with LlmServer() as server:
        error = failure(server, context_tokens=800)

    assert isinstance(error, PermanentError)
    assert "is too long for one request" in str(error)
    assert server.requests == []


def test_a_transcript_without_words_is_not_sent() -> None:
    silence = Transcript("none", "", (Segment(0.0, 1.0, " "),))

    with LlmServer() as server, pytest.raises(PermanentError, match="has no words"):
        client(server).summarise(MEDIA, silence, LINK)

    assert server.requests == []


def test_the_language_of_the_settings_wins_over_that_of_the_recording() -> None:
    with LlmServer() as server:
        summary = summarise(server, language="zh")

    assert summary.language == "zh"
    assert "Simplified Chinese" in server.requests[0].prompt


def test_a_server_that_lists_the_model_is_reachable() -> None:
    with LlmServer() as server:
        sentence = client(server).reachable()

    assert sentence.startswith("test-model at 127.0.0.1")
    assert server.questions == []


@pytest.mark.parametrize(
    ("behaviour", "model"), [("unlisted", "test-model"), ("unlisted", "other")]
)
def test_a_server_that_does_not_list_the_model_is_asked_a_word(
    behaviour: str, model: str
) -> None:
    with LlmServer(behaviour) as server:
        sentence = client(server, model=model).reachable()

    assert sentence.endswith("answers")
    assert len(server.questions) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("html", NeedsUser),
        ("echo", NeedsUser),
        ("no-model", NeedsUser),
        ("fault", TransientError),
        ("hidden-error", TransientError),
    ],
)
def test_a_server_that_is_not_well_is_not_reachable(
    behaviour: str, kind: type[LinkError]
) -> None:
    with LlmServer(behaviour) as server, pytest.raises(kind) as caught:
        client(server).reachable()

    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("17", 17),
        ("0.5", 0.5),
        ("-3", 0),
        ("nan", 0),
        ("1e99", 86_400),
        ("soon", 0),
        ("", 0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20),
        ("Thu, 99 Jan 1970 00:02:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, wait: float) -> None:
    assert wait_s(header, 100.0) == wait


@pytest.mark.parametrize("value", [12, "12", "S12", "[S12]", 12.0, [12, 14]])
def test_a_segment_number_is_read_from_what_models_write(value: object) -> None:
    reply = parse(json.dumps({"points": [{"text": "x", "segment": value}]}))

    assert reply["points"][0]["segment"] == 12


@pytest.mark.parametrize("value", [None, True, "", "soon", -4, 1e300, {}, [], [[1]]])
def test_what_is_no_segment_number_cites_nothing(value: object) -> None:
    reply = parse(json.dumps({"points": [{"text": "x", "segment": value}]}))

    assert reply["points"][0]["segment"] == -1


def test_long_texts_and_lists_are_cut_not_refused() -> None:
    many = [{"text": "x" * 9999, "segment": number} for number in range(500)]

    reply = parse(json.dumps({"points": many, "tags": ["y" * 999] * 99, "core": 5}))

    assert len(reply["points"]) == 40
    assert len(reply["points"][0]["text"]) == 500
    assert [len(tag) for tag in reply["tags"]] == [80] * 8
    assert reply["core"] == "5"


def test_half_a_sign_does_not_reach_the_note() -> None:
    reply = parse('{"core": "a\\ud800b\\u0000c", "tags": ["\\udfff"]}')

    assert reply["core"] == "abc"
    assert reply["tags"] == [""]


def test_one_broken_item_does_not_cost_the_others() -> None:
    reply = parse('{"points": [null, 5, {"text": "x", "segment": 1}], "nodes": "none"}')

    assert reply["points"] == [{"text": "x", "segment": 1}]
    assert reply["nodes"] == []


@pytest.mark.parametrize("content", ["", "[]", "no", "<think>{}", "{" * 300_000])
def test_words_without_an_object_are_of_no_use(content: str) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        parse(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=12,
)
ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(
            ["text", "title", "segment", "id", "label", "shape", "source", "target"]
        ),
        JSON | st.integers(0, 3),
    )
    | JSON,
    max_size=4,
)
REPLIES = st.dictionaries(
    st.sampled_from(
        [
            "points",
            "sections",
            "core",
            "view",
            "nodes",
            "edges",
            "tags",
            "people",
            "concepts",
        ]
    ),
    ITEMS | JSON,
)


@settings(max_examples=50)
@given(REPLIES)
def test_any_json_becomes_a_summary_with_true_moments_or_a_value_error(
    value: dict[str, Any],
) -> None:
    moments = {segment.start_s for segment in TRANSCRIPT.segments}
    try:
        summary = from_reply(parse(json.dumps(value)), TRANSCRIPT, "m", "en")
    except ValueError:
        return

    json.dumps(repr(summary)).encode("utf-8")
    assert {each.moment_s for each in summary.points + summary.sections} <= moments


@settings(max_examples=50)
@given(st.text() | st.text().map("{".__add__))
def test_any_words_are_a_reply_or_a_value_error(content: str) -> None:
    try:
        reply = parse(content)
    except ValueError:
        return

    assert set(reply) >= {"points", "core"}


@settings(max_examples=50)
@given(st.binary() | JSON.map(lambda value: b"data: " + json.dumps(value).encode()))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    completion = read(body)

    assert isinstance(completion.text, str)


@settings(max_examples=50)
@given(REPLIES | JSON)
def test_any_event_is_read_without_an_error(value: object) -> None:
    choice = {"choices": [value, {"delta": value}, {"message": {"content": value}}]}

    completion = read(json.dumps(choice).encode())

    assert completion.is_api
