"""The index follows the files, whoever changes them and however."""

import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from threading import Timer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultscribe.adapters.vault import gather
from vaultscribe.adapters.vault import index as module
from vaultscribe.adapters.vault.gather import Found
from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.store import Row
from vaultscribe.core.errors import TransientError
from vaultscribe.core.related import Facts

OURS = "---\nid: youtube:a\ntimestamp: 2025-11-24T07:45:14\ntags:\n  - {}\n---\n"
LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "Inbox.md").touch()
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

    def read_all(_: str, found: list[object]) -> Iterator[object]:
        read.extend(found)
        yield from ()

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


def test_a_page_is_found_by_the_title_in_its_properties(
    vault: Path, index: Index
) -> None:
    write(vault, "People/yl.md", "---\ntitle: Yann LeCun\n---\n")

    index.refresh()

    assert index.page("yann lecun") == "yl"


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


@pytest.mark.skipif(sys.platform != "linux", reason="others refuse such names")
def test_names_that_are_no_text_are_left_aside_like_in_obsidian(
    vault: Path, index: Index
) -> None:
    write(vault, "a.md", "#one")
    here = os.fsencode(vault)
    Path(os.fsdecode(here + b"/b\xff.md")).write_text("#stray")
    Path(os.fsdecode(here + b"/c\xff")).mkdir()
    Path(os.fsdecode(here + b"/c\xff/d.md")).write_text("#stray")
    index.touch(Path(os.fsdecode(here + b"/b\xff.md")))

    index.refresh()
    index.refresh()

    assert index.tags() == {"one": 1}


@pytest.mark.parametrize("year", [1900, 1970, 2200, 2300, 2440])
def test_a_clock_that_was_wrong_does_not_matter(
    vault: Path, index: Index, year: int
) -> None:
    moment = (year - 1970) * 31_556_952
    file = write(vault, "f/a.md", "#one")
    os.utime(file, (moment, moment))
    os.utime(file.parent, (moment, moment))
    index.refresh()
    write(vault, "f/b.md", "#one")

    index.refresh()

    assert index.tags() == {"one": 2}


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_what_only_looks_like_a_note_stops_nothing(vault: Path, index: Index) -> None:
    write(vault, "a.md", "#one")
    write(vault, "folder.md/b.md", "#two")
    os.mkfifo(vault / "c.md")
    (vault / "d.md").symlink_to("d.md")
    (vault / "e.md").symlink_to("nowhere.md")
    (vault / "f").symlink_to(".")

    index.refresh()
    before = dict(index.tags())
    index.refresh()

    assert before == index.tags() == {"one": 1, "two": 1}


@pytest.mark.usefixtures("seldom")
@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_a_pipe_of_which_the_system_tells_is_not_waited_for(
    vault: Path, index: Index
) -> None:
    index.refresh()
    os.mkfifo(vault / "a.md")
    (vault / "b.md").symlink_to("b.md")
    index.touch(vault / "a.md")
    index.touch(vault / "b.md")

    index.refresh()

    assert index.store.at("a.md") is None


@pytest.mark.usefixtures("seldom")
def test_dot_files_are_no_notes_though_the_system_tells_of_them(
    vault: Path, index: Index
) -> None:
    index.refresh()
    index.touch(write(vault, "._a.md", "#hidden"))

    index.refresh()

    assert index.tags() == {}


def test_a_new_text_is_seen_though_size_and_time_are_the_old_ones(
    vault: Path, index: Index
) -> None:
    file = write(vault, "a.md", "#one")
    os.utime(file, LONG_AGO)
    index.refresh()
    file.write_text("#two", encoding="utf-8")
    os.utime(file, LONG_AGO)

    index.refresh()

    assert index.tags() == {"two": 1}


def test_a_tag_is_spelled_as_it_is_spelled_now(vault: Path, index: Index) -> None:
    write(vault, "a.md", "#pytorch")
    write(vault, "b.md", "#rust")
    write(vault, "c.md", "#Rust")
    index.refresh()
    write(vault, "a.md", "#PyTorch")
    (vault / "b.md").unlink()

    index.refresh()

    assert index.tags() == {"PyTorch": 1, "Rust": 1}


def test_a_look_that_failed_leaves_no_trace(
    vault: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vault, "a.md", "#one")
    whole = index.store.write

    def half(rows: Sequence[Row]) -> None:
        whole(rows)
        raise sqlite3.OperationalError("full")

    with monkeypatch.context() as full:  # the disk
        full.setattr(index.store, "write", half)
        with pytest.raises(TransientError):
            index.refresh()
    index.refresh()
    index.close()

    again = Index(vault, vault.parent / "state" / "index.sqlite")

    assert again.tags() == {"one": 1}
    again.close()


def test_a_vault_that_is_not_there_loses_nothing(vault: Path, index: Index) -> None:
    write(vault, "a.md", OURS.format("x"))
    index.refresh()
    away = vault.rename(vault.parent / "unmounted")

    with pytest.raises(TransientError, match="the vault vault cannot be read"):
        index.look_at_all()
    with pytest.raises(TransientError, match="the vault vault cannot be read"):
        index.of("youtube:a")

    away.rename(vault)
    assert index.of("youtube:a")


def test_an_empty_folder_is_taken_for_a_disk_that_is_not_mounted(
    vault: Path, index: Index
) -> None:
    write(vault, "a.md", OURS.format("x"))
    index.refresh()
    away = vault.rename(vault.parent / "unmounted")
    vault.mkdir()

    with pytest.raises(TransientError, match="is its disk mounted"):
        index.look_at_all()

    vault.rmdir()
    away.rename(vault)
    assert index.of("youtube:a")


@pytest.mark.usefixtures("seldom")
def test_a_vault_that_vanishes_during_a_look_loses_nothing(
    vault: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vault, "f/a.md", OURS.format("x"))
    index.refresh()
    look_at = index._look_at
    (vault / "b.md").touch()

    def unmount(folder: str, found: dict[Found, bool]) -> list[str]:
        vault.rename(vault.parent / "unmounted")
        return look_at(folder, found)

    # There is no other way to be in the middle of a look.
    monkeypatch.setattr(index, "_look_at", unmount)
    with pytest.raises(TransientError):
        index.look_at_all()

    assert index.store.of("youtube:a")


def test_a_note_that_cannot_be_read_now_is_still_known(
    vault: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vault, "a.md", OURS.format("x"))
    index.refresh()
    write(vault, "a.md", OURS.format("longer"))

    def refused(*_: object) -> bytes:
        raise PermissionError

    with monkeypatch.context() as locked:  # root may read everything
        locked.setattr(gather, "_head", refused)
        index.refresh()
        kept = index.of("youtube:a")

    assert kept
    assert kept.tags == ("x",)
    assert index.at("a.md") != kept


def make_many(vault: Path, count: int) -> None:
    for number in range(count):
        write(vault, f"{number}.md", OURS.format(f"tag-{number}-{'x' * 50}"))


def damaged(file: Path, how: str) -> None:
    """Damage a cache as a power cut, an old program or a bad disk would."""
    scripts = {
        "no table": "drop table folders",
        "no text": "update notes set entry='{'",
        "no spelling": "delete from spellings",
        "another shape": "drop table notes; create table notes(x)",
    }
    with closing(sqlite3.connect(file)) as db:
        db.executescript(scripts.get(how, "vacuum"))
    if how == "bad pages":
        data = bytearray(file.read_bytes())
        data[2 * 4096 :] = b"\xff" * (len(data) - 2 * 4096)
        file.write_bytes(data)


@pytest.mark.parametrize(
    "how",
    ["no table", "no text", "no spelling", "another shape", "bad pages"],
)
def test_whatever_is_wrong_with_the_cache_costs_only_time(
    vault: Path, how: str
) -> None:
    file = vault.parent / "index.sqlite"
    make_many(vault, 200)
    with closing(Index(vault, file)) as index:
        index.refresh()
    damaged(file, how)
    write(vault, "7.md", "#changed")
    (vault / "8.md").unlink()

    index = Index(vault, file)
    index.refresh()

    fresh = Index(vault)
    fresh.refresh()
    assert index.tags() == fresh.tags()
    assert index.total() == fresh.total()
    index.close()
    fresh.close()


def test_a_cache_that_another_program_holds_is_waited_for(
    vault: Path, index: Index
) -> None:
    index.refresh()
    write(vault, "a.md", "#one")
    other = sqlite3.connect(
        vault.parent / "state" / "index.sqlite", check_same_thread=False
    )
    other.execute("begin exclusive")
    timer = Timer(0.3, other.close)
    timer.start()

    index.refresh()

    assert index.tags() == {"one": 1}
    timer.join()


def test_a_vault_is_read_though_the_processes_that_help_die(
    vault: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_many(vault, 600)
    context = get_context("spawn")

    def dying(count: int) -> Executor:
        return ProcessPoolExecutor(count, context, initializer=os._exit, initargs=(1,))

    monkeypatch.setattr(gather, "_processes", dying)
    monkeypatch.setattr(gather, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    index.refresh()

    assert (index.total(), len(index.tags())) == (601, 600)


def test_a_long_reading_is_told_and_given_up_when_it_is_to_stop(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_many(vault, 600)
    monkeypatch.setattr(module, "MANY_TO_READ", 1)
    told: list[int] = []

    def leave(count: int) -> None:
        told.append(count)
        stopped.leave()

    stopped = Index(vault, reading=leave)

    with pytest.raises(TransientError, match="stopped"):
        stopped.refresh()

    assert told == [601]
    assert stopped.store.count() == 0
    stopped.close()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.md", "b.md", "f/a.md", "f/g/c.md"]),
            st.sampled_from(["#one", "#two #one", "", "gone", "---\ntags: [x]\n---\n"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None)  # it waits for the disk
def test_step_by_step_it_knows_what_one_look_at_all_would_find(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    vault = tmp_path_factory.mktemp("steps")
    (vault / ".obsidian").mkdir()
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


@pytest.mark.skipif(sys.platform != "linux", reason="others know no such names")
@pytest.mark.parametrize("name", [b"caf\xe9.md", b"caf\xe9/b.md"])
def test_a_name_that_is_no_text_stops_nobody(
    vault: Path, index: Index, name: bytes
) -> None:
    write(vault, "a.md", "#career")
    index.touch(write(vault, os.fsdecode(name), "#cooking"))

    index.refresh()

    assert dict(index.tags()) == {"career": 1}
