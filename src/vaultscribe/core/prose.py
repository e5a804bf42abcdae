"""Which part of a note is prose: not code, comment, heading, table or frontmatter.

Blocks are told apart by the rules of CommonMark (spec.commonmark.org/0.31.2) and
GFM's tables, in one pass: a parser that builds a tree needs half a minute for some
notes of a megabyte, and a user's note may be anything.
"""

import bisect
import re
from collections.abc import Iterator, Sequence
from typing import Literal

_MAX_DEPTH = 32
"""Quotes and lists in one another; what is deeper is taken for text."""

_CODE_INDENT = 4
"""Columns that make a line code."""

_FRONTMATTER = re.compile(
    r"\ufeff?---[ \t]*(?:\r\n?|\n)(?:.*?(?:\r\n?|\n))??---[ \t]*(?:\r\n?|\n|\Z)",
    re.DOTALL,
)
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")
_SPACES = re.compile(" *")
_RUN = re.compile(r"(\\*)(`+)")
_HIDDEN = re.compile(
    r"(?P<url>https?://(?:[^\s<%]|%(?!%)|%%(?=[0-9a-f]{2}))*)"
    r"|<!--.*?(?:-->|\Z)|%%.*?(?:%%|\Z)|<(?!https?:)/?[a-z][^<>\n]*>",
    re.DOTALL | re.IGNORECASE,
)
"""Comments (an open one hides the rest, as in Obsidian) and HTML tags.

An address may hold `%%` where it was badly encoded: `100%%20sure`.
"""

_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_HEADING = re.compile(r"#{1,6}(?: |$)")
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_RULE = re.compile(r"([-*_])(?: *\1){2,} *$")
_MARKER = re.compile(r"([-+*]|(\d{1,9})[.)])( +|$)", re.ASCII)
_DELIMITER = re.compile(r"(?!- )(?=..)\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_BAR = re.compile(r"(?<!\\)\|")


def lines(text: str) -> Iterator[tuple[int, str]]:
    """List the lines of *text* without their ends, each with its offset."""
    for match in _LINE.finditer(text):
        yield match.start(), match[1]


def body_start(text: str) -> int:
    """Tell where the text behind BOM and frontmatter begins."""
    head = _FRONTMATTER.match(text)
    return head.end() if head else len(text) - len(text.lstrip("\ufeff"))


def prose(text: str) -> str:
    """Blank out all of *text* that is not prose; offsets and line ends stay."""
    if head := _FRONTMATTER.match(text):
        text = _blank(head.group()) + text[head.end() :]
    ends = [(match[1], match[2]) for match in _LINE.finditer(text)]
    skipped = Blocks([line for line, _ in ends]).skipped()
    pieces = []
    for number, (line, end) in enumerate(ends):
        plain = " " * len(line) if number in skipped else _without_code(line)
        pieces.append(plain + end)
    return _HIDDEN.sub(
        lambda found: found["url"] or _blank(found.group()), "".join(pieces)
    )


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _without_code(line: str) -> str:
    """Blank out `code` within one line; runs of backticks pair by their length."""
    if "`" not in line:
        return line
    runs = [(run.start(2), run.end(2), len(run[1]) % 2) for run in _RUN.finditer(line)]
    by_length: dict[int, list[int]] = {}
    for start, end, _ in runs:
        by_length.setdefault(end - start, []).append(start)
    pieces, done_to = [], 0
    for start, end, escaped in runs:
        size = end - start - escaped  # a backslash takes the first one away
        same = by_length.get(size, [])
        nth = bisect.bisect_right(same, start)
        if size and start >= done_to and nth < len(same):
            close = same[nth] + size
            begin = start + escaped
            pieces += [line[done_to:begin], " " * (close - begin)]
            done_to = close
    return "".join([*pieces, line[done_to:]])


class Blocks:
    """Reads the lines of a note one by one and remembers what is open.

    `_open` holds the containers around the line: 0 for a quote, for a list item the
    columns its text is indented by. `_leaf` is what the text in them is.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [texts[0].removeprefix("\ufeff"), *texts[1:]]
        self._skipped: set[int] = set()
        self._open: list[int] = []
        self._leaf: Literal["nothing", "paragraph", "fence", "table"] = "nothing"
        self._fence = ""
        self._begun = 0  # the paragraph's first line
        self._delimiter = -1  # the table's second line
        self._bare = False  # the last line opened an item and said nothing in it

    def skipped(self) -> set[int]:
        """Number the lines of code, headings and tables.

        A heading underlined with `---` is not one here: people put a rule below a
        link.
        """
        was_blank = False
        for number, text in enumerate(self._texts):
            is_blank = not text.strip(" \t")
            if not (is_blank and was_blank):
                self._read(number, text.expandtabs(4))
            was_blank = is_blank
        return self._skipped

    def _read(self, number: int, line: str) -> None:
        depth, at = self._going_on(line)
        self._bare = False
        if self._leaf == "fence" and depth == len(self._open):
            self._skipped.add(number)
            self._close_fence(line, at)
            return
        if number == self._delimiter:
            self._skipped.add(number)
            return
        opened: int | None = at
        while opened is not None:
            at = opened
            opened = self._container(line, at, depth)
            depth = depth if opened is None else len(self._open)
        self._text(number, line, at, depth)

    def _going_on(self, line: str) -> tuple[int, int]:
        """Count the open containers that *line* goes on in; tell where it does."""
        at, first = 0, _after_blanks(line, 0)
        for depth, columns in enumerate(self._open):
            if columns == 0:
                if first - at >= _CODE_INDENT or line[first : first + 1] != ">":
                    return depth, at
                at = first + 1 + (line[first + 1 : first + 2] == " ")
                first = _after_blanks(line, at)
            elif first == len(line):
                if self._bare and depth == len(self._open) - 1:
                    return depth, at
            elif first - at < columns:
                return depth, at
            else:
                at += columns
        return len(self._open), at

    def _close(self, depth: int) -> None:
        del self._open[depth:]
        self._leaf = "nothing"

    def _close_fence(self, line: str, at: int) -> None:
        first = _after_blanks(line, at)
        text = line[first:].rstrip(" ")
        if (
            first - at < _CODE_INDENT
            and len(text) >= len(self._fence)
            and text == self._fence[0] * len(text)
        ):
            self._leaf = "nothing"

    def _container(self, line: str, at: int, depth: int) -> int | None:
        """Open the quote or list item that begins at *at*; tell where its text does."""
        first = _after_blanks(line, at)
        if first - at >= _CODE_INDENT or depth >= _MAX_DEPTH:
            return None
        if line[first : first + 1] == ">":
            self._close(depth)
            self._open.append(0)
            return first + 1 + (line[first + 1 : first + 2] == " ")
        marker = _MARKER.match(line, first)
        if (
            marker is None
            or _RULE.match(line, first)
            or self._is_underline(line, first, depth)
        ):
            return None
        is_bare = marker.end() == len(line)
        in_paragraph = self._leaf == "paragraph" and depth == len(self._open)
        if in_paragraph and (is_bare or int(marker[2] or 1) != 1):
            return None
        blanks = len(marker[3])
        inside = marker.end(1) + (1 if is_bare or blanks > _CODE_INDENT else blanks)
        self._close(depth)
        self._open.append(inside - at)
        self._bare = is_bare
        return min(inside, len(line))

    def _text(self, number: int, line: str, at: int, depth: int) -> None:
        first = _after_blanks(line, at)
        if first == len(line):
            self._close(depth)
        elif first - at >= _CODE_INDENT:
            if self._leaf != "paragraph":
                self._close(depth)
                self._skipped.add(number)
        elif self._is_underline(line, first, depth):
            if line[first] == "=":
                self._skipped.update(range(self._begun, number + 1))
            self._close(depth)
        else:
            self._block(number, line, first, depth)

    def _block(self, number: int, line: str, first: int, depth: int) -> None:
        if fence := _FENCE.match(line, first):
            self._close(depth)
            self._leaf, self._fence = "fence", fence[1] or fence[2]
            self._skipped.add(number)
        elif _HEADING.match(line, first):
            self._close(depth)
            self._skipped.add(number)
        elif _RULE.match(line, first):
            self._close(depth)
        else:
            self._row_or_paragraph(number, line[first:], depth)

    def _row_or_paragraph(self, number: int, text: str, depth: int) -> None:
        if self._leaf == "table" and depth == len(self._open):
            self._skipped.add(number)
        elif self._is_header(number, text, depth):
            self._close(depth)
            self._leaf, self._delimiter = "table", number + 1
            self._skipped.add(number)
        elif self._leaf != "paragraph":  # or it goes on, if only lazily
            self._close(depth)
            self._leaf, self._begun = "paragraph", number

    def _is_header(self, number: int, text: str, depth: int) -> bool:
        """Is *text* the first row of a table? The line below it says so."""
        if "|" not in text or number + 1 == len(self._texts):
            return False
        line = self._texts[number + 1].expandtabs(4)
        going_on, at = self._going_on(line)
        first = _after_blanks(line, at)
        return (
            going_on == depth
            and first - at < _CODE_INDENT
            and _DELIMITER.match(line, first) is not None
            and _columns(text) == _columns(line[first:])
        )

    def _is_underline(self, line: str, first: int, depth: int) -> bool:
        return (
            self._leaf == "paragraph"
            and depth == len(self._open)
            and _UNDERLINE.match(line, first) is not None
        )


def _after_blanks(line: str, at: int) -> int:
    found = _SPACES.match(line, at)
    return found.end() if found else at


def _columns(row: str) -> int:
    cells = _BAR.split(row.strip(" "))
    return len(cells) - (not cells[0]) - (len(cells) > 1 and not cells[-1])
