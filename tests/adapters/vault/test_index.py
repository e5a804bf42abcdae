"""The index follows the files, whoever changes them and however."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultscribe.adapters.vault import index as module
from vaultscribe.adapters.vault.index import Index
from vaultscribe.core.related import Facts

OURS = "---\nid: youtube:a\ntimestamp: 2025-11-24T07:45:14\ntags:\n  - {}\n---\n"
LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    return folder


@pytest.fixture
def index(vault: Path) -> Iterator[Index]:
    made = Index(vault, vault.parent / "state" / "index.sqlite")
    yield made
    made.close()


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each look at all files seem so long that it is not taken again."""
    monkeypatch.setattr(module, "_ALWAYS_S", -1.0)
    monkeypatch.setattr(module, "_PART", 1e12)


def write(vault: Path, path: str, text: str) -> Path:
    file = vault / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def settled(folder: Path) -> None:
    """Make a folder old, so that its time of change is believed."""
    os.utime(folder, LONG_AGO)


def test_tags_of_properties_and_text_of_all_notes_are_counted(
    vault: Path, index: Index
) -> None:
    write(vault, "a.md", "---\ntags:\n  - career\n---\nthoughts on #人工智能\n")
    write(vault, "deep/er/b.md", "#career\n")

    index.refresh()

    assert index.tags() == {"career": 2, "人工智能": 1}


def test_a_note_is_found_by_its_id_after_it_was_moved(
    vault: Path, index: Index
) -> None:
    file = write(vault, "Videos/a.md", OURS.format("x"))
    index.refresh()
    (vault / "Archive").mkdir()
    file.rename(vault / "Archive" / "b.md")

    found = index.of("youtube:a")

    assert found
    assert found.path == "Archive/b.md"


@pytest.mark.usefixtures("seldom")
def test_a_moved_note_is_found_between_two_looks_at_all_files(
    vault: Path, index: Index
) -> None:
    file = write(vault, "Videos/a.md", OURS.format("x"))
    (vault / "Archive").mkdir()
    index.refresh()
    file.rename(vault / "Archive" / "b.md")

    index.refresh()

    assert [each.path for each in index.store.of("youtube:a")] == ["Archive/b.md"]


@pytest.mark.usefixtures("seldom")
def test_a_new_folder_is_found_between_two_looks(vault: Path, index: Index) -> None:
    write(vault, "a.md", "#one")
    index.refresh()
    write(vault, "new/deep/b.md", "#two")

    index.refresh()

    assert index.tags() == {"one": 1, "two": 1}


@pytest.mark.usefixtures("seldom")
def test_a_folder_that_went_away_takes_its_notes_with_it(
    vault: Path, index: Index
) -> None:
    write(vault, "a.md", "#one")
    write(vault, "old/deep/b.md", "#two")
    index.refresh()
    (vault / "old").rename(vault.parent / "elsewhere")

    index.refresh()

    assert index.tags() == {"one": 1}


@pytest.mark.usefixtures("seldom")
def test_an_edit_that_no_folder_tells_is_seen_when_the_system_tells(
    vault: Path, index: Index
) -> None:
    file = write(vault, "a.md", "#one")
    settled(vault)
    index.refresh()
    file.write_text("#other", encoding="utf-8")
    index.refresh()
    before = dict(index.tags())

    index.touch(file)
    index.refresh()

    assert before == {"one": 1}
    assert index.tags() == {"other": 1}


def test_a_deleted_note_is_forgotten(vault: Path, index: Index) -> None:
    file = write(vault, "a.md", OURS.format("x"))
    index.refresh()
    file.unlink()

    assert index.of("youtube:a") is None


def test_hidden_folders_are_not_looked_into(vault: Path, index: Index) -> None:
    write(vault, ".trash/a.md", "#thrown-away")
    write(vault, ".obsidian/b.md", "#hidden")

    index.refresh()

    assert index.tags() == {}


def test_what_was_read_once_is_not_read_again(
    vault: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vault, "a.md", "#one")
    index.refresh()
    index.close()
    read: list[object] = []

    def read_all(_: str, found: list[object]) -> list[object]:
        read.extend(found)
        return []

    monkeypatch.setattr(module, "read_all", read_all)

    again = Index(vault, vault.parent / "state" / "index.sqlite")
    again.refresh()

    assert again.tags() == {"one": 1}
    assert read == []
    again.close()


def test_a_damaged_cache_is_made_anew(vault: Path) -> None:
    write(vault, "a.md", "#one")
    file = vault.parent / "index.sqlite"
    file.write_bytes(b"this is no database" * 1000)

    index = Index(vault, file)
    index.refresh()

    assert index.tags() == {"one": 1}
    index.close()


def test_a_cache_of_another_version_is_made_anew(vault: Path) -> None:
    write(vault, "a.md", "#one")
    file = vault.parent / "index.sqlite"
    with sqlite3.connect(file) as old:
        old.execute("create table notes(old text)")
        old.execute("pragma user_version=999")
    old.close()

    index = Index(vault, file)
    index.refresh()

    assert index.tags() == {"one": 1}
    index.close()


def test_a_note_with_broken_properties_keeps_its_id(vault: Path, index: Index) -> None:
    broken = OURS.format("x").replace("tags:", "title: a: b\ntags:")
    write(vault, "a.md", broken)

    index.refresh()

    found = index.of("youtube:a")
    assert found
    assert found.timestamp == "2025-11-24T07:45:14"


def test_a_page_is_found_by_name_and_by_alias_whatever_its_case(
    vault: Path, index: Index
) -> None:
    write(vault, "People/杨立昆.md", "---\naliases:\n  - Yann LeCun\n---\n")

    index.refresh()

    assert index.page("yann lecun") == "杨立昆"
    assert index.page("杨立昆") == "杨立昆"
    assert index.page("Yann") == ""


def test_a_name_that_two_notes_have_is_told_with_its_folder(
    vault: Path, index: Index
) -> None:
    write(vault, "a/Same.md", "#one")
    write(vault, "b/same.md", "#two")

    index.refresh()

    one = index.store.at("a/Same.md")
    assert one
    assert index.target(one) == "a/Same"
    assert index.page("same") == ""  # nobody can tell which is meant


def test_a_film_is_no_page_of_a_person(vault: Path, index: Index) -> None:
    write(vault, "Ada.md", OURS.format("x"))

    index.refresh()

    assert index.page("Ada") == ""


def test_who_is_named_by_links_and_by_properties_is_one(
    vault: Path, index: Index
) -> None:
    write(vault, "a.md", "I met [[People/Ada|the countess]]\n")
    write(vault, "b.md", '---\npeople:\n  - "[[Ada]]"\n---\n')
    write(vault, "c.md", "---\npeople:\n  - ada\n---\n")

    index.refresh()

    assert index.uses(Facts(named=("Ada",))) == {"n:ada": 3}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.md", "b.md", "f/a.md", "f/g/c.md"]),
            st.sampled_from(["#one", "#two #one", "", "gone", "---\ntags: [x]\n---\n"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=40)
def test_step_by_step_it_knows_what_one_look_at_all_would_find(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    vault = tmp_path_factory.mktemp("steps")
    following = Index(vault)
    following.refresh()
    for path, text in steps:
        change(vault, path, text)
        following.touch(vault / path)
        following.refresh()
    fresh = Index(vault)

    fresh.refresh()

    assert following.tags() == fresh.tags()
    assert following.total() == fresh.total()
    assert sum(following.tags().values()) == sum(following.store.tags().values())
    following.close()
    fresh.close()


def change(vault: Path, path: str, text: str) -> None:
    (vault / path).unlink(missing_ok=True)
    if text != "gone":
        write(vault, path, text)
