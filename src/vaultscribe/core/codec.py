"""Values of the model to JSON and back, driven by their types."""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def encode(value: object, kind: Any) -> str:
    """Write *value*, which is of type *kind*, as JSON text."""
    return _adapter(kind).dump_json(value).decode()


def decode(text: str | bytes, kind: type[T]) -> T:
    """Read JSON text as a value of type *kind*.

    Raises:
        ValueError: the text is not JSON or not of that shape.
    """
    value: T = _adapter(cast("Hashable", kind)).validate_json(text)
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", kind))
