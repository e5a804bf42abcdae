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
from vaultscribe.core.properties import MAX_BYTES, add_tags, read, write

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


def note(block: str, newline: str = "\n") -> str:
    """Make a note whose body looks as if it had properties too."""
    text = f"---\n{block}---\n\nbody\n\n---\ntags:\n  - of the body\n---\n"
    return text.replace("\n", newline)


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


# ---- adding tags ----

ADDED = ("new", "人工智能/x")
FORMS = {
    "no tags": ("a: 1\n", 'a: 1\ntags:\n  - "new"\n  - "人工智能/x"\n'),
    "nothing": ("", 'tags:\n  - "new"\n  - "人工智能/x"\n'),
    "only a comment": ("# c\n", '# c\ntags:\n  - "new"\n  - "人工智能/x"\n'),
    "a list": (
        "tags:\n  - a\n  - b\nz: 1\n",
        'tags:\n  - a\n  - b\n  - "new"\n  - "人工智能/x"\nz: 1\n',
    ),
    "a list without indent": (
        "tags:\n- a\nz: 1\n",
        'tags:\n- a\n- "new"\n- "人工智能/x"\nz: 1\n',
    ),
    "a list with much indent": (
        "z: 1\ntags:\n      -   a\n",
        'z: 1\ntags:\n      -   a\n      - "new"\n      - "人工智能/x"\n',
    ),
    "comments and empty lines": (
        "tags: # mine\n  # one\n  - a # two\n\n  - 'b'   \n\n# c\nz: 1\n",
        """tags: # mine\n  # one\n  - a # two\n\n  - 'b'   \n  - "new"
  - "人工智能/x"\n\n# c\nz: 1\n""",
    ),
    "an empty item": (
        "tags:\n  - a\n  -\n",
        'tags:\n  - a\n  -\n  - "new"\n  - "人工智能/x"\n',
    ),
    "letters of all kinds before": (
        "t: 😀é中\ntags:\n  - 😀\n",
        't: 😀é中\ntags:\n  - 😀\n  - "new"\n  - "人工智能/x"\n',
    ),
    "an empty flow list": ("tags: []\n", 'tags: ["new", "人工智能/x"]\n'),
    "a flow list": (
        "tags: [a, 'b'] # c\nz: 1\n",
        'tags: [a, \'b\', "new", "人工智能/x"] # c\nz: 1\n',
    ),
    "a flow list that ends in a comma": (
        "tags: [ a , ]\n",
        'tags: [ a, "new", "人工智能/x" , ]\n',
    ),
    "a flow list over lines": (
        "tags: [a, # one\n  b # two\n  ]\n",
        'tags: [a, # one\n  b, "new", "人工智能/x" # two\n  ]\n',
    ),
    "one tag": ("tags: a # c\n", 'tags: [a, "new", "人工智能/x"] # c\n'),
    "one quoted tag": ("tags: 'a'\n", 'tags: [\'a\', "new", "人工智能/x"]\n'),
    "an empty value": (
        "tags:\nz: 1\n",
        'tags:\n  - "new"\n  - "人工智能/x"\nz: 1\n',
    ),
    "null": ("tags: null\n", 'tags: ["new", "人工智能/x"]\n'),
    "another case": ("Tags: [a]\n", 'Tags: [a, "new", "人工智能/x"]\n'),
    "tags in a text": (
        "d: |\n  tags:\n    - a\n",
        'd: |\n  tags:\n    - a\ntags:\n  - "new"\n  - "人工智能/x"\n',
    ),
    "tags within another": (
        "d:\n  tags: [a]\n",
        'd:\n  tags: [a]\ntags:\n  - "new"\n  - "人工智能/x"\n',
    ),
    "not a number": (
        "n: .nan\ntags: [a]\n",
        'n: .nan\ntags: [a, "new", "人工智能/x"]\n',
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("form", FORMS)
def test_tags_are_added_and_nothing_else_changes(form: str, newline: str) -> None:
    before, after = FORMS[form]

    added = add_tags(note(before, newline), ADDED)

    assert added == note(after, newline)
    assert add_tags(added, ADDED) == added


@pytest.mark.parametrize(
    "block",
    [
        "{a: 1}\n",
        "tags: a, b\n",
        "tags: |\n  a\n",
        "tags:\n  - |\n    a\nz: 1\n",
        "tags: {a: b}\n",
        "l: &l [b]\ntags: *l\n",
        "a: 1\na: 2\n",
        "tags: [a\n",
        "a: b: c\n",
        "- a\n",
    ],
)
def test_a_block_that_would_have_to_be_rewritten_is_left_alone(block: str) -> None:
    assert add_tags(note(block), ADDED) == note(block)


@pytest.mark.parametrize(
    "text",
    [
        "body\ntags:\n",
        "",
        "---\ntags: [a]\n",
        "\ufeff---\ntags: [a]\n---\n",
        " ---\ntags: [a]\n---\n",
        f"---\na: {'x' * MAX_BYTES}\n---\n",
    ],
)
def test_a_text_without_properties_is_left_alone(text: str) -> None:
    assert add_tags(text, ADDED) == text


def test_tags_that_are_there_are_not_added_again() -> None:
    text = note("tags:\n  - New\n  - '#other'\n")

    assert add_tags(text, ("new", "Other")) == text
    assert read(add_tags(text, ("NEW", "x")))["tags"] == ["New", "#other", "x"]


def test_a_quote_in_a_tag_stays_in_it() -> None:
    added = add_tags(note("a: 1\n"), ('x"\ny: "z',))

    assert read(added) == {"a": 1, "tags": ['x"\ny: "z']}


def test_bytes_that_are_no_text_stay_in_the_body() -> None:
    text = note("tags: [a]\n") + "\udcff"

    assert add_tags(text, ("b",)) == note('tags: [a, "b"]\n') + "\udcff"


blocks = st.lists(
    st.sampled_from(
        [
            *("tags:", "tags: ", "Tags: [", "]", "a", "- a", "  - b", "\n", "\n", "\n"),
            *(
                "# c",
                "'",
                '"',
                "|",
                "z: 1",
                ", ",
                "&x ",
                "*x",
                "{",
                "}",
                "~",
                "  ",
                "é",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(blocks)
def test_adding_tags_changes_only_the_tags(block: str) -> None:
    text = note(block + "\n")

    added = add_tags(text, ("new",))

    assert added == text or others(added) == others(text)
    assert added == text or "new" in str(read(added))
    assert len(added) == len(text) or added.endswith(note("")[4:])


def others(text: str) -> str:
    return repr({k: v for k, v in read(text).items() if k.lower() != "tags"})
