"""Find the tags and links in a note's body, by the rules of Obsidian.

Most notes hold nothing that hides a tag or link from Obsidian (code, HTML, escapes,
math), and one expression finds all there is; the others are read piece by piece.
"""

import bisect
import contextlib
import html
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from vaultscribe.core.pieces import HTML_TAG, pieces

_TAG_ENDS = r"\u2000-\u206F\u2E00-\u2E7F'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\s\ufeff"
"""Outside Obsidian's grammar. Source: its app.js, as quoted in obsidian-help #816."""

_TAG = re.compile(rf"#(?P<tag>[^{_TAG_ENDS}]++)")
_TAG_BEHIND_BLANK = re.compile(rf"#(?<!\S#)([^{_TAG_ENDS}]++)")
_TAG_BEHIND_MARK = re.compile(
    rf"#(?:(?<![^\W_]#)(?<!\s#)[^{_TAG_ENDS}]|[^{_TAG_ENDS}]++#)"
)
"""What may be a tag though no blank stands before it."""
_DIGITS = re.compile(r"[0-9]+")
_WIKILINK = re.compile(r"\[\[(?P<link>(?:[^\]\[\n]|\](?!\])|\[(?!\[))++)\]\]")
_URL_SIGN = r"[^\s<>|()\[\]{}\"'`\\^*]"
_TOKENS = [
    r"\\[!-/:-@\[-`{-~\n]",
    r"`++|\${5,}+|\${1,2}|[*_]++|~~+|==+|<!--",
    rf"!?{_WIKILINK.pattern}",
    _TAG.pattern,
    HTML_TAG,
    r"<[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\x00-\x20]*+>",
    r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});",
    rf"(?<![a-zA-Z0-9.+-])(?i:https?|ftp)://(?:{_URL_SIGN}|\({_URL_SIGN}*+\))++",
]
_SCAN = re.compile("|".join(_TOKENS))
_SCAN_WITH_BRACKETS = re.compile("|".join([*_TOKENS, r"!?\[|\]"]))
_URL_TAIL = ".,;:!?，。、！？；：）》」』”’…"

_TITLE = r"(?s:\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\))"
_BARE = r"[^\s()\\]|\\\S|\\(?=\s)"
_DESTINATION = re.compile(
    r"\(\s*+(?:<(?P<pointed>(?:[^<>\n\\]|\\.)*+)>"
    rf"|(?P<bare>(?!<)(?:{_BARE}|\((?:{_BARE}|\((?:{_BARE})*+\))*+\))*+))"
    rf"(?:\s++{_TITLE})?+\s*+\)"
)
_DEFINITIONS = re.compile(
    r"(?:\[(?!\^)(?:[^\[\]\\]|\\.)++\]:\s*+(?:<[^<>\n]*+>|[^\s<]\S*+)"
    rf"(?:\s++{_TITLE})?+[ \t]*+(?:\n|\Z))++"
)
"""`[name]: address` at the start of a paragraph, of which nothing is shown."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

_HIDING = ("`", "<", "\\", "$", "&", "]:")
"""What within a paragraph can hide a tag or link, or make one of something else."""
_BLANK_LINES = re.compile(r"\n[ \t]*+\n")
_MARKDOWN_LINK = re.compile(r"\]\((?!https?://)")
_FENCED = re.compile(
    r"\n(`{3,}+)[^`\n]*+(?=\n|\Z)"
    r"(?:\n(?! {0,3}\1`*+[ \t]*+(?:\n|\Z))[^\n]*+)*+(?:\n[^\n]*+)?+"
)
_HTML_BLOCK = re.compile(r"\n[ >]*+<|<[!?]")
_INDENTED = re.compile(
    r"\n(?:[ \t]*+| {0,3}#{1,6} [^\n]*+| *+[-*_=][-*_= ]*+)\n(?: {4}| {0,3}\t)"
)
_INDENTED_INSIDE = re.compile(r"[>+*.)-](?: {5}| {0,4}\t)")
"""What may be code for its indentation: not a line that goes on a paragraph or list.

These begin with a sign of their own: only so does the engine skip quickly what is not
meant. Hence the line end that they expect before the first line, too.
"""
_DELIMITER_ROW = re.compile(r"\n[ >]*+[|:-][ |:-]*+(?:\n|\Z)")


def marks(body: str) -> tuple[list[str], list[str]]:
    """List the tags, without `#`, and what the links lead to.

    A link's target is what Obsidian looks up: `[[Name#Heading|text]]` gives `Name`,
    `[text](My%20note.md)` gives `My note.md`. What leads to the note itself or to
    the web is left out.
    """
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.startswith("\n"):
        body = f"\n{body}"
    rest = body
    hides = "%%" in body or "~~~" in body or _has_html_block(body)
    if "\n```" in body and not hides:
        rest = _without_fenced(body)
    if not _may_hold_marks(rest):
        return [], []
    if _reaches_far(rest):
        return read_carefully(body)
    return _read_plain(rest) or _read_paragraphs(rest)


def read_carefully(body: str) -> tuple[list[str], list[str]]:
    """Do as `marks` does, whatever the body holds."""
    tags: list[str] = []
    links: list[str] = []
    for piece in pieces(body):
        if "#" in piece or "[" in piece:
            head = _DEFINITIONS.match(piece)
            inline = _Inline(piece[head.end() :] if head else piece)
            inline.read()
            tags += inline.tags
            links += filter(None, inline.links)
    return tags, links


def link_in(text: str) -> str:
    """Tell what a property leads to; empty unless it is one link and nothing else."""
    link = _WIKILINK.fullmatch(text.strip())
    return _target(link["link"]) if link else ""


def is_tag(name: str) -> bool:
    return bool(_TAG.fullmatch(f"#{name}")) and not _DIGITS.fullmatch(name)


def _target(inner: str) -> str:
    # In a table the bar is written `\|`; the backslash is not part of the name.
    return inner.partition("|")[0].removesuffix("\\").strip().partition("#")[0]


def _without_fenced(body: str) -> str:
    """Take out the blocks of code that stand in no list or quote."""
    kept, at = [], 0
    while (start := body.find("\n```", at)) >= 0:
        block = _FENCED.match(body, start)
        kept.append(body[at:start])
        at = block.end() if block else start + 1
    kept.append(body[at:])
    return "\n".join(kept)


def _may_hold_marks(text: str) -> bool:
    return bool("[[" in text or _TAG.search(text) or _MARKDOWN_LINK.search(text))


def _has_html_block(body: str) -> bool:
    return "<" in body and _HTML_BLOCK.search(body) is not None


def _reaches_far(body: str) -> bool:
    """Tell whether something may hide a tag beyond its own paragraph."""
    if "%%" in body or "```" in body or "~~~" in body:
        return True
    if _has_html_block(body):
        return True
    if body.startswith(("\n    ", "\n\t")):
        return True
    if "    " not in body and "\t" not in body:
        return False
    return bool(_INDENTED.search(body) or _INDENTED_INSIDE.search(body))


def _read_paragraphs(body: str) -> tuple[list[str], list[str]]:
    tags: list[str] = []
    links: list[str] = []
    for paragraph in filter(_may_hold_marks, _BLANK_LINES.split(body)):
        own = _read_plain(f"\n{paragraph}") or read_carefully(paragraph)
        tags += own[0]
        links += own[1]
    return tags, links


def _read_plain(text: str) -> tuple[list[str], list[str]] | None:
    """Read lines, each behind a line end; None when something may be hidden there."""
    if any(sign in text for sign in _HIDING) or _MARKDOWN_LINK.search(text):
        return None
    if "|" in text and _DELIMITER_ROW.search(text):
        return None
    if _TAG_BEHIND_MARK.search(text):
        return None
    tags = [
        tag for tag in _TAG_BEHIND_BLANK.findall(text) if not _DIGITS.fullmatch(tag)
    ]
    links = [_target(inner) for inner in _WIKILINK.findall(text)]
    return tags, [link for link in links if link]


@dataclass(slots=True)
class _Opener:
    """A `[` that may turn out to begin a link, and a tag right behind it if so."""

    end: int
    is_image: bool
    tag: str = ""


class _Inline:
    r"""Reads one piece from left to right; each mark takes what it covers.

    A tag begins behind a blank or right behind another mark: in real Obsidian
    `\[\[#x` holds the tag `x`.
    """

    def __init__(self, text: str) -> None:
        self.tags: list[str] = []
        self.links: list[str] = []
        self._text = text
        self._mark_end = 0  # of the last mark
        self._openers: list[_Opener] = []
        self._dead = 0  # so many of them hold a link already: they begin none
        self._places: dict[str, list[int]] = {}

    def read(self) -> None:
        readers = {
            "`": self._code,
            "$": self._math,
            "<": self._html,
            "#": self._tag,
            "&": self._entity,
            "!": self._bracket,
            "[": self._bracket,
            "]": self._closing_bracket,
            **dict.fromkeys("hHfF", self._url),
        }
        scan = _SCAN_WITH_BRACKETS if "](" in self._text else _SCAN
        at = 0
        while found := scan.search(self._text, at):
            at = readers.get(found[0][0], self._other)(found)

    def _other(self, found: re.Match[str]) -> int:
        self._mark_end = found.end()
        return self._mark_end

    def _url(self, found: re.Match[str]) -> int:
        self._mark_end = found.start() + len(found[0].rstrip(_URL_TAIL))
        return self._mark_end

    def _entity(self, found: re.Match[str]) -> int:
        is_one = html.unescape(found[0]) != found[0]
        return self._other(found) if is_one else found.start() + 1

    def _tag(self, found: re.Match[str]) -> int:
        name, start = found["tag"], found.start()
        if _DIGITS.fullmatch(name):
            return start + 1
        if start == self._mark_end or self._text[start - 1].isspace():
            self.tags.append(name)
            return self._other(found)
        if self._openers and self._openers[-1].end == start:
            self._openers[-1].tag = name
        return start + 1

    def _html(self, found: re.Match[str]) -> int:
        if found[0] != "<!--":
            return self._other(found)
        return self._up_to("-->", found)

    def _code(self, found: re.Match[str]) -> int:
        return self._up_to(found[0], found)

    def _math(self, found: re.Match[str]) -> int:
        signs, start = found[0], found.end()
        if len(signs) > 2:  # noqa: PLR2004 - neither $ nor $$
            return start
        close = self._place(signs, start)
        if close <= start or (signs == "$" and self._is_money(start, close)):
            return found.start() + 1
        self._mark_end = close + len(signs)
        return self._mark_end

    def _is_money(self, start: int, close: int) -> bool:
        text = self._text
        after = text[close + 1 : close + 2]
        is_digit = after.isascii() and after.isdigit()
        return text[start].isspace() or text[close - 1].isspace() or is_digit

    def _bracket(self, found: re.Match[str]) -> int:
        if found["link"] is not None:
            self.links.append(_target(found["link"]))
            return self._other(found)
        self._openers.append(_Opener(found.end(), found[0] == "!["))
        return found.end()

    def _closing_bracket(self, found: re.Match[str]) -> int:
        if not self._openers:
            return found.end()
        opener = self._openers.pop()
        is_dead = len(self._openers) < self._dead and not opener.is_image
        self._dead = min(self._dead, len(self._openers))
        to = None if is_dead else _DESTINATION.match(self._text, found.end())
        if to is None:
            return found.end()
        if not opener.is_image:
            self._dead = len(self._openers)
        self.tags += filter(None, [opener.tag])
        self.links.append(_local(to["bare"] or to["pointed"] or ""))
        self._mark_end = to.end()
        return self._mark_end

    def _up_to(self, sign: str, found: re.Match[str]) -> int:
        close = self._place(sign, found.end())
        if close < 0:
            return found.end()
        self._mark_end = close + len(sign)
        return self._mark_end

    def _place(self, sign: str, start: int) -> int:
        """Find *sign*, which closes what began, from *start* on; -1 if it is not there.

        All places are looked for once: to look anew for each would take forever in
        a text full of signs that nothing closes.
        """
        if sign not in self._places:
            rule = _CLOSERS.get(sign) or f"(?<!`){sign}(?!`)"
            found = re.finditer(rule, self._text)
            self._places[sign] = [each.start() for each in found]
        places = self._places[sign]
        nth = bisect.bisect_left(places, start)
        return places[nth] if nth < len(places) else -1


_CLOSERS = {"-->": "-->", "$": r"(?<!\\)\$", "$$": r"(?<!\\)\$(?=\$)"}
"""How the signs are found that close a mark; backticks are found by their number."""


def _local(address: str) -> str:
    """Tell which file *address* leads to; empty when it is of the web."""
    address = html.unescape(_ESCAPE.sub(r"\1", address))
    if _SCHEME.match(address):
        return ""
    with contextlib.suppress(UnicodeDecodeError):
        address = unquote_to_bytes(address).decode()
    return _target(address)
