"""Properties are written and read as Obsidian does, and what users wrote stays."""

import datetime as dt
import math
import re
from typing import Any

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.neutralise import one_line
from vaultscribe.core.properties import MAX_BYTES, read, write

NASTY = [
    *(
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "Y",
        "True",
        "false",
        "null",
        "~",
        "Null",
        "",
    ),
    *("12:30:45", "3:37", "1:02:03", "1_000", "0o17", "017", "0x1f", "1e3", "12e5"),
    *(
        "+1",
        "-1",
        ".5",
        "5.",
        ".inf",
        ".nan",
        "1984",
        "2025-11-24",
        "2025-11-24T07:45:14",
    ),
    *(
        "#a",
        "a #b",
        "@x",
        "`x`",
        "- x",
        "? x",
        "a: b",
        "a:",
        "标题：",
        "&x",
        "*x",
        "!x",
    ),
    *(
        "| x",
        "> x",
        "%x",
        "{a: b}",
        "[x]",
        "[[链接]]",
        "---",
        "...",
        "--- x",
        "-->",
        "=",
    ),
    *(
        "<<",
        'say "hi"',
        "it's",
        "a\\nb",
        "a\nb",
        "a\n---\nb",
        "a\n...\nb",
        "\t",
        "a\tb",
    ),
    *(
        " before",
        "behind ",
        "😀👨\u200d👩\u200d👧",
        "😀 'and' \"that\"",
        "😀\n---\n",
        "a\u0085b",
    ),
    *(
        "a\u2028b",
        "\ufeff",
        "a\u00a0b",
        "\x00",
        "\x1b[0m",
        "\ufffe",
        "{{ x }}",
        "{% x %}",
    ),
    *(
        "https://a.b/c?x=1&y=2#z",
        "https://a.b/c",
        "bilibili:1_part1",
        "长" * 300,
        "e" * 300,
    ),
    *("word " * 100, "C:\\x", "'", '"', "''", ",", "a, b", "%YAML 1.1", "café", "ﬁ"),
]
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
values = st.one_of(
    texts,
    st.lists(texts, min_size=1, max_size=4),
    st.integers(-(10**12), 10**12),
    st.booleans(),
)


# ---- what is written is read back ----


@given(st.dictionaries(texts.filter(bool), values, max_size=5), texts)
def test_values_are_read_back_as_they_were(
    properties: dict[str, Any], body: str
) -> None:
    written = write(properties, body)

    assert read(written) == properties


@pytest.mark.parametrize("text", NASTY)
def test_a_title_is_read_back_whatever_it_looks_like(text: str) -> None:
    written = write({"title": text, "aliases": [text]}, "body")

    assert read(written) == {"title": text, "aliases": [text]}
    assert written.endswith("\n---\n\nbody\n")


@pytest.mark.parametrize("text", [text for text in NASTY if one_line(text) == text])
def test_a_title_stands_on_one_line_and_can_be_read(text: str) -> None:
    head = write({"title": text}, "").split("\n")

    assert len(head) == 4
    assert not re.search(r"(?<!\\)\\[uUx]", head[1])


@pytest.mark.parametrize("text", NASTY)
def test_python_frontmatter_reads_the_same(text: str) -> None:
    read_by_others = frontmatter.parse(write({"title": text, "handler": text}, "body"))

    assert read_by_others == ({"title": text, "handler": text}, "body")


def test_a_note_is_written_in_block_style_and_in_order() -> None:
    properties = {
        "title": "3:37",
        "url": "https://a.b/c?p=2",
        "timestamp": dt.datetime(2025, 11, 24, 7, 45, 14, 711975),  # noqa: DTZ001
        "published": dt.date(2025, 11, 20),
        "day": "2025-11-20",
        "seconds": 217,
        "none": None,
        "tags": ["career", "人工智能/pytorch", "1984"],
        "people": [],
    }

    assert write(properties, "\n\nbody\n\n") == (
        "---\n"
        'title: "3:37"\n'
        "url: https://a.b/c?p=2\n"
        "timestamp: 2025-11-24T07:45:14\n"
        "published: 2025-11-20\n"
        "day: '2025-11-20'\n"
        "seconds: 217\n"
        "tags:\n"
        "  - career\n"
        "  - 人工智能/pytorch\n"
        '  - "1984"\n'
        "---\n"
        "\n"
        "body\n"
    )


def test_a_list_used_twice_is_written_twice() -> None:
    tags = ["a"]

    assert write({"tags": tags, "topics": tags}, "") == (
        "---\ntags:\n  - a\ntopics:\n  - a\n---\n"
    )


# ---- what others wrote is read as Obsidian reads it ----


@pytest.mark.parametrize(
    ("yaml_text", "value"),
    [
        ("3:37", "3:37"),
        ("1:02:03", "1:02:03"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        (".inf", math.inf),
        ("~", None),
        ("", None),
        ("null", None),
        ("2025-11-24", "2025-11-24"),
        ("2025-11-24T07:45:14", "2025-11-24T07:45:14"),
        ("<<", "<<"),
        ("=", "="),
        ("[a, 1, no]", ["a", 1, "no"]),
        ("'[[x]]'", "[[x]]"),
        ("[[x]]", [["x"]]),
        ("# a comment", None),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(yaml_text: str, value: object) -> None:
    assert read(f"---\nx: {yaml_text}\n---\n") == {"x": value}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "body",
        "---\na: 1\n",
        "---\na: 1",
        "--- x\na: 1\n---\n",
        "\n---\na: 1\n---\n",
        " ---\na: 1\n---\n",
        "\ufeff---\na: 1\n---\n",
        "---\n---\n",
        "---\n# nothing\n---\n",
        "---\na: 1\na: 2\n---\n",
        "---\na: {b: 1, b: 2}\n---\n",
        "---\na: b: c\n---\n",
        "---\na: [b\n---\n",
        "---\na: @b\n---\n",
        "---\n\ta: 1\n---\n",
        "---\n- a\n---\n",
        "---\njust words\n---\n",
        "---\na: !!python/object/apply:os.system [id]\n---\n",
        "---\n? [a]\n: b\n---\n",
        "---\na: \udcff\n---\n",
        f"---\na: {'9' * 5000}\n---\n",
        f"---\na: {'x' * MAX_BYTES}\n---\n",
    ],
)
def test_a_block_that_obsidian_does_not_read_has_no_properties(text: str) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    "text", ["---\na: 1\n---", "---  \na: 1\n--- \n", "---\r\na: 1\r\n---\r\nb"]
)
def test_blanks_and_line_ends_do_not_matter(text: str) -> None:
    assert read(text) == {"a": 1}


@pytest.mark.parametrize("opener", ["[", "{", "- ", "? ", "a: [", "- - [{"])
@pytest.mark.parametrize("before", ["x: ", "x:\n  ", ""])
def test_no_nesting_brings_the_reader_down(before: str, opener: str) -> None:
    block = (before + opener * MAX_BYTES)[: MAX_BYTES - 100]

    assert read(f"---\n{block}\n---\n") == {}


def test_a_list_of_repeated_lists_is_refused_before_it_grows() -> None:
    rows = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    block = "\n".join(["l0: &l0 [x]", *rows, "tags: *l8"])

    assert read(f"---\n{block}\n---\n") == {}


def test_a_text_may_be_repeated_and_lists_may_be_long() -> None:
    assert read("---\na: &t x\nb: *t\n---\n") == {"a": "x", "b": "x"}
    assert len(read("---\nt:\n" + "  - '[x]'\n" * 500 + "---\n")["t"]) == 500


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\n \t\r~0.\u2028\udcff", max_size=60))
def test_reading_never_fails(block: str) -> None:
    assert isinstance(read(f"---\n{block}\n---\n"), dict)


@pytest.mark.parametrize(
    "value",
    [
        *('!!float ""', "!!bool x", "!!timestamp x", "!!map [a]", '!!int ""'),
        *(f"0x{'f' * 4000}", f"0o{'7' * 9000}", "1" * 5000),
    ],
)
@pytest.mark.parametrize("line", ["aliases: {}", "{}", "? {}\n: 1", "id: {}\nurl: {}"])
def test_a_value_that_does_not_fit_its_tag_is_no_property(
    value: str, line: str
) -> None:
    assert read(f"---\n{line.replace('{}', value)}\n---\n") == {}
