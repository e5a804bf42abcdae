"""The bases that ship: YAML that Obsidian documents, over properties that we write."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fakes import MEDIA, SUMMARY, TRANSCRIPT
from vaultscribe.core.bases import filled
from vaultscribe.core.model import Record
from vaultscribe.core.render import properties

TEMPLATES = Path(__file__).parents[2] / "vault_templates"
LANGUAGES = ["en", "zh"]

KEYS = {"filters", "formulas", "properties", "summaries", "views"}
VIEW_KEYS = {
    *("type", "name", "filters", "groupBy", "order", "limit", "summaries"),
    *("sort", "image", "imageFit", "imageAspectRatio", "cardSize", "columnSize"),
}
"""Source: Obsidian's help, "Bases syntax"; the second row as Obsidian saves them."""


def template(language: str) -> str:
    return (TEMPLATES / f"Videos.{language}.base").read_text(encoding="utf-8")


def base(language: str) -> Any:
    return yaml.safe_load(filled(template(language), "Videos"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_base_has_documented_keys_only(language: str) -> None:
    found = base(language)

    assert set(found) <= KEYS
    assert [set(view) - VIEW_KEYS for view in found["views"]] == [set()] * 4
    assert {view["type"] for view in found["views"]} == {"table", "cards"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_base_names_no_property_that_our_notes_lack(language: str) -> None:
    text = template(language)
    record = Record(MEDIA, "", "2026-01-02T03:04:05", TRANSCRIPT, SUMMARY, cover="a")
    known = {*properties(record), "cover"}

    named = set(re.findall(r"\bnote\.(\w+)", text)) | set(
        re.findall(r"- (\w+) == ", text)
    )

    assert len(named) > 8
    assert named - known == set()
    assert set(re.findall(r"\bfile\.(\w+)", text)) == {"name", "ext"}


def test_both_languages_show_the_same() -> None:
    english, chinese = base("en"), base("zh")

    assert [view["name"] for view in english.pop("views")] == [
        "All",
        "Covers",
        "By channel",
        "Partial",
    ]
    assert [view["name"] for view in chinese.pop("views")] == [
        "全部",
        "封面",
        "按频道",
        "不完整",
    ]
    assert list(english["properties"]) == list(chinese["properties"])
    assert english["filters"] == chinese["filters"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_show_covers_and_the_channels_make_groups(language: str) -> None:
    _, cards, channels, partial = base(language)["views"]

    assert cards["image"] == "note.cover"
    assert channels["groupBy"] == {"property": "note.channel", "direction": "ASC"}
    assert partial["filters"] == {"and": ['status == "partial"']}


@pytest.mark.parametrize(
    ("folder", "condition"),
    [
        ("Videos", 'file.inFolder("Videos")'),
        ("资料/视频", 'file.inFolder("资料/视频")'),
        ("It's: a #1", 'file.inFolder("It\'s: a #1")'),
        ('"quoted"', "file.inFolder('\"quoted\"')"),
        (".", 'file.inFolder("/")'),
    ],
)
def test_a_base_shows_the_folder_of_the_notes(folder: str, condition: str) -> None:
    found = yaml.safe_load(filled(template("en"), folder))

    assert found["filters"] == {"and": [condition, 'file.ext == "md"']}


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_no_name_of_a_folder_breaks_the_base(folder: str) -> None:
    found = yaml.safe_load(filled(template("en"), folder))

    assert len(found["views"]) == 4
    assert found["filters"]["and"][0].startswith("file.inFolder(")
