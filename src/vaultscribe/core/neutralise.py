"""Make text from outside inert in a note, while it still reads and searches as itself.

One function per place in a note. What acts in Obsidian, and how each is kept
from acting: docs/escaping.md. `inline` is for running text, `display` for the
text of a wikilink (which knows no escapes), `mermaid_label` for diagrams.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
"""Control and bidi characters, odd line ends, BOM and lone surrogates."""

_URL = re.compile(
    r"https?://(?:[A-Za-z0-9\-._~/?#@!'()*+,;=]|:(?!:)|%[0-9A-Fa-f]{2}"
    r"|&(?!#?[A-Za-z0-9]+;))+",
    re.IGNORECASE,
)
"""ASCII only: Chinese text right behind a link is never swallowed by it."""

_ACTIVE = re.compile(
    r"""
      [\\`*\[\]<$]                     # code, emphasis, links and embeds, HTML, math
    | \#(?=\S)                         # tags; `\[#x` would still be one
    | (?<![^\W_])_ | _(?![^\W_])       # emphasis: an underscore at the edge of a word
    | ~(?=~) | (?<=~)~                 # ~~strike~~
    | =(?==) | (?<==)=                 # ==highlight==
    | %(?=[%>]) | (?<=[%<])%           # %%comment%%, <% Templater %>
    | (?<=%)>
    | (?<=:): | :(?=//)                # Dataview field::, scheme://
    | \^(?=[\[(]) | \^(?=[A-Za-z0-9-]*\s*$)   # ^[footnote], ^block-id
    | &(?=\#?[A-Za-z0-9]+;)            # &entity;
    """,
    re.VERBOSE,
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
    | \\(?=[!-/:-@\[-`{-~]|$)                         # it would undo an escape of ours
    """,
    re.VERBOSE,
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

_FULL_WIDTH = str.maketrans("[]|^#\\`<>$*_~=%", "［］｜＾＃＼｀＜＞＄＊＿～＝％")

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
    text = one_line(text)
    parts, done = [], 0
    for match in _URL.finditer(text):
        url = match.group().rstrip(".,;:!?)]}*_~|")
        if len(url) >= len("http://a.b"):
            parts += [_escape(text[done : match.start()]), f"<{url}>"]
            done = match.start() + len(url)
    line = "".join([*parts, _escape(text[done:])])
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


def display(text: str) -> str:
    """Write *text* for the place behind the `|` of a wikilink."""
    return one_line(text).translate(_FULL_WIDTH).replace("::", "：：").strip()


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


def _escape(text: str) -> str:
    return _ACTIVE.sub(lambda match: "\\" + match.group(), text)


def _escape_line_start(line: str) -> str:
    if number := _NUMBERED.match(line):
        return f"{number[1]}\\{line[number.end(1) :]}"
    return "\\" + line if _STRUCTURE.match(line) else line
