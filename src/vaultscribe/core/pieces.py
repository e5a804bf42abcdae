"""Cut a note's body into the pieces in which Obsidian looks for inline marks.

A piece is a paragraph, a heading or a cell of a table, without what its quotes and
lists put before its lines. Code and blocks of HTML are left out.
"""

import re
from collections.abc import Iterator, Sequence

from vaultscribe.core.prose import Blocks

_HEADING = re.compile(r"#{1,6}(?: |$)")
_INDENTED = re.compile(" {4}")
_CALLOUT = re.compile(r"\[![^\]\n]+\][+-]?")
_CELL_END = re.compile(r"(?<!\\)\|")

_ATTRIBUTE = (
    r"\s++[a-zA-Z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\"'=<>`\s]++|'[^']*+'|\"[^\"]*+\"))?+"
)
HTML_TAG = rf"<(?:[a-zA-Z][a-zA-Z0-9-]*+(?:{_ATTRIBUTE})*+\s*+/?|/[a-zA-Z][\w-]*+\s*+)>"
_BLANK = re.compile(r"^ *$")
_HTML_BLOCKS = [
    (re.compile(start, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for start, end in [
        (
            r"<(?:script|pre|style|textarea)(?=\s|>|$)",
            r"</(?:script|pre|style|textarea)>",
        ),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<![A-Z]", r">"),
        (r"<!\[CDATA\[", r"\]\]>"),
    ]
]
_HTML_NAMES = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup"
    "|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame"
    "|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav"
    "|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot"
    "|th|thead|title|tr|track|ul"
)
_HTML_BLOCK_TAG = re.compile(rf"</?(?:{_HTML_NAMES})(?=\s|/?>|$)", re.IGNORECASE)
_HTML_LINE = re.compile(rf"{HTML_TAG}\s*$")
"""Where HTML begins and ends as a block. Source: spec.commonmark.org/0.31.2, 4.6."""

_COMMENT_TOKEN = re.compile(
    r"^(?:[ \t]{0,3}>[ \t]?)*+[ \t]*+(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
    r"|(?s:\\.)|`+|%+",
    re.MULTILINE,
)
_PERCENT = re.compile(r"%+")
_BLANK_LINE = re.compile(r"\n\s*\n")


def pieces(body: str) -> Iterator[str]:
    """List the pieces of *body*; those in `%% comments %%` come last."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    for part in _with_comments_apart(body):
        blocks = _Pieces(part.split("\n"))
        blocks.skipped()
        for piece in blocks.pieces:
            yield "\n".join(piece)


class _Pieces(Blocks):
    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(texts)
        self.pieces: list[list[str]] = []
        self._html: re.Pattern[str] | None = None  # what ends the open block of HTML

    def _read(self, number: int, line: str) -> None:
        if self._html:
            depth, at = self._going_on(line)
            if depth == len(self._open):
                if self._html.search(line[at:]):
                    self._html = None
                return
        super()._read(number, line)

    def _close(self, depth: int) -> None:
        super()._close(depth)
        self._html = None

    def _text(self, number: int, line: str, at: int, depth: int) -> None:
        goes_on = self._leaf == "paragraph" and bool(line[at:].strip())
        super()._text(number, line, at, depth)
        if goes_on and _INDENTED.match(line, at):  # a next line of it, and no code
            self.pieces[-1].append(line[at:].lstrip(" "))

    def _block(self, number: int, line: str, first: int, depth: int) -> None:
        end = _html_end(line, first, self._leaf == "paragraph")
        if end:
            self._close(depth)
            if not end.search(line, first):
                self._html = end
            return
        if heading := _HEADING.match(line, first):
            self.pieces.append([line[heading.end() :]])
        super()._block(number, line, first, depth)

    def _row_or_paragraph(self, number: int, text: str, depth: int) -> None:
        goes_on = self._leaf == "paragraph"
        super()._row_or_paragraph(number, text, depth)
        if self._leaf == "table":
            cells = _CELL_END.split(text.strip())
            self.pieces += [[cell.strip().replace("\\|", "|")] for cell in cells]
        elif goes_on:
            self.pieces[-1].append(text)
        elif title := _CALLOUT.match(text):
            self.pieces += [[text[title.end() :]], []]
        else:
            self.pieces.append([text])


def _html_end(line: str, first: int, in_paragraph: bool) -> re.Pattern[str] | None:  # noqa: FBT001 - private, named where called
    """Tell what ends the block of HTML that begins at *first*; None if none does."""
    if line[first] != "<":
        return None
    for start, end in _HTML_BLOCKS:
        if start.match(line, first):
            return end
    is_block = _HTML_BLOCK_TAG.match(line, first) or (
        not in_paragraph and _HTML_LINE.match(line, first)
    )
    return _BLANK if is_block else None


def _with_comments_apart(body: str) -> list[str]:
    """Take the `%% comments %%` out of *body*; they follow it, each by itself.

    Exactly two `%` open and close one, not in code; an open one hides the rest.
    Source: Obsidian 1.13 release notes.
    """
    if "%%" not in body:
        return [body]
    kept, comments = [], []
    at, done_to = 0, 0
    fence = ""
    while token := _COMMENT_TOKEN.search(body, at):
        at = token.end()
        if token["fence"]:
            fence = _fence_after(fence, token["fence"], token["info"])
        elif fence:
            continue
        elif token[0][0] == "`":
            at = _code_end(body, token)
        elif token[0] == "%%":
            close = _comment_end(body, at)
            comments.append(body[at:close])
            kept += [body[done_to : token.start()], "\n" * body.count("\n", at, close)]
            at = done_to = min(close + 2, len(body))
    return ["".join([*kept, body[done_to:]]), *comments]


def _fence_after(fence: str, marks: str, info: str) -> str:
    """Tell which fence is open behind a line of *marks*; empty for none."""
    if not fence:
        return "" if marks[0] == "`" and "`" in info else marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not info.strip()
    return "" if closes else fence


def _code_end(body: str, opener: re.Match[str]) -> int:
    run, start = opener[0], opener.end()
    close = body.find(run, start)
    end = close + len(run)
    is_code = close >= 0 and body[end : end + 1] != "`"
    return end if is_code and not _BLANK_LINE.search(body, start, close) else start


def _comment_end(body: str, at: int) -> int:
    runs = _PERCENT.finditer(body, at)
    return next((run.start() for run in runs if run[0] == "%%"), len(body))
