"""Make text from outside inert in a note, while it still reads and searches as itself.

One function per place in a note; which, what acts in Obsidian, and how each is
kept from acting: docs/escaping.md.
"""

import re
import unicodedata
from collections.abc import Callable

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
"""Control and bidi characters, odd line ends, BOM and lone surrogates."""

_URL = re.compile(
    r"https?://(?!@)(?:[A-Za-z0-9\-._~/?#@!'()*+,;=]|:(?!:)|%[0-9A-Fa-f]{2}"
    r"|&(?!#?[A-Za-z0-9]+;))+",
    re.IGNORECASE,
)
"""ASCII only: Chinese text right behind a link is never swallowed by it."""

_ACTIVE = re.compile(
    r"""
      [\\`*\[\]<$]                     # code, emphasis, links and embeds, HTML, math
    | \#(?=\S|$)                       # tags; `\[#x` would still be one
    | (?<![^\W_])_ | _(?![^\W_])       # emphasis: an underscore at the edge of a word
    | ~(?=~) | (?<=~)~                 # ~~strike~~
    | =(?==) | (?<==)=                 # ==highlight==
    | %(?=[%>]) | (?<=[%<])%           # %%comment%%, <% Templater %>
    | (?<=%)>
    | (?<=:): | (?<=mailto):           # Dataview field::, addresses of mail
    | (?<![^\W_])/(?=/)                # scheme://, and //host of any scheme
    | \^(?=[\[(]) | \^(?=[A-Za-z0-9-]*\s*$)   # ^[footnote], ^block-id
    | &(?=\#?[A-Za-z0-9]+;)            # &entity;
    """,
    re.VERBOSE | re.IGNORECASE,
)

_CODE = re.compile(r"(`[^`=$][^`]*`)")
"""Code that is no Dataview query."""

_ACTS = re.compile(
    r"""
      [`$] | \#(?=\S)
    | \[(?=[\[^]) | (?<=[\[!])\[ | \](?=[(\[])       # links, embeds, footnotes
    | <(?=[A-Za-z/!?%])
    | %(?=%) | (?<=[%<])% | (?<=:):
    | \^(?=[A-Za-z0-9-]*$)
    | (?<=:)(?<!http:)(?<!https:)/(?=/)              # obsidian://
    | \\(?=[!-/:-@\[-`{-~]|$)                         # it would undo an escape of ours
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The part of `_ACTIVE` that does more than change how the text looks."""

_STRUCTURE = re.compile(
    r"""
      [-:|\s]+$                        # a table's second row
    | [-+](?=\s|$) | -{2,}\s*$ | (?:-\s*){3,}$   # lists, rules
    | [>|] | =+\s*$ | \#{1,6}(?=\s|$) | ~{3,}    # quotes, tables, headings, fences
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")

_ACTS_IN_LINK = re.compile(
    r"[\[\]|^#\\`<>$*]|(?<![^\W_])_+|_+(?![^\W_])|~{2,}|={2,}|%{2,}|:{2,}"
)
_NO_TARGET = re.compile(r"[\[\]|#^\\`<>\n]|%%|::|^\s|\s$")
"""What ends a wikilink, or acts in one."""

_WHOLE_LINK = re.compile(r"!?\[\[.*\]\]|!?\[.*\]\(.*\)")
_SCHEME = re.compile(
    r"(?!https?://)(?:[a-z][a-z0-9+.-]*:(?=//)"
    r"|(?:data|file|javascript|mailto|obsidian|tel|vbscript):)",
    re.IGNORECASE,
)
_FULL_WIDTH = str.maketrans("[]|^#\\`<>$*_~=%:", "［］｜＾＃＼｀＜＞＄＊＿～＝％：")

_ENTITIES = {
    char: f"#{name};"
    for char, name in {
        '"': "quot", "#": "35", "<": "lt", ">": "gt", "&": "amp", "`": "96",
        "\\": "92", "%": "37", "$": "36", "*": "42", "_": "95", "~": "126", ";": "59",
    }.items()
}  # fmt: skip
"""Mermaid's own escapes. Source: mermaid docs, "Entity codes to escape characters"."""

_PREPASS = re.compile("style|classdef", re.IGNORECASE)
"""Before it reads a diagram, mermaid cuts the last `;` of a line such as
`style …:…#…;`. Source: mermaid 11, `encodeEntities`."""

_NO_CLOCK = re.compile(r"(?<!\d):|:(?!\d)")
"""A colon, unless it stands in `02:41`; `fa:fa-car` would become a picture."""

_LABEL_LOOKALIKES = str.maketrans("[]@", "［］＠")

LABEL_LIMIT = 80
"""Characters of a mermaid label; longer ones shrink the whole picture."""


def clean(text: str) -> str:
    """Normalise to NFC with plain line ends and without invisible characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    # In this order: what stood between a letter and its accent may be invisible.
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Clean *text* and fold all its white space to single blanks."""
    return " ".join(clean(text).split())


def inline(text: str) -> str:
    """Write *text* as one line of Markdown that renders as exactly that text."""
    line = _line(text)
    return line if line.startswith("\\") else _escape_line_start(line)


def sentence(text: str) -> str:
    """Write a sentence of our own for the inbox: what is in backticks stays code.

    It may quote what a site said, so all that acts is escaped; the rest is left
    readable, because an inbox is often seen as it is written.
    """
    parts = _CODE.split(one_line(text))
    parts[::2] = [
        _ACTS.sub(lambda match: "\\" + match.group(), part) for part in parts[::2]
    ]
    return "".join(parts)


def paragraphs(text: str) -> list[str]:
    """Write each line of *text* with `inline`; empty ones are dropped."""
    return [line for line in map(inline, clean(text).split("\n")) if line]


def callout(kind: str, title: str, blocks: list[str], fold: str = "") -> str:
    """Wrap finished Markdown *blocks* in a callout that nothing in them can leave.

    Args:
        kind: of the callout, such as `abstract`.
        title: untrusted text.
        blocks: neutralised already; an empty line would end the callout, so each
            line gets its `>`.
        fold: `-` folded, `+` open and foldable, or empty.
    """
    lines = [f"> [!{kind}]{fold} {inline(title)}".rstrip()]
    for number, block in enumerate(blocks):
        if number:
            lines.append(">")
        lines += [f"> {line}".rstrip() for line in block.split("\n")]
    return "\n".join(lines)


def heading(text: str) -> str:
    """Write *text* for the place behind `## `; hashes at its end would be cut."""
    return re.sub(r"(?<=\s)#$", r"\#", inline(text))


def table_cell(text: str) -> str:
    """Write *text* for a cell of a table, where a bar would begin the next one."""
    return _line(text).replace("|", "\\|")


def display(text: str) -> str:
    """Write *text* for the place behind the `|` of a wikilink: no escapes work there.

    What acts gets a sign of full width that looks alike.
    """
    return _ACTS_IN_LINK.sub(_widen, one_line(text))


def wikilink(
    target: str, text: str = "", plain: Callable[[str], str] | None = None
) -> str:
    """Link to the note named *target*, shown as *text*.

    Args:
        target: its name, or its path in the vault, without `[[` and `]]`.
        text: what to show instead of it; a link may not look like its target.
        plain: writes *text* where there can be no link to *target*, because
            Obsidian takes `#`, `|`, `]` or the like in it for syntax; `inline`,
            if None. For a property it is `property_text`.
    """
    name = unicodedata.normalize("NFC", target)
    if not can_be_linked(target):
        # Such a name may have a colon at its end, and a list has one of ours there.
        return (plain or inline)(re.sub(":+$", _widen, one_line(text or target)))
    shown = display(text)
    return f"[[{name}|{shown}]]" if shown not in {"", name} else f"[[{name}]]"


def can_be_linked(target: str) -> bool:
    """Say whether `[[target]]` leads to the note of that name."""
    name = unicodedata.normalize("NFC", target)
    return bool(name) and not _NO_TARGET.search(name) and clean(name) == name


def property_text(text: str) -> str:
    """Write *text* for a property of one line; `properties.write` does the quoting.

    Obsidian makes a link of a value that is nothing but one, and a button of one
    that is an address. Templater runs what stands in properties, too; an escape in
    YAML would be gone once Obsidian has written the properties anew.
    """
    text = one_line(text)
    if _WHOLE_LINK.fullmatch(text):
        text = re.sub(r"[\[\]]", _widen, text)
    if scheme := _SCHEME.match(text):
        text = f"{scheme[0][:-1]}：{text[scheme.end() :]}"
    return re.sub("<(?=%)|(?<=%)>", _widen, text)


def mermaid_label(text: str, limit: int = LABEL_LIMIT) -> str:
    """Write *text* as a quoted mermaid label of at most *limit* characters.

    Mermaid 11.4.1 (Obsidian 1.8.5 to 1.12) reads a label as Markdown and refuses
    lists, rules and links in it: `1. x` becomes `1、x`, `- x` becomes `· x`, and
    addresses get signs that look alike.
    """
    text = one_line(text)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    text = re.sub(r"^(\d+)[.)](\s|$)", r"\1、", text)
    text = re.sub(r"^[-+*](?=\s|$)", "·", text)
    text = re.sub(r"^[-\s]+$", lambda rule: rule[0].replace("-", "—"), text)
    text = re.sub(r"(?i)(www)\.", r"\1．", text)
    text = text.replace("://", ":∕∕").translate(_LABEL_LOOKALIKES)
    label = "".join(_ENTITIES.get(char, char) for char in text)
    colon = ":" if _PREPASS.search(label) else _NO_CLOCK
    return f'"{re.sub(colon, "#58;", label)}"'


def _line(text: str) -> str:
    """Escape all of *text* but what acts only where a line begins."""
    text = one_line(text)
    parts, done = [], 0
    for match in _URL.finditer(text):
        url = match.group().rstrip(".,;:!?)]}*_~|")
        if len(url) >= len("http://a.b"):
            parts += [_escape(text[done : match.start()]), f"<{url}>"]
            done = match.start() + len(url)
    return "".join([*parts, _escape(text[done:])])


def _widen(match: re.Match[str]) -> str:
    return match.group().translate(_FULL_WIDTH)


def _escape(text: str) -> str:
    return _ACTIVE.sub(lambda match: "\\" + match.group(), text)


def _escape_line_start(line: str) -> str:
    if number := _NUMBERED.match(line):
        return f"{number[1]}\\{line[number.end(1) :]}"
    return "\\" + line if _STRUCTURE.match(line) else line
