"""Records in which every text is hostile, and their tame twins.

A tame twin is the same record with a plain token in place of each text. Its note
shows what a note of that record may hold: whatever the template is, the hostile
note has to have the same links, tags, blocks and marks, and to read as the tame
one with each token replaced by its text.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from vaultscribe.core.identity import generic, identify
from vaultscribe.core.model import (
    Chapter,
    Diagram,
    Edge,
    Linked,
    Media,
    Node,
    Point,
    Record,
    Related,
    Section,
    Segment,
    Shape,
    Summary,
    Transcript,
    Work,
)
from vaultscribe.core.tags import tag, unique

BITS = [
    # links, embeds, pictures, references
    "[[链接]]", "![[嵌入.png]]", "[[a|b#c]]", "[[", "]]", "![[", "[", "]", "(", ")",
    "!", "![", "](", "[x](y.md)", "[x](javascript:alert(1))", "[x]: http://e.com",
    "[x][y]", "![](https://t.example/p.png)", "![a|100](file:///etc/passwd)",
    "[toc]", "[@key]", "[[#^b]]", "[[x\\|y]]",
    # tags
    "#标签", "#a/b", "#-", "#1", "#123abc", "C#", "F#语言", "\\#", "\\[#逃",
    "＃全角", "#", "#é", "##x", "(#x", "\u200b#x", "#todo，", "#_", "/#x", ">#x",
    "|#x",
    # comments, Templater, template languages
    "%%", "%", "%%%", "100%", "%% 藏", "<% tp.x() %>", "<%* alert(1) %>", "<%-",
    "-%>", "%>", "<%", "{{title}}", "{% x %}", "{{ 7*7 }}", "{#", "#}", "<!--",
    "-->", "<!x>",
    # code, queries of plugins
    "`= this.file.name`", "`$= dv.pages()`", "`", "``", "```", "````",
    "```dataviewjs", "```dataview", "~~~", "~~~tasks", "`INPUT[text:x]`",
    "`BUTTON[x]`", "    code", "```mermaid", "```base", "```js run",
    # fields and flashcards
    "key:: value", "[k:: v]", "(k:: v)", "::", ":::", ":", "问:: 答", "**k**:: v",
    "k::",
    # math, formatting
    "$$x^2$$", "$5 和 $6", "$", "$$", "$x$", "\\(x\\)", "\\[", "*强*", "**强**",
    "***", "_斜_", "a_b", "__x__", "_", "*", "~~删~~", "~", "~~", "==亮==", "==",
    "=", "H~2~O",
    # HTML, entities
    "<script>alert(1)</script>", "<iframe src=x>", "<img src=x onerror=alert(1)>",
    "<b>", "</div>", "<br>", "<", ">", "<a href='javascript:x'>", "<?php",
    "<![CDATA[", "<x@y.z>", "&lt;b&gt;", "&amp;", "&", "&#35;x", "&#x23;x", "&nbsp;",
    "&colon;", "</details>",
    # notes, blocks, tasks
    "^abc", " ^block-id", "^", "^[脚注]", "[^1]", "[^1]: 定义", "- [ ] 任务",
    "* [x] x", "[ ] x", "[x] ", "- [/] 半", "📅 2025-01-01", "(@2025-01-01)",
    # structure
    "# 标题", "## x", "- x", "* x", "+ x", "-", "+", "1. 一", "2) 二",
    "12345678901. x", "---", "***", "___", "- - -", "===", "--", "> 引", ">",
    "> [!danger] 逃", ">[!x]-", "[!tip]", "| a | b |", "|-|-|", ":-:", "|", "--|--",
    "\tx", "\t缩进", "- ", "...", "--- start-multi-column: x", "\\", "\\\\", "\\n",
    "\\u0023",
    # addresses
    "https://a.b/c_d?x=1#y", "http://例子.com/路", "https://a.b/%%",
    "https://a.b/$x$y", "https://a.b/x::y", "https://a.b/(c)*d*",
    "https://a.b/?a=1&lt;=2", "https://", "https://a.b/`x`", "https://a.b|c",
    "HTTPS://A.B/C", "https://a.b/<%x%>", "javascript:alert(1)",
    "javascript://x.com/%0a", "obsidian://open?vault=x", "obsidian://x.com/y",
    "file:///etc/passwd", "data:text/html,x", "ftp://a.b/c", "//a.example/p",
    "www.a.example", "a@b.example", "mailto:a@b.example", "MAILTO:x@y.zz", "tel:+1",
    "x-callback-url://x.yy",
    # mermaid
    "%%{init: {}}%%", "click n1 call alert(1)", "end", "subgraph x", "-->",
    "style n1 x",
    # YAML
    "title: x", "- a: b", "---\n", "...\n", '"', "'", "''", "a: [b", "{a: b}",
    "!!python", "&a *a", "@x", "? x", "yes", "null", "~ ", "1e3", "3:37",
    "2025-01-01", "0o17",
    # letters and what is none
    "中文，标点。", "“引号”", "😀👨\u200d👩\u200d👧", "🇩🇪", "é", "e\u0301", "ﬁ",
    "Ａ［］＃｜", "𝔸", "\u0430\u0440", "한", "\u1112\u1161\u11ab", "a\u00a0b",
    "\u3000", "\u00ad", "\u200b", "\u200d", "\u202e", "\u2066", "\u2028", "\u2029",
    "\ufeff", "\x00", "\x0b", "\x0c", "\x1b[0m", "\x7f", "\x85", "\ud800", "\udfff",
    "\uffff", "\n", "\n\n", "\r\n", "\r", "\n> ", "\n- ", "\n# ", "\n\n```\n",
    "\n---\n", "\n    ", " ", "  ", "。", "a", "1", ":smile:", "x" * 3000,
    "长" * 1500,
]  # fmt: skip

SHAPES: list[Shape] = ["step", "turn", "outcome"]
ADDRESSES = [
    "https://www.youtube.com/watch?v=jNQXAC9IVRw",
    "https://www.bilibili.com/video/BV1sQUwBKEmg?p=2",
    "https://example.org/a)b(c<%25%>[x](y)%%::*_`=1`*.mp3?q=%%&x::y#[[z]]",
    "https://example.org/\"'><script>|#tag$x$^id",
    "http://例子.example/路%zz",
]
UNSEEN = frozenset("\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e") | frozenset(
    "\u2066\u2067\u2068\u2069\ufffe\uffff"
)
"""Odd line ends, BOM, marks that turn the direction of text, and no characters."""


SAFE_NAMES = [
    "笔记", "a_b", "$5", "*x*", "~", "=", "(1)", "&amp;", "100%", "{{x}}", "é", " ",
    "- ", "1. ", "www.a.example", "'", "!", "“x”", "==x==", "e\u0301", "@x", "a:b",
]  # fmt: skip
SEPARATE_S = 60.0
"""Between two segments, so that each is a paragraph of its own."""


@dataclass(frozen=True, slots=True)
class Twins:
    """A hostile record, its tame twin, and what each token stands for."""

    hostile: Record
    tame: Record
    texts: dict[str, str]


def twins(count: int, seed: int) -> Iterator[Twins]:
    for number in range(seed, seed + count):
        texts: dict[str, str] = {}

        def token(text: str, shape: str, texts: dict[str, str] = texts) -> str:
            if not visible(text):
                return ""
            name = shape.format(len(texts))
            texts[name] = visible(text)
            return name

        # The same dice twice: the same texts in the same places.
        wild = _Maker(Random(number), _as_it_is)  # noqa: S311 - no secret
        tame = _Maker(Random(number), token)  # noqa: S311 - no secret
        yield Twins(wild.record(), tame.record(), texts)


def _as_it_is(text: str, _: str) -> str:
    return text if visible(text) else ""


def hostile(dice: Random, longest: int) -> str:
    """Join up to *longest* bits, some with a blank between them."""
    bits = dice.choices(BITS, k=dice.randint(1, longest))
    return "".join(bit + dice.choice(["", "", " "]) for bit in bits)


def visible(text: str) -> str:
    """Fold blanks, and drop what cannot be seen, by the rules of Unicode."""
    shown = [
        char
        for char in text
        if char in "\t\n\r" or unicodedata.category(char) not in ("Cc", "Cs")
        if char not in UNSEEN
    ]
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())


def is_target(name: str) -> bool:
    """Can a note of this name be linked to? Obsidian would read syntax in others."""
    acts = any(bit in name for bit in ("%%", "::", *"[]|#^\\`<>\t"))
    is_hidden = any(
        unicodedata.category(c) in ("Cc", "Cs") or c in UNSEEN for c in name
    )
    return bool(name) and name == name.strip() and not acts and not is_hidden


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes a record by throwing dice; *put* decides what stands for a text."""

    dice: Random
    put: Callable[[str, str], str]

    def record(self) -> Record:
        work = self.work()
        return Record(
            media=self.media(work),
            address=work.url,
            timestamp="2025-11-24T07:45:14",
            transcript=self.transcript(),
            summary=self.summary(),
            tags=(tags := self.tags()),
            related=tuple(self.related(tags) for _ in self.some(3)),
            focus=self.text(),
            linked=tuple(Linked(self.person(), self.name()) for _ in self.some(3)),
        )

    def media(self, work: Work) -> Media:
        return Media(
            work,
            self.text(),
            duration_s=self.dice.choice([None, 217.4]),
            channel=self.text(),
            published=self.dice.choice(["", "2025-11-20", "[[x]]"]),
            description=self.text(),
            chapters=tuple(Chapter(9.0 * i, self.text()) for i in self.some(3)),
            series=self.text(),
        )

    def transcript(self) -> Transcript:
        starts = [SEPARATE_S * i for i in self.some(6)]
        segments = [Segment(start, start + 1, self.text(14)) for start in starts]
        return Transcript("captions", self.text(2), tuple(segments))

    def summary(self) -> Summary:
        is_excerpts = self.dice.random() < 0.3
        author = self.text(2)
        return Summary(
            "excerpts" if is_excerpts else author,
            self.dice.choice(["zh", "en"]),
            core=self.text(14),
            view=self.text(),
            points=tuple(Point(self.text(), 5.0 * i) for i in self.some(5)),
            sections=tuple(
                Section(self.text(blank=False), self.text(), 5.0 * i)
                for i in self.some(4)
            ),
            diagram=self.diagram(),
            people=tuple(self.text(4, blank=False) for _ in self.some(3)),
            reason=self.text(),
            concepts=tuple(self.text(4, blank=False) for _ in self.some(3)),
        )

    def diagram(self) -> Diagram:
        nodes = [Node(i, self.text(), self.dice.choice(SHAPES)) for i in self.some(4)]
        edges = [Edge(i, i + 1, self.text(3)) for i in range(len(nodes) - 1)]
        return Diagram(tuple(nodes), tuple(edges))

    def related(self, tags: tuple[str, ...]) -> Related:
        shared = self.dice.sample(tags, min(len(tags), 2))
        named = tuple(self.text(4, blank=False) for _ in self.some(2))
        return Related(self.name(), tuple(shared), named, self.text(4), self.text(4))

    def tags(self) -> tuple[str, ...]:
        """Make tags as they reach a record: by `tag`, the same in both twins."""
        return unique(tag(hostile(self.dice, 3)) for _ in self.some(4))

    def work(self) -> Work:
        work = identified(self.dice.choice(ADDRESSES))
        url = self.put(work.url, "https://t.example/z{}z")
        return Work(self.put(work.id, "z{}z"), url)

    def name(self) -> str:
        """Make the name of a note; about half of them can be linked to."""
        safe = "".join(self.dice.choices(SAFE_NAMES, k=3)).strip()
        wild = hostile(self.dice, 4)
        name = self.dice.choice([safe or "x", safe or "x", wild])
        # In a list it has a colon of ours behind it, and two would be a field.
        name += "-" if visible(name).endswith(":") else ""
        return self.put(name, "z{}z" if is_target(name) else "z{}#z")

    def person(self) -> str:
        return self.put(f"{hostile(self.dice, 4)}x", "z{}z")

    def text(self, longest: int = 8, *, blank: bool = True) -> str:
        """Make a text; one in which nothing can be seen only if it may be *blank*."""
        text = hostile(self.dice, longest)
        return self.put(text if blank or visible(text) else f"x{text}", "z{}z")

    def some(self, most: int) -> range:
        return range(self.dice.randint(0, most))


def identified(address: str) -> Work:
    return identify(address) or generic(address)
