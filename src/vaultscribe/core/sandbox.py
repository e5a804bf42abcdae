"""A sandbox for templates that users write: they reach what they are given, no more.

Python's internals are closed by Jinja2's own sandbox, and the disk by a loader that
knows only the texts it was given. This one adds bounds, because a template with a
mistake must not stop the program: loops, calls and products are counted, and so
is what is written. Every fault is told with its file and line.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, safe_range

from vaultscribe.core.errors import ConfigError
from vaultscribe.core.neutralise import one_line
from vaultscribe.core.summary import cut

CALL_STEPS = 10
"""A call takes as long as some ten turns of a loop."""
BITS_LIMIT = 1024
"""Of a product or a power; Python would reckon on for hours."""
TEXT_LIMIT = 100_000
"""Characters, or items, of a text or a list that is multiplied."""
FAULT_LIMIT = 300
"""Characters of what Jinja2 says about a fault."""

_MODEL = "vaultscribe.core.model."
"""Before the names of our types, of which Python speaks."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_LEFT: ContextVar[list[int]] = ContextVar("left")
"""How many more steps the template that is being filled may take, as its one item."""


class Sandbox(SandboxedEnvironment):
    """Compiles each text once.

    Args:
        texts: the templates by their names; there are no others.
    """

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(
            loader=FunctionLoader(lambda name: _source(texts, name)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self.globals["range"] = _range
        del self.globals["lipsum"]
        self.filters["_counted"] = _counted

    def call(self, context: Context, obj: Any, /, *args: Any, **named: Any) -> Any:
        _spend(CALL_STEPS)
        return super().call(context, obj, *args, **named)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if not _has_room(operator, left, right):
            raise OverflowError("the product is too large for a note")
        return super().call_binop(context, operator, left, right)

    def _parse(
        self, source: str, name: str | None, filename: str | None
    ) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateSyntaxError(
                    "a loop may not be `recursive` here; call a macro",
                    loop.lineno, name, filename,
                )  # fmt: skip
            loop.iter = nodes.Filter(
                loop.iter, "_counted", [], [], None, None, lineno=loop.lineno
            )
            loop.iter.set_environment(self)
        return tree


def fill(
    sandbox: Sandbox, name: str, values: Mapping[str, Any], steps: int, size: int
) -> str:
    """Fill the template *name* with *values*.

    Args:
        sandbox: knows the template.
        name: of the template.
        values: what the template may use, by name.
        steps: turns of loops that it may take; a call counts as ten.
        size: characters that it may write.

    Raises:
        ConfigError: the template is wrong; it names the file and the line.
    """
    token = _LEFT.set([steps])
    try:
        return _written(sandbox.get_template(name), values, size)
    except Exception as error:  # a template is foreign code and raises anything
        raise ConfigError(_told(error, name)) from error
    finally:
        _LEFT.reset(token)


def _source(
    texts: Mapping[str, str], name: str
) -> tuple[str, str, Callable[[], bool]] | None:
    """Answer Jinja2's loader: the text, its name for tracebacks, is it still so."""
    return (texts[name], name, lambda: True) if name in texts else None


def _written(template: Template, values: Mapping[str, Any], size: int) -> str:
    pieces = []
    for piece in template.generate(values):
        size -= len(piece)
        if size < 0:
            raise OverflowError("it writes more than a note can hold")
        pieces.append(piece)
    text = "".join(pieces)
    if _SURROGATE.search(text):
        raise ValueError("it writes a sign that no file can hold")
    if not text.strip():
        raise ValueError("it writes nothing")
    return text


def _spend(steps: int) -> None:
    left = _LEFT.get()
    left[0] -= steps
    if left[0] < 0:
        raise OverflowError("it loops without an end, or far too often for a note")


def _counted(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        _spend(1)
        yield item


def _range(*bounds: int) -> range:
    found = safe_range(*bounds)
    _spend(len(found))
    return found


def _has_room(operator: str, left: Any, right: Any) -> bool:
    """Say whether a product, or a power, stays of a size that a note may need."""
    for text, times in ((left, right), (right, left)):
        if hasattr(text, "__len__"):
            return len(text) * int(times) <= TEXT_LIMIT
    if not (isinstance(left, int) and isinstance(right, int)):
        return True  # of one size, whatever its value; or Python refuses it
    digits = left.bit_length() * abs(right) if operator == "**" else left.bit_length()
    return bool(digits + right.bit_length() <= BITS_LIMIT)


def _told(error: Exception, name: str) -> str:
    line = 0
    if isinstance(error, TemplateSyntaxError):
        name, line = error.name or name, error.lineno
    else:  # Jinja2 makes a traceback speak of the template's lines
        for frame, number in traceback.walk_tb(error.__traceback__):
            if "__jinja_exception__" in frame.f_globals:
                name, line = frame.f_code.co_filename, number
    place = f"{name} line {line}" if line else name
    return f"{place}: {cut(one_line(_words(error)), FAULT_LIMIT)}"


def _words(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error}"
    if isinstance(error, RecursionError):
        return "it goes too deep: does it include or extend itself?"
    if isinstance(error, TemplateSyntaxError):
        return error.message or "it is not a template"
    if isinstance(
        error, SyntaxError
    ):  # of what Jinja2 makes of it; its line is not ours
        return error.msg
    return str(error).replace(_MODEL, "") or type(error).__name__
