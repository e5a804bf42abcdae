"""What the user excluded in Obsidian is left aside; broken settings stop nothing."""

import json
from pathlib import Path

import pytest

from vaultscribe.adapters.vault.layout import Layout


def layout(vault: Path, settings: str) -> Layout:
    (vault / ".obsidian").mkdir()
    (vault / ".obsidian" / "app.json").write_text(settings, encoding="utf-8")
    return Layout(vault, "Videos", vault.parent / "recovery")


def test_excluded_folders_and_expressions_are_left_aside(tmp_path: Path) -> None:
    rules = ["Archive/", r"/^\d{4}-\d\d/", "/草稿$/", "/(?i)draft/", r"/\p{Han}x/"]

    aside = layout(tmp_path, json.dumps({"userIgnoreFilters": rules})).aside()

    paths = ["Archive/a.md", "2025-11.md", "a 草稿", "My Draft.md", "中x.md", "b.md"]
    assert [aside(path) for path in paths] == [True] * 5 + [False]


@pytest.mark.parametrize("rule", ["^(a+)+$", "(a|aa)+$", "((a{1000}){1000}){1000}"])
def test_an_expression_that_never_ends_does_not_stop_us(
    tmp_path: Path, rule: str
) -> None:
    rules = [f"/{rule}/", "/^b/"]

    aside = layout(tmp_path, json.dumps({"userIgnoreFilters": rules})).aside()

    assert not aside("a" * 2000 + "!.md")
    assert aside("b.md")


@pytest.mark.parametrize("rule", ["(", "(" * 5000, "(?=a)b", "a{9999999999}", "\ud800"])
def test_an_expression_that_cannot_be_read_leaves_the_others(
    tmp_path: Path, rule: str
) -> None:
    rules = [f"/{rule}/", "/^b/"]

    aside = layout(tmp_path, json.dumps({"userIgnoreFilters": rules})).aside()

    assert [aside("a.md"), aside("b.md")] == [False, True]


@pytest.mark.parametrize(
    "settings",
    [
        *("", "[]", "{", "[" * 100_000, "null"),
        *(f'{{"userIgnoreFilters": {value}}}' for value in ("null", "5", '"abc"')),
        '{"userIgnoreFilters": {"a": 1}}',
        '{"userIgnoreFilters": [null, 5, ""]}',
    ],
)
def test_settings_that_are_none_exclude_nothing(tmp_path: Path, settings: str) -> None:
    aside = layout(tmp_path, settings).aside()

    assert not aside("a.md")
    assert aside("Inbox.md")
