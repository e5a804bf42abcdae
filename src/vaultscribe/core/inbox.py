"""The grammar of the inbox note: which links are requests, and what we write there.

The text is the user's. `requests` reads it, `mark` changes nothing but the box and
the arrows of the lines that hold one link; all other characters stay as they are.
"""

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it import MarkdownIt

from vaultscribe.core.errors import PermanentError
from vaultscribe.core.identity import is_known
from vaultscribe.core.model import Link
from vaultscribe.core.neutralise import one_line
from vaultscribe.core.tags import tags_in

WORKING = "⏳"
"""The arrow of a link that is under way."""

RECORDINGS = (
    *("aac", "flac", "m4a", "m4b", "mkv", "mov", "mp3", "mp4"),
    *("oga", "ogg", "ogv", "opus", "wav", "webm"),
)
"""Endings of embedded recordings."""

_MAX_LINE = 20_000
_State = Literal["working", "done", "failed"]

_PREFIX = re.compile(
    r"(?P<indent>[ \t]*(?:>[ \t]*)*)"
    r"(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]+(?:(?P<box>\[(?P<mark>.)\])(?=\s))?)?"
)
_LINK = re.compile(
    r"""
      !?\[[^\[\]]*\]\([ ]*<?(?P<target>https?://[^\s<>()BAD]*(?:\([^\s<>()BAD]*\)[^\s<>()BAD]*)*)
          >?(?:[ ]+"[^"]*")?[ ]*\)
    | <(?P<auto>https?://[^\s<>BAD]+)>
    | !\[\[(?P<recording>[^\[\]|\#^BAD]+\.(?:RECORDINGS))(?:[|\#][^\[\]]*)?\]\]
    | (?P<bare>https?://[^\s<>"'`，。；！？、（）【】《》「」“”‘’BAD]+)
    """.replace("RECORDINGS", "|".join(RECORDINGS)).replace("BAD", "\ud800-\udfff"),
    re.VERBOSE | re.IGNORECASE,
)
_ARROW = re.compile(r"\s*→\s*(⏳|❌[^→]*|\[\[[^\[\]\n]+\]\])")
_OPTION = re.compile(r"(?<!\S)(lang|speakers|captions|parts):(\S+)")
_TAG = re.compile(r"(?<!\S)#\S+")
_TRAILING = re.compile(r"(?:\s\^[A-Za-z0-9-]+)?\s*$")
"""White space and a block id, which only counts at the end of its line."""

_HIDDEN = re.compile(
    r"(?P<url>https?://\S+)"
    r"|(?P<hidden><!--.*?(?:-->|\Z)|%%.*?(?:%%|\Z)|<(?!https?:)/?[a-z][^<>\n]*>)",
    re.DOTALL | re.IGNORECASE,
)
"""Comments (an open one hides the rest, as in Obsidian) and HTML tags."""

_FRONTMATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?:.*?\r?\n)??---[ \t]*(?:\r?\n|$)", re.DOTALL
)
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")


@dataclass(frozen=True, slots=True)
class Arrow:
    """What stands behind a link's `→`: its state, its text, where that text is."""

    state: _State
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Request:
    """A line that asks for something.

    Args:
        line: its text without line end.
        start: its offset in the note, in characters.
        links: in order.
        arrows: one per link, None where it has none yet.
        ticked: True when its box holds anything but a blank.
    """

    line: str
    start: int
    links: tuple[Link, ...]
    arrows: tuple[Arrow | None, ...]
    ticked: bool

    def open(self) -> tuple[Link, ...]:
        """List what has to be done: new links, stalled ones, and all when un-ticked."""
        states = {arrow.state if arrow else None for arrow in self.arrows}
        if not self.ticked and states == {"done"}:
            return tuple(replace(link, again=True) for link in self.links)
        pairs = zip(self.links, self.arrows, strict=True)
        return tuple(
            link for link, arrow in pairs if arrow is None or arrow.state == "working"
        )


def done(name: str) -> str:
    """Write the arrow of a link whose note is *name*."""
    return f"[[{name}]]"


def failed(message: str) -> str:
    """Write the arrow of a link that failed; *message* is kept to one arrow."""
    return "❌ " + one_line(message).replace("→", "->").replace("[[", "[")


def requests(text: str) -> tuple[Request, ...]:
    """Find the lines of the inbox *text* that ask for something, in order.

    Never fails: a line that cannot be understood is not a request.
    """
    if "://" not in text and "![[" not in text:
        return ()
    plain = _blank_hidden(text)
    found = []
    for start, line in _lines(text):
        if len(line) <= _MAX_LINE:
            request = _request(line, plain[start : start + len(line)], start)
            found += [request] if request else []
    return tuple(found)


def mark(text: str, address: str, arrow: str) -> str:
    """Set the *arrow* of each open link to *address*, and tick what is complete.

    Args:
        text: the whole note.
        address: as `Link.address`.
        arrow: `WORKING`, `done(…)` or `failed(…)`. A link that has failed or is
            done keeps its arrow, except that `WORKING` replaces the note's name
            where the user un-ticked the line.
    """
    pieces, end = [], 0
    for request in requests(text):
        line = _marked(request, address, arrow)
        pieces += [text[end : request.start], line]
        end = request.start + len(request.line)
    return "".join([*pieces, text[end:]])


def append(text: str, addresses: tuple[str, ...]) -> str:
    """Add a task line for each address at the end of the inbox."""
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith(("\n", "\r")) else newline
    return text + gap + "".join(f"- [ ] {each}{newline}" for each in addresses)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for match in _LINE.finditer(text):
        yield match.start(), match[1]


def _request(line: str, plain: str, start: int) -> Request | None:
    prefix = _PREFIX.match(plain)
    assert prefix  # noqa: S101 - every part of it may be empty
    found = _links(plain, prefix.end())
    if not found:
        return None
    arrows = _arrows(line, found[-1].end())
    ticked = (prefix["mark"] or " ") != " "
    if ticked and not arrows:
        return None
    links = _described(line, plain, found, arrows)
    padded = itertools.chain(arrows, itertools.repeat(None))
    return Request(
        line, start, links, tuple(itertools.islice(padded, len(links))), ticked
    )


def _links(plain: str, start: int) -> list[re.Match[str]]:
    """Find the links that count: all up to the first word, then only known ones.

    Nothing behind an arrow counts: what failed may be told with an address.
    """
    found: list[re.Match[str]] = []
    words, at = False, start
    for match in _LINK.finditer(plain, start):
        if found and _ARROW.search(plain, found[0].end(), match.start() + 1):
            break
        between = _OPTION.sub("", _TAG.sub("", plain[at : match.start()]))
        words = words or bool(re.search(r"\w", between))
        address = _address(match)
        if address and (not words or match["recording"] or _is_known(address)):
            found.append(match)
        at = match.end()
    return found


def _is_known(address: str) -> bool:
    try:
        return is_known(address)
    except PermanentError:
        return False


def _address(match: re.Match[str]) -> str:
    if match["recording"]:
        return f"![[{match['recording']}]]"
    if bare := match["bare"]:
        bare = bare[: _bare_end(bare)]
        return bare if re.match(r"https?://[^/?#]+", bare, re.IGNORECASE) else ""
    return match["target"] or match["auto"] or ""


def _bare_end(url: str) -> int:
    """Leave out what ends a sentence rather than a link; brackets only if unpaired."""
    end = len(url)
    while end and (
        url[end - 1] in ".,;:!?*_~…|"
        or (url[end - 1] == ")" and url.count(")", 0, end) > url.count("(", 0, end))
        or url[end - 1] in "]}"
    ):
        end -= 1
    known = re.match(r"[\x21-\x7e]+", url[:end])
    # Phones paste "https://b23.tv/0C9FMgg这个视频": on known sites links are ASCII.
    if known and known.end() < end and _is_known(known.group()):
        return known.end()
    return end


def _arrows(line: str, start: int) -> tuple[Arrow, ...]:
    states: dict[str, _State] = {"⏳": "working", "[": "done", "❌": "failed"}
    return tuple(
        Arrow(states[match[1][0]], match[1], match.start(1), match.end(1))
        for match in _ARROW.finditer(line, start)
    )


def _described(
    line: str, plain: str, found: list[re.Match[str]], arrows: tuple[Arrow, ...]
) -> tuple[Link, ...]:
    """Read what the line says about its links: tags, options, focus."""
    end = line.find("→", found[-1].end()) if arrows else len(line)
    blanked = plain[:end]
    for match in _LINK.finditer(blanked):
        size = len(_address(match)) if match["bare"] else len(match.group())
        blanked = _blank(blanked, match.start(), match.start() + size)
    options = dict(_OPTION.findall(blanked))
    focus = _OPTION.sub("", _TAG.sub("", blanked[found[-1].start() :]))
    speakers = options.get("speakers", "0")
    return tuple(
        Link(
            address=_address(match),
            tags=tags_in(blanked),
            focus=one_line(_TRAILING.sub("", focus)),
            language=options.get("lang", ""),
            speakers=int(speakers) if re.fullmatch(r"[0-9]{1,2}", speakers) else 0,
            captions=options.get("captions") != "no",
            all_parts=options.get("parts") == "all",
        )
        for match in found
    )


def _marked(request: Request, address: str, arrow: str) -> str:
    arrows = list(request.arrows)
    redo = arrow == WORKING and any(link.again for link in request.open())
    hit = False
    for number, (link, old) in enumerate(zip(request.links, arrows, strict=True)):
        open_ = old is None or old.state == "working" or (redo and old.state == "done")
        if link.address == address and open_:
            arrows[number] = Arrow(
                "working", arrow, *((old.start, old.end) if old else (0, 0))
            )
            hit = True
    if not hit:
        return request.line
    complete = all(each and each.text.startswith("[[") for each in arrows)
    return _with_box(_with_arrows(request.line, arrows), ticked=complete)


def _with_arrows(line: str, arrows: list[Arrow | None]) -> str:
    """Write the arrows back: old ones in their places, new ones at the end.

    A link that has to wait for its own arrow gets ⏳, so that they stay in order.
    """
    last = max(number for number, arrow in enumerate(arrows) if arrow)
    tail = ""
    for arrow in reversed(arrows[: last + 1]):
        if arrow and arrow.end:
            line = line[: arrow.start] + arrow.text + line[arrow.end :]
    for arrow in arrows[: last + 1]:
        if not (arrow and arrow.end):
            tail += f" → {arrow.text if arrow else WORKING}"
    cut = _TRAILING.search(line)
    at = cut.start() if cut and tail else len(line)
    return line[:at] + tail + line[at:]


def _with_box(line: str, *, ticked: bool) -> str:
    """Make the line a task; a box that the user has ticked is left alone."""
    prefix = _PREFIX.match(line)
    assert prefix  # noqa: S101 - every part of it may be empty
    if prefix["box"]:
        at = prefix.start("mark")
        return line[:at] + "x" + line[at + 1 :] if ticked and line[at] == " " else line
    box = "[x] " if ticked else "[ ] "
    bullet = "" if prefix["marker"] else "- "
    return line[: prefix.end()] + bullet + box + line[prefix.end() :]


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]


def _blank_hidden(text: str) -> str:
    """Blank out all in which a link does not count, keeping offsets."""
    if head := _FRONTMATTER.match(text):
        text = _blank(text, 0, head.end())
    skipped = _skipped_lines(text)
    pieces = []
    for number, match in enumerate(_LINE.finditer(text)):
        line = " " * len(match[1]) if number in skipped else _blank_code(match[1])
        pieces.append(line + match[2])
    return _HIDDEN.sub(
        lambda m: m["url"] or re.sub(r"[^\r\n]", " ", m["hidden"]), "".join(pieces)
    )


def _blank_code(line: str) -> str:
    """Blank out `code` within one line; runs of backticks pair by their length."""
    runs = [(m.start(), m.end()) for m in re.finditer("`+", line)]
    by_length: dict[int, list[int]] = {}
    for start, end in runs:
        by_length.setdefault(end - start, []).append(start)
    pieces, done_to = [], 0
    for start, end in runs:
        same = by_length[end - start]
        nth = bisect.bisect_right(same, start)
        if start >= done_to and nth < len(same):
            close = same[nth] + (end - start)
            pieces += [line[done_to:start], " " * (close - start)]
            done_to = close
    return "".join([*pieces, line[done_to:]])


def _skipped_lines(text: str) -> set[int]:
    """Number the lines of code, headings and tables.

    A heading underlined with `---` is not one here: people put a rule below a link.
    """
    skipped: set[int] = set()
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
    for token in parser.parse(text):
        heading = token.type == "heading_open" and token.markup != "-"
        if token.map and (
            heading or token.type in {"fence", "code_block", "table_open"}
        ):
            skipped.update(range(*token.map))
    return skipped
