"""Tags that Obsidian accepts, and which spellings are one tag."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.tags import (
    is_valid,
    tag,
    tag_key,
    tags_in,
    unique,
    without_tags,
)

OBSIDIAN = re.compile(
    r"[^\u2000-\u206F\u2E00-\u2E7F'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\s]+"
)
"""The grammar of a tag. Source: Obsidian's app.js, as quoted in obsidian-help #816."""

BITS = [
    *(
        "#",
        "/",
        "-",
        "_",
        " ",
        "，",
        "a",
        "B",
        "1",
        "中文",
        "C++",
        "。",
        "😀",
        "々",
        "²",
    ),
    *("\u200d", "\u3000", "\ufeff", "[[x]]", "%%", ":", "٣", "\n"),
]
texts = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(BITS), max_size=10).map("".join)
)


# ---- one tag ----


@given(texts)
def test_a_tag_is_one_that_obsidian_reads(text: str) -> None:
    name = tag(text)

    assert name == "" or OBSIDIAN.fullmatch(name)
    assert not re.fullmatch(r"[\d/]+", name)
    assert not re.search(r"^[-_/]|[-_/]$|//|--", name)


@given(texts)
def test_the_tag_of_a_tag_is_itself(text: str) -> None:
    assert tag(tag(text)) == tag(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("career", "career"),
        ("#career", "career"),
        ("machine learning", "machine-learning"),
        ("人工智能/PyTorch", "人工智能/PyTorch"),
        ("成功，他说。", "成功-他说"),
        ("C++", "C"),
        ("node.js", "node-js"),
        ("佐々木", "佐々木"),
        ("二〇二四", "二〇二四"),
        ("2024", "y2024"),
        ("2024/05", "y2024/05"),
        ("a//b/", "a/b"),
        ("Cafe\u0301", "Café"),
        ("-- x --", "x"),
        ("[[x]]", "x"),
        ("#", ""),
        ("。", ""),
        ("\ufeff", ""),
        ("长" * 100, "长" * 60),
    ],
)
def test_what_obsidian_does_not_read_is_left_out(text: str, name: str) -> None:
    assert tag(text) == name


# ---- the tags of a line ----


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("#career how?", ("career",)),
        ("a #b c #d/e", ("b", "d/e")),
        ("#a#b", ("a", "b")),
        ("#话题# 看", ("话题",)),
        ("#职业，他是怎么成功的", ("职业",)),
        ("#a, #b; #c.", ("a", "b", "c")),
        ("#c++ #d", ("c", "d")),
        ("#A #a", ("A",)),
        ("#1 #1a", ("1a",)),
        ("C#x a#b", ()),
        ("# heading", ()),
        ("#", ()),
        ("#-", ()),
        ("", ()),
    ],
)
def test_tags_are_found_as_obsidian_shows_them(
    line: str, tags: tuple[str, ...]
) -> None:
    assert tags_in(line) == tags


@given(texts)
def test_tags_of_a_line_are_valid_and_gone_without_them(line: str) -> None:
    assert all(tag(name) == name for name in tags_in(line))
    assert tags_in(without_tags(line)) == ()


def test_a_line_without_its_tags_keeps_its_words() -> None:
    assert without_tags("a #b c #1 #职业，他").split() == ["a", "c", "#1", "，他"]


# ---- the tags of a note ----


def test_case_does_not_tell_tags_apart() -> None:
    assert unique(["A", "b", "a", "", "B", "ß", "SS"]) == ("A", "b", "ß")


# ---- which spellings are one tag ----


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI", "ai"),
        ("machine-learning", "Machine_Learning"),
        ("machine learning", "MachineLearning"),
        ("#career", "career"),
        ("ＡＩ／ＭＬ", "ai-ml"),
        ("人工智能/PyTorch", "人工智能/pytorch"),
        ("深度-学习", "深度学习"),
        ("大模型LLMs", "大模型LLM"),
        ("note", "notes"),
        ("APIs", "api"),
        ("GPUs", "gpu"),
        ("city", "cities"),
        ("spy", "spies"),
        ("movie", "movies"),
        ("box", "boxes"),
        ("class", "classes"),
        ("cache", "caches"),
        ("potato", "potatoes"),
        ("language-models", "language-model"),
        ("tools/Editors", "tool/editor"),
        ("Straße", "STRASSE"),
        ("a//b", "a/b"),
        ("1_2", "1-2"),
    ],
)
def test_spellings_of_one_tag_have_one_key(one: str, other: str) -> None:
    assert tag_key(one) == tag_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("news", "new"),
        ("pandas", "panda"),
        ("canvas", "canva"),
        ("windows", "window"),
        ("goods", "good"),
        ("as", "a"),
        ("ios", "io"),
        ("less", "les"),
        ("status", "statu"),
        ("redis", "redi"),
        ("plan", "plane"),
        ("pie", "py"),
        ("week-1-2", "week-12"),
        ("a/b", "ab"),
        ("人工智能", "智能"),
        ("学习", "學習"),
    ],
)
def test_other_tags_have_other_keys(one: str, other: str) -> None:
    assert tag_key(one) != tag_key(other)


@given(texts)
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert tag_key(tag_key(text)) == tag_key(text)


@given(texts)
def test_making_a_tag_valid_does_not_change_its_key(text: str) -> None:
    assert tag_key(tag(text)).removeprefix("y") == tag_key(text).removeprefix("y")


@given(texts)
def test_only_what_obsidian_reads_is_valid(text: str) -> None:
    is_tag = bool(OBSIDIAN.fullmatch(text) and not re.fullmatch(r"[\d/]+", text))

    assert is_valid(text) is is_tag
