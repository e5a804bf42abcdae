"""Read what an LLM server sent: the bytes on the wire, then the model's words.

Nothing here trusts the other side. The form of a reply is asked for strictly
(`response_format`) and read leniently (`parse`): a wrong type or one broken item
costs that item, not the whole reply; what is too long is cut.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from vaultscribe.core.neutralise import clean
from vaultscribe.core.summary import (
    CONCEPTS_LIMIT,
    PEOPLE_LIMIT,
    TAGS_LIMIT,
    Reply,
    cut,
)

REPAIR_LIMIT = 200_000
"""Characters of a reply that json_repair may mend; it takes 1.3 s for so many."""

LIST_LIMIT = 40
"""Items of a list; what is kept of them is decided in core/summary.py."""

SEGMENT_LIMIT = 1_000_000

A_PAGE = "a web page"
"""Said instead of the source of an HTML page."""

_THINKING = re.compile(r"\s*<(think|thinking|reasoning)>")
_NUMBER = re.compile(r"\s*[\[(]?\s*[Ss]?(\d{1,6})\b")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a 200 answer says.

    Args:
        text: the model's words, without what it calls its reasoning.
        finish: why the model stopped, such as `stop`; empty when that never came.
        error: the server's words, when it sent an error instead of an answer.
        code: the HTTP status named in that error; 0 for none.
        is_api: False for a web page and other texts that no such server sends.
    """

    text: str = ""
    finish: str = ""
    error: str = ""
    code: int = 0
    is_api: bool = True


def read(body: bytes) -> Completion:
    """Read a streamed or a plain answer; one that is torn has no *finish*."""
    text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        event = _event(text)
        if event and not {"choices", "error"} & event.keys():
            return Completion(error=said(body), is_api=False)
        return _joined([event])
    lines = text.replace("\r", "\n").split("\n")
    data = [line[5:].strip() for line in lines if line.startswith("data:")]
    if not data and text and not text.startswith((":", "event:", "id:", "retry:")):
        return Completion(error=said(body), is_api=False)
    return _joined([_event(line) for line in data if line not in {"", "[DONE]"}])


def said(body: bytes) -> str:
    """Find the words in the body of an error: its message, or a name for a page."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return A_PAGE
    event = _event(text)
    return text if event is None else _message(event) or text


def parse(content: str) -> Reply:
    """Read the model's words as the JSON object that was asked for.

    Raises:
        ValueError: there is none in them.
    """
    form = _Form.model_validate(_object(_without_thinking(content)))
    return cast("Reply", form.model_dump())


@cache
def json_schema() -> dict[str, Any]:
    """Describe the reply as a strict `response_format`.

    The same for every recording, because servers compile a schema once. Every
    text has its maxLength: without one, llama.cpp writes on to the token limit.
    """
    schema = _strict(_Form.model_json_schema())
    return {
        "type": "json_schema",
        "json_schema": {"name": "note", "strict": True, "schema": schema},
    }


def _event(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _joined(events: list[dict[str, Any] | None]) -> Completion:
    parts: list[str] = []
    finish = ""
    for event in events:
        if event is None:
            # A torn event: what follows cannot make the text whole again.
            return Completion("".join(parts))
        if event.get("error"):
            return Completion(error=_message(event), code=_code(event["error"]))
        for choice in _choices(event):
            parts.append(_content(choice))
            finish = _text_of(choice.get("finish_reason")) or finish
    return Completion("".join(parts), finish)


def _choices(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("index", 0) == 0:
            yield choice


def _content(choice: dict[str, Any]) -> str:
    part = choice.get("delta") or choice.get("message")
    content = part.get("content") if isinstance(part, dict) else None
    if isinstance(content, list):
        texts = [item.get("text") for item in content if isinstance(item, dict)]
        return "".join(map(_text_of, texts))
    return _text_of(content)


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _message(event: dict[str, Any]) -> str:
    error = event.get("error") or event.get("detail") or event.get("message")
    if isinstance(error, dict):
        error = error.get("message") or error
    return error if isinstance(error, str) else json.dumps(error) if error else ""


def _code(error: object) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


def _without_thinking(content: str) -> str:
    """Cut off `<think>…</think>`; some servers send only its end."""
    if opened := _THINKING.match(content):
        return content.partition(f"</{opened[1]}>")[2]
    head, end, tail = content.partition("</think>")
    return tail if end and not head.lstrip().startswith(("{", "```")) else content


def _object(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0:
        raise ValueError("it is not a JSON object")
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        value = _repaired(text[start:])
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - not our caller's
    return value


def _repaired(text: str) -> object:
    import json_repair

    if len(text) > REPAIR_LIMIT:
        raise ValueError("it is broken JSON")
    try:
        return json_repair.loads(text, skip_json_loads=True)
    except (RecursionError, ValueError, LookupError, TypeError):
        raise ValueError("it is broken JSON") from None


def _strict(schema: Any) -> Any:
    """Add what `strict` asks for, and take out what some servers refuse."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _strict(value)
        for key, value in schema.items()
        if key not in {"title", "default"} or isinstance(value, dict)
    }
    if isinstance(properties := kept.get("properties"), dict):
        kept |= {"additionalProperties": False, "required": list(properties)}
    return kept


def _as_text(value: object, limit: int) -> str:
    if isinstance(value, int) and abs(value) < SEGMENT_LIMIT:
        return str(value)
    return cut(clean(value).strip(), limit) if isinstance(value, str) else ""


def _as_segment(value: object) -> int:
    """Read 12, "12", "S12", 12.0 and [12]; -1 for all else."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str) and (match := _NUMBER.match(value)):
        return int(match[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -1
    return int(value) if 0 <= value < SEGMENT_LIMIT else -1


def _as_objects(value: object) -> Sequence[object]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)][:LIST_LIMIT]


def _as_texts(value: object, limit: int) -> Sequence[object]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)][:limit]


_Paragraph = Annotated[
    str, BeforeValidator(partial(_as_text, limit=2000)), Field(max_length=2000)
]
_Sentence = Annotated[
    str, BeforeValidator(partial(_as_text, limit=500)), Field(max_length=500)
]
_Phrase = Annotated[
    str, BeforeValidator(partial(_as_text, limit=80)), Field(max_length=80)
]
_Word = Annotated[
    str, BeforeValidator(partial(_as_text, limit=24)), Field(max_length=24)
]
_Shape = Annotated[
    _Word,
    WithJsonSchema({"type": "string", "enum": ["step", "turn", "outcome"]}),
]
_Segment = Annotated[
    int,
    BeforeValidator(_as_segment),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
_Objects = (BeforeValidator(_as_objects), Field(max_length=LIST_LIMIT))


class _Statement(BaseModel):
    text: _Sentence = ""
    segment: _Segment = -1


class _Part(BaseModel):
    title: _Phrase = ""
    text: _Sentence = ""
    segment: _Segment = -1


class _Box(BaseModel):
    id: _Word = ""
    label: _Phrase = ""
    shape: _Shape = ""


class _Arrow(BaseModel):
    source: _Word = ""
    target: _Word = ""
    word: _Word = ""


class _Form(BaseModel):
    """Statements first: a model that has cited them writes a truer gist."""

    points: Annotated[list[_Statement], *_Objects] = []
    sections: Annotated[list[_Part], *_Objects] = []
    core: _Paragraph = ""
    view: _Sentence = ""
    nodes: Annotated[list[_Box], *_Objects] = []
    edges: Annotated[list[_Arrow], *_Objects] = []
    tags: Annotated[
        list[_Phrase],
        BeforeValidator(partial(_as_texts, limit=TAGS_LIMIT)),
        Field(max_length=TAGS_LIMIT),
    ] = []
    people: Annotated[
        list[_Phrase],
        BeforeValidator(partial(_as_texts, limit=PEOPLE_LIMIT)),
        Field(max_length=PEOPLE_LIMIT),
    ] = []
    concepts: Annotated[
        list[_Phrase],
        BeforeValidator(partial(_as_texts, limit=CONCEPTS_LIMIT)),
        Field(max_length=CONCEPTS_LIMIT),
    ] = []
