"""Properties are written and read as Obsidian does, and what users wrote stays."""

import datetime as dt
import math
import re
from typing import Any

import frontmatter
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.neutralise import one_line
from vaultscribe.core.properties import MAX_BYTES, add_tags, read, write

NASTY = [
    *("yes", "no", "on", "off", "y", "n", "Y", "True", "false", "null", "~", "Null", ""),
    *("12:30:45", "3:37", "1:02:03", "1_000", "0o17", "017", "0x1f", "1e3", "12e5"),
    *("+1", "-1", ".5", "5.", ".inf", ".nan", "1984", "2025-11-24", "2025-11-24T07:45:14"),
    *("#a", "a #b", "@x", "`x`", "- x", "? x", "a: b", "a:", "标题：", "&x", "*x", "!x"),
    *("| x", "> x", "%x", "{a: b}", "[x]", "[[链接]]", "---", "...", "--- x", "-->", "="),
    *("<<", 'say "hi"', "it's", "a\\nb", "a\nb", "a\n---\nb", "a\n...\nb", "\t", "a\tb"),
    *(" before", "behind ", "😀👨\u200d👩\u200d👧", "😀 'and' \"that\"", "😀\n---\n", "a\u0085b"),
    *("a\u2028b", "\ufeff", "a\u00a0b", "\x00", "\x1b[0m", "\ufffe", "{{ x }}", "{% x %}"),
    *("https://a.b/c?x=1&y=2#z", "https://a.b/c", "bilibili:1_part1", "长" * 300, "e" * 300),
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
    assert not re.search(r"\\[uUx]", head[1])


@pytest.mark.parametrize("text", [text for text in NASTY if not read_as_text(text)] if False else NASTY)
def test_readers_of_yaml_1_1_agree(text: str) -> None:
    assert yaml.safe_load(write({"title": text}, "").split("---")[1])["title"] == text
