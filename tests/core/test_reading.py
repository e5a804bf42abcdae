import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vaultscribe.core import properties, simple_yaml
from vaultscribe.core.marks import marks, read_carefully
from vaultscribe.core.reading import Reading, read_note, read_properties

BODIES = {
    "words": ("a #x b #y/z", "x y/z", ""),
    "Chinese punctuation is legal": ("#成功，他说。 完 #家", "成功，他说。 家", ""),
    "full-width blank ends it": ("#一　二", "一", ""),
    "digits alone are none": ("#123 #1a #２", "1a ２", ""),
    "in a word": ("C#语言 a#b http://a.b/#c", "", ""),
    "headings": ("# x\n## #y", "y", ""),
    "first spelling": ("#Ab #aB", "Ab", ""),
    "behind other marks": ("**#a** #b#c ==#d==", "a b c d", ""),
    "behind an escape": ("\\[\\[#Real", "Real", ""),
    "escaped": ("\\#a \\[[b]] [\\[c]]", "", ""),
    "code": ("`#a [[b]]` ``#c ` [[d]]`` ` #e [[f]]", "e", "f"),
    "backticks in code": ("`a\\` #b `c`", "b", ""),
    "code ends with its paragraph": ("` #a\n\n#b `", "a b", ""),
    "fenced": ("```py\n#a [[b]]\n```\n#c", "c", ""),
    "fence never closed": ("#c\n~~~\n#a [[b]]\n", "c", ""),
    "fence in a quote": ("> ```\n> #a\n> ```\n> #b\n\n#c", "b c", ""),
    "fence in a list": ("- ```\n  #a\n  ```\n- #b", "b", ""),
    "longer fence": ("````\n```\n#a\n````\n#b", "b", ""),
    "code in one line is no fence": ("``` #a ```\n#b", "b", ""),
    "indented": ("x\n\n    #a [[b]]\n\n\t#c\n", "", ""),
    "indented in a list": ("- x\n\n    #a\n    - [[b]]\n\t- #c", "a c", "b"),
    "HTML comment": ("<!-- #a [[b]] --> #c\n<!--\n\n#d\n-->\n#e", "e", ""),
    "HTML comment in a line": ("x <!-- #a [[b]] --> #c", "c", ""),
    "block of HTML": ("<div>\n#a [[b]]\n</div>\n\n#c", "c", ""),
    "HTML in a line": ("x <b title='#a'>#b</b>", "b", ""),
    "comment": ("x %% #a [[b]] %% #c", "c a", "b"),
    "open comment": ("x %%\n\n#a", "a", ""),
    "comment in code": ("`%%` #a `%%`", "a", ""),
    "math": ("$#a [[b]]$ $$x #c$$ #d", "d", ""),
    "money": ("$5 #a $6 and $ [[b]] $", "a", "b"),
    "names": ("[[A]] [[b/C d]]", "", "A|b/C d"),
    "heading, block and text": ("[[A#h]] [[B#^x|t]] [[C|#t]]", "", "A|B|C"),
    "the note itself": ("[[#h]] [x](#h)", "", ""),
    "embeds": ("![[p.png|100]] ![a](q%20r.png)", "", "p.png|q r.png"),
    "single brackets": ("[[a]b]] [[a[b]]", "", "a]b|a[b"),
    "no link": ("[[a\nb]] [[]] [x]", "", ""),
    "once": ("[[A]] [[A|x]]", "", "A"),
    "in a table": ("| a | b |\n|--|--|\n| [[A\\|x]] | #t |", "t", "A"),
    "Markdown": (
        "[x](a%20b.md) [y](<c d.md#h>) [z](e.md 'T')",
        "",
        "a b.md|c d.md|e.md",
    ),
    "Markdown in Chinese": ("[x](笔记/%E4%B8%80.md)", "", "笔记/一.md"),
    "to the web": (
        "[#a](https://b.c/#d) <https://b.c/[[e]]> [x](mailto:a@b.c)",
        "a",
        "",
    ),
    "no Markdown link": ("\\[x](a.md) [x] (b.md) `[x](c.md)`", "", ""),
    "link in a link": ("[a [b](c.md) d](e.md)", "", "c.md"),
    "windows": ("#a\r\n\r\n```\r\n#b\r\n```\r\n[[C]]\r\n", "a", "C"),
    "definition": ("[x]: http://a.b '#c'\n#d", "d", ""),
}


@pytest.mark.parametrize(("body", "tags", "links"), BODIES.values(), ids=BODIES)
def test_marks_of_a_body_are_those_of_obsidian(
    body: str, tags: str, links: str
) -> None:
    reading = read_note(body)

    assert reading.tags == tuple(tags.split())
    assert reading.links == tuple(filter(None, links.split("|")))


def test_note_is_read_as_a_whole() -> None:
    text = (
        "---\ntags:\n  - '#Own'\n  - 2024\n  - a b\naliases: One\n"
        'up: "[[Top#h|t]]"\nsee: ["[[Aside]]", "x [[no]]"]\n---\n#own #body [[Top]]\n'
    )

    reading = read_note(text)

    assert reading == Reading(
        properties=properties.read(text),
        tags=("Own", "body"),
        links=("Top", "Aside"),
        aliases=("One",),
    )


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ("tags: one", ("one",)),
        ("tags: a, b", ()),
        ("Tags: [a, b/c]", ("a", "b/c")),
        ("tag: a", ()),
        ("tags: ['1', '#x', '']", ("x",)),
        ("tags:", ()),
        ("tags: {a: b}", ()),
        ("text: '#a'", ()),
    ],
)
def test_tags_of_properties_are_those_of_obsidian(
    lines: str, tags: tuple[str, ...]
) -> None:
    assert read_note(f"---\n{lines}\n---\n").tags == tags


@pytest.mark.parametrize(
    "block", ["a: b: c", "a: 1\na: 2", "tags: [x", "a:\n\t- b", "@x", "- a"]
)
def test_broken_properties_leave_the_body_its_marks(block: str) -> None:
    reading = read_note(f"---\n{block}\ntags: [t]\n---\n#a [[B]]\n")

    assert reading == Reading({}, ("a",), ("B",), ())


@pytest.mark.parametrize(
    "start", ["\n---\n", " ---\n", "\ufeff---\n", "----\n", "x\n---\n"]
)
def test_properties_stand_at_the_very_start(start: str) -> None:
    assert read_note(f"{start}tags: [t]\nup: '[[A]]'\n---\n#a").properties == {}


def test_block_that_never_ends_is_body() -> None:
    assert read_note("---\nx: 1\n\n#a [[B]]") == Reading({}, ("a",), ("B",), ())


# ---- the fast way agrees with the sure one ------------------------------------

KEYS = st.sampled_from(
    ["a", "tags", "Tags", "名 字", "a-b", "x1", "true", "null", "<<", "1"]
)
SCALARS = st.sampled_from(
    [
        "x",
        "a b ",
        "人工智能",
        "2024-01-01",
        "3:37",
        "12",
        "007",
        "0x1F",
        "1.5",
        "1e3",
        "-1",
        ".inf",
        "true",
        "False",
        "no",
        "null",
        "~",
        "https://a.b/c?d=1#e",
        "a: b",
        "a #b",
        "a#b",
        "a:",
        "'q'",
        "'it''s'",
        '"q"',
        '"a\\n"',
        '"[[A]]"',
        "[[A]]",
        "[a, b]",
        "[a, 'b,c', 1]",
        "[a, ]",
        "[]",
        "[ ]",
        "{a: b}",
        "{}",
        "&x a",
        "*x",
        "!t a",
        "!!str 1",
        "@x",
        "`x`",
        "%x",
        "- a",
        "? a",
        "",
        ">",
        "#c",
        "a\tb",
        "\t",
        "x\u2028y",
        "x\x85y",
        "\ufeff",
        "\x07",
        "é",
        "😀",
        "---",
        "...",
        "a, b",
        "[a: b]",
        "[a #b]",
        "'a' b",
        "\u3000x",
        "x\u3000: y",
        "12345678901234567890",
        "1_000",
        "'",
        '"',
        "[",
        "]",
        "[a, [b]]",
        "=",
        "a\xa0",
        "²",
        "٣",
        "xA: ",
    ]
)
LINES = st.one_of(
    st.builds("{}: {}".format, KEYS, SCALARS),
    st.builds("{}:{}".format, KEYS, SCALARS),
    st.builds("{}- {}".format, st.sampled_from(["", " ", "  ", "    "]), SCALARS),
    st.builds("{}{}".format, st.sampled_from(["", "  ", "# ", "\t"]), SCALARS),
    st.builds("{}:".format, KEYS),
)
SIMPLE = st.builds("k{}: {}".format, st.integers(0, 99), SCALARS)
BLOCKS = st.one_of(
    st.lists(SIMPLE, max_size=4), st.lists(LINES, max_size=6), st.lists(st.text())
).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\n\n"]).map(
        lambda end: end.join(lines)
    )
)


@given(BLOCKS)
def test_simple_properties_read_as_all_others(block: str) -> None:
    text = f"---\n{block}\n---\nbody\n"

    assert typed(read_properties(text)) == typed(properties.read(text))


def typed(value: Any) -> str:
    """Tell 1 from True, and nan from nan."""
    return repr(value)


def test_usual_properties_are_read_the_fast_way() -> None:
    block = (
        'title: "冒号: 两个"\naliases:\n  - "x"\n  - y z\nurl: https://a.b/c?d=e\n'
        'at: 2025-11-24T07:45:14\nlong: "3:37"\nn: 217\ndone: true\nnone:\n'
        "tags: [a, b/c]\nlist:\n- a\n- 1\nempty: []\n"
    )

    assert simple_yaml.read(block) == properties.read(f"---\n{block}---\n")


BITS = st.sampled_from(
    [
        "#a",
        "#b/c",
        "#1",
        "##",
        "# ",
        "[[A]]",
        "[[B#h",
        "t]]",
        "![[p.png]]",
        "[",
        "]",
        "[[",
        "]]",
        "[x](y.md)",
        "[x](https://a.b)",
        "(",
        ")",
        "`",
        "``",
        "```\n",
        "\n```\n",
        "~~~\n",
        "%%",
        "%",
        "$",
        "$$",
        "<!--",
        "-->",
        "<div>",
        "<b>",
        "\\",
        "&amp;",
        "*",
        "==",
        "_",
        "~~",
        "\n",
        "\n\n",
        "\n    ",
        "\n\t",
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n",
        " a ",
        "\n",
        "---",
        "---",
        "\n",
        "",
        "a",
        "中",
        "，",
        " ",
        "  ",
        "---",
        "https://a.b/c",
        "\n[x]: ",
        "\r\n",
        "#中，文",
        ".",
        "C#",
    ]
)


@example("~~~\n```\n~~~\n#a")
@given(st.lists(BITS, max_size=20).map("".join))
def test_fast_way_finds_in_a_body_what_the_careful_one_finds(body: str) -> None:
    fast, sure = marks(body), read_carefully(body)

    assert [set(found) for found in fast] == [set(found) for found in sure]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert read_note(text).properties == properties.read(text)


MEGABYTE = 1_000_000
HOSTILE = [
    "[",
    "[[",
    "[[a",
    "](",
    "[](",
    "![",
    "`",
    "` `` ",
    "`\n",
    "%%",
    "%% ",
    "%%%",
    "$",
    "$ ",
    "$$ ",
    "\\\\$",
    "<!--",
    "<!-- ",
    "<a ",
    "<a b='",
    "<",
    "#",
    "#a",
    " #a",
    "#\n",
    "# a\n",
    "&",
    "\\",
    "*",
    "> ",
    "- ",
    "    ",
    "\t",
    "~~~\n",
    "```\n",
    "\n```",
    "| a ",
    "|-|\n",
    "https://",
    "[a]: ",
    "[x](y 'z",
    "[x](((",
    "()",
    "---\n",
    "- a\n",
    "\n\n",
    "    x\n",
    "\r",
]


@pytest.mark.parametrize("sign", HOSTILE)
@pytest.mark.parametrize(
    ("start", "size"), [("", MEGABYTE), ("#a <b> [x](y.md) ", MEGABYTE // 5)]
)
def test_note_full_of_one_sign_is_read_in_time(
    sign: str, start: str, size: int
) -> None:
    text = start + sign * (size // len(sign))

    seconds = timed(text)

    assert seconds < 5


def timed(text: str) -> float:
    began = time.process_time()
    read_note(text)
    return time.process_time() - began
