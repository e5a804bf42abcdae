"""The grammar of the inbox note: which links are requests, and what we write there.

The text is the user's. `requests` reads it, `mark` changes nothing but the box and
the arrows of the lines that hold one link; all other characters stay as they are.
"""

import itertools
import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from vaultscribe.core.errors import PermanentError
from vaultscribe.core.identity import is_known
from vaultscribe.core.model import Link
from vaultscribe.core.neutralise import one_line, sentence
from vaultscribe.core.prose import body_start, lines, prose
from vaultscribe.core.tags import tags_in, without_tags

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
    r"\ufeff?[ \t]*(?:>[ \t]*)*"
    r"(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]+(?:(?P<box>\[(?P<mark>.)\])(?=\s))?)?"
)
_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
)
"""What no address holds, though pasting brings it along."""

_LINK = re.compile(
    rf"""
      !?\[[^\[\]]*\]\([ ]*<?
        (?P<target>https?://[^\s<>(){_UNSEEN}]*(?:\([^\s<>(){_UNSEEN}]*\)[^\s<>(){_UNSEEN}]*)*)
        >?(?:[ ]+"[^"]*")?[ ]*\)
    | <(?P<auto>https?://[^\s<>{_UNSEEN}]+)>
    | !\[\[(?P<recording>[^\[\]|\#^{_UNSEEN}]+\.(?:{"|".join(RECORDINGS)}))
        (?:[|\#][^\[\]]*)?\]\]
    | (?P<bare>https?://
        (?:(?!(?<![/=?&\#:])https?://)   # two links without a blank between
          [^\s<>"`→，。；：！？、…（）【】《》〈〉「」『』“”‘’{_UNSEEN}])+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ARROW = re.compile(r"→\s*(⏳|❌[^→]*|\[\[[^\[\]\n]+\]\])")
_OPTION = re.compile(r"(?<!\S)(lang|speakers|captions|parts)[:：](\S+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_BLOCK_ID = re.compile(r"\s\^[A-Za-z0-9-]+$")
_ASCII = re.compile(r"[\x21-\x7e]*")
_TAIL = frozenset(".,;:!?*~|'\\]}")
"""What ends a sentence rather than a link."""
_EDGES = (
    " \t\u200b\u200c\u200d\u2060\ufeff.,;:!?)]}>*_=~|`\\'\"…、，。；：！？）】》」』”’"
)
"""What may stand between a link and the words about it."""


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
        end: where on the line a new arrow goes; a block id stays last, and what
            stands in a comment that goes on below would not be seen.
    """

    line: str
    start: int
    links: tuple[Link, ...]
    arrows: tuple[Arrow | None, ...]
    ticked: bool
    end: int

    def open(self) -> tuple[Link, ...]:
        """List what has to be done: new links, stalled ones, and all when un-ticked.

        Nothing is where the user has closed the box.
        """
        if self.ticked:
            return ()
        states = {arrow.state if arrow else None for arrow in self.arrows}
        if states == {"done"}:
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
    return "❌ " + sentence(message.replace("→", "->"))


def requests(text: str, address: str = "") -> tuple[Request, ...]:
    """Find the lines of the inbox *text* that ask for something, in order.

    Never fails: a line that cannot be understood is not a request.

    Args:
        text: the whole note.
        address: look only at lines that may hold it, which is faster.
    """
    if "://" not in text and "![[" not in text:
        return ()
    plain, part = prose(text), address.removesuffix("]]")
    found = []
    for start, line in lines(text):
        has_link = "://" in line or "![[" in line
        if has_link and part in line and len(line) <= _MAX_LINE:
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
            where the user un-ticked the line: then all its links are done again.
    """
    pieces, end = [], 0
    for request in requests(text, address):
        line = _marked(request, address, arrow)
        pieces += [text[end : request.start], line]
        end = request.start + len(request.line)
    return "".join([*pieces, text[end:]])


def append(text: str, addresses: tuple[str, ...]) -> str:
    """Add a task line for each address at the end of the inbox.

    Where it ends in a comment or in code that was never closed, links do not count;
    then they are added at its beginning.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith(("\n", "\r")) else newline
    tasks = "".join(f"- [ ] {each}{newline}" for each in addresses)
    longer = text + gap + tasks
    if prose(longer).endswith(tasks):
        return longer
    at = body_start(text)
    return text[:at] + tasks + text[at:]


class _Found(NamedTuple):
    """An address and where it stands in the line; a recording's has no alias."""

    address: str
    start: int
    end: int
    is_recording: bool


def _request(line: str, plain: str, start: int) -> Request | None:
    prefix = _PREFIX.match(plain)
    assert prefix  # noqa: S101 - every part of it may be empty
    found = _addresses(plain, prefix.end())
    asked = _asked(plain, prefix.end(), found)
    if not asked:
        return None
    end = _end(line, plain)
    # Nothing behind an arrow counts: what failed may be told with an address.
    marks = list(_ARROW.finditer(line, asked[0].end, end))
    stop = marks[0].start() if marks else end
    asked = [each for each in asked if each.start < stop]
    ticked = (prefix["mark"] or " ") != " "
    if ticked and not marks:
        return None
    links = _described(plain[:stop], asked, [f for f in found if f.start < stop])
    arrows = itertools.chain(map(_arrow, marks), itertools.repeat(None))
    return Request(
        line, start, links, tuple(itertools.islice(arrows, len(links))), ticked, end
    )


def _end(line: str, plain: str) -> int:
    seen = len(plain.rstrip())
    hidden = line[seen:]
    goes_on = hidden.count("%%") % 2 or hidden.rfind("<!--") > hidden.rfind("-->")
    end = seen if goes_on else len(line.rstrip())
    block_id = _BLOCK_ID.search(line[:end])
    return block_id.start() if block_id else end


def _addresses(plain: str, start: int) -> list[_Found]:
    found = []
    for match in _LINK.finditer(plain, start):
        address, end = match["target"] or match["auto"], match.end()
        if match["recording"]:
            address = f"![[{match['recording']}]]"
        elif match["bare"]:
            address = _trimmed(match["bare"], plain[: match.start()][-4:])
            end = match.start() + len(address)
        if re.match(r"!|https?://[^/?#]", address, re.IGNORECASE):
            found.append(_Found(address, match.start(), end, bool(match["recording"])))
    return found


def _trimmed(url: str, before: str) -> str:
    """Cut *url*, found in running text, where the address ends."""
    start = _ASCII.match(url)
    # Phones paste "https://b23.tv/0C9FMgg这个视频": on known sites links are ASCII.
    if start and start.end() < len(url):
        short = _without_tail(start.group(), before)
        if _is_known(short):
            return short
    return _without_tail(url, before)


def _without_tail(url: str, before: str) -> str:
    """Leave out the sentence's end, unpaired brackets, and marks also put *before*."""
    unpaired = url.count(")") - url.count("(")
    marks = [*before[len(before.rstrip("_=")) :]]
    end = len(url)
    while end:
        char = url[end - 1]
        if char == ")" and unpaired > 0:
            unpaired -= 1
        elif char in marks:
            marks.remove(char)
        elif char not in _TAIL:
            break
        end -= 1
    return url[:end]


def _is_known(address: str) -> bool:
    try:
        return is_known(address)
    except PermanentError:
        return False


def _asked(plain: str, start: int, found: list[_Found]) -> list[_Found]:
    """Keep the links that count: all up to the first word, then only known ones."""
    asked, words, at = [], False, start
    for each in found:
        between = _OPTION.sub("", without_tags(plain[at : each.start]))
        words = words or re.search(r"[^\W_]", between) is not None
        if not words or each.is_recording or _is_known(each.address):
            asked.append(each)
        at = each.end
    return asked


def _arrow(found: re.Match[str]) -> Arrow:
    states: dict[str, _State] = {"⏳": "working", "[": "done", "❌": "failed"}
    return Arrow(states[found[1][0]], found[1], found.start(1), found.end(1))


def _described(
    plain: str, asked: list[_Found], found: list[_Found]
) -> tuple[Link, ...]:
    """Read what the line says about its links: tags, options, focus."""
    starts = [each.start for each in found]
    ends = [each.end for each in found]
    pieces = [
        plain[i:j] for i, j in zip([0, *ends], [*starts, len(plain)], strict=True)
    ]
    words = " ".join(pieces)
    options = {key.lower(): value for key, value in _OPTION.findall(words)}
    behind = " ".join(pieces[found.index(asked[-1]) + 1 :])
    speakers = options.get("speakers", "")
    language = options.get("lang", "")
    common = Link(
        "",
        tags=tags_in(words),
        focus=_focus(behind),
        language=language if _LANGUAGE.fullmatch(language) else "",
        speakers=int(speakers) if re.fullmatch(r"[0-9]{1,2}", speakers) else 0,
        captions=options.get("captions", "").lower() != "no",
        all_parts=options.get("parts", "").lower() == "all",
    )
    return tuple(replace(common, address=each.address) for each in asked)


def _focus(behind: str) -> str:
    """Keep the words of what stands *behind* the links."""
    text = _OPTION.sub("", without_tags(behind))
    return one_line(text).lstrip(_EDGES).strip()


def _marked(request: Request, address: str, arrow: str) -> str:
    arrows = list(request.arrows)
    again = [link.address for link in request.open() if link.again]
    redo = arrow == WORKING and address in again
    hits = [
        number
        for number, (link, old) in enumerate(zip(request.links, arrows, strict=True))
        if (link.address == address or redo)
        and (old is None or old.state == "working" or (redo and old.state == "done"))
    ]
    if not hits:
        return request.line
    # Where the user removed an earlier ❌, this link's arrow has moved up to another.
    moved = [
        number
        for number, old in enumerate(arrows[: hits[0]])
        if old
        and old.text == arrow != WORKING
        and old.state == "done"
        and request.links[number].address != address
    ]
    for numbers, text in ((hits, arrow), (moved, WORKING)):
        for number in numbers:
            old = arrows[number]
            place = (old.start, old.end) if old else (0, 0)
            arrows[number] = Arrow("working", text, *place)
    complete = all(each and each.text.startswith("[[") for each in arrows)
    return _with_box(_with_arrows(request, arrows), ticked=complete)


def _with_arrows(request: Request, arrows: list[Arrow | None]) -> str:
    """Write the arrows back: old ones in their places, new ones at the end.

    A link that has to wait for its own arrow gets ⏳, so that they stay in order.
    """
    line, pieces, at = request.line, [], 0
    last = max(number for number, arrow in enumerate(arrows) if arrow)
    for arrow in arrows[: last + 1]:
        if arrow and arrow.end:
            pieces += [line[at : arrow.start], arrow.text]
            at = arrow.end
    pieces += [line[at : request.end]]
    for arrow in arrows[: last + 1]:
        if not (arrow and arrow.end):
            pieces += [f" → {arrow.text if arrow else WORKING}"]
    return "".join([*pieces, line[request.end :]])


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
