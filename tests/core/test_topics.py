"""Topic notes: which tags deserve one, and what stands in it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.properties import read
from vaultscribe.core.tags import tag, tags_in
from vaultscribe.core.topics import note_name, tally, topic, wanting

TEMPLATES = Path(__file__).parents[2] / "vault_templates"
LANGUAGES = ["en", "zh"]


def note(name: str, language: str = "en") -> str:
    template = TEMPLATES / f"topic.{language}.md.j2"
    return topic(name, template.read_text(encoding="utf-8"))


def base(text: str) -> Any:
    return yaml.safe_load(text.partition("```base\n")[2].partition("\n```\n")[0])


def test_a_note_counts_once_for_a_tag_and_for_those_above_it() -> None:
    notes = [("AI/pytorch", "ai"), ("ai/jax",), ("career", "Career"), ()]

    assert tally(notes) == {"AI": 2, "AI/pytorch": 1, "ai/jax": 1, "career": 1}


def test_what_is_no_tag_is_not_counted() -> None:
    assert tally(
        [('a") or true', "two words", "", "2024", "#x", "成功，他", "ok")]
    ) == {"ok": 1}


def test_tags_of_three_notes_without_a_topic_note_are_wanting_most_used_first() -> None:
    tags = {"a": 3, "b": 9, "c": 2, "AI/x": 5, "Career": 4}

    found = wanting(tags, {"career", "AI／x", "a note"})

    assert found == [("b", 9), ("a", 3)]


def test_a_nested_tags_note_has_one_name() -> None:
    assert note_name("人工智能/pytorch") == "人工智能／pytorch"


@pytest.mark.parametrize(
    ("language", "own"), [("en", "## My notes\n"), ("zh", "## 我的笔记\n")]
)
def test_a_topic_note_lists_its_notes_by_date_and_leaves_room(
    language: str, own: str
) -> None:
    text = note("人工智能/pytorch", language)

    assert read(text) == {"aliases": ["人工智能/pytorch", "pytorch"]}
    assert text.endswith(f"\n\n{own}")
    assert base(text)["filters"] == {"and": ['file.hasTag("人工智能/pytorch")']}
    [view] = base(text)["views"]
    assert view["sort"] == [{"property": "formula.date", "direction": "DESC"}]
    assert set(base(text)) == {"filters", "formulas", "properties", "views"}


def test_a_topic_note_does_not_carry_the_tag_and_so_does_not_list_itself() -> None:
    text = note("career")

    assert "tags" not in read(text)
    assert [line for line in text.splitlines() if tags_in(line)] == []


TAGS = st.text().map(tag).filter(bool)


@given(TAGS, st.sampled_from(LANGUAGES))
def test_every_tag_has_a_topic_note_that_is_whole(name: str, language: str) -> None:
    text = note(name, language)

    assert name in read(text)["aliases"]
    assert base(text)["filters"] == {"and": [f'file.hasTag("{name}")']}
    assert base(text)["views"][0]["name"] == name
    assert text.count("\n```") == 2
