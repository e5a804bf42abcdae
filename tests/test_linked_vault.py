"""A vault that links itself, seen from outside: the real program on real files."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from program import Program
from vaultscribe.core.properties import read
from vaultscribe.demo.site import Site

HOUR_S = 3600.0
NOW = "[related]\ncatch_up = 'now'\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def done(program: Program, *lines: str) -> list[Path]:
    """Work lines of the inbox off; return the notes, the newest last."""
    before = set(program.notes())
    program.drop(*lines)
    run = program.run("run")
    assert run.returncode == 0, run.stdout + run.stderr
    return sorted(set(program.notes()) - before)


def long_ago(note: Path) -> None:
    """Make a note look as if it had been made, and left, some days ago."""
    text = note.read_text(encoding="utf-8")
    note.write_text(
        re.sub(r"timestamp: \S+", "timestamp: 2025-11-24T07:45:14", text), "utf-8"
    )
    then = time.time() - 48 * HOUR_S
    os.utime(note, (then, then))


def related(note: Path) -> list[str]:
    return list(read(note.read_text(encoding="utf-8")).get("related", []))


def test_what_the_user_wrote_stays_when_notes_are_rendered_anew(
    site: Site, tmp_path: Path
) -> None:
    program = Program(tmp_path)
    [note] = done(program, f"- [ ] {site.english_talk} #memory")
    text = note.read_text(encoding="utf-8")
    edited = text.replace("## My notes\n", "## My notes\n\nI doubt this.\n")
    edited = edited.replace("status: partial\n", "status: partial\nrating: 5 # mine\n")
    note.write_text(edited, encoding="utf-8")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "words.en.toml").write_text('excerpts = "What was said"\n', "utf-8")
    program.config.write_text(
        program.config.read_text("utf-8").replace(
            'path = "vault"\n', 'path = "vault"\ntemplates = "mine"\n'
        ),
        encoding="utf-8",
    )

    refreshed = program.run("refresh", "--all")

    after = note.read_text(encoding="utf-8")
    assert refreshed.stdout.startswith("renewed"), refreshed.stderr
    assert "\n## What was said\n" in after
    assert "\n## My notes\n\nI doubt this.\n" in after
    assert "\nrating: 5 # mine\n" in after
    assert after.replace("## What was said", "## Excerpts") == edited


def test_a_deleted_note_is_not_made_again_by_refreshing(
    site: Site, tmp_path: Path
) -> None:
    program = Program(tmp_path)
    [note] = done(program, f"- [ ] {site.english_talk}")
    identity = read(note.read_text("utf-8"))["id"]
    note.unlink()

    refreshed = program.run("refresh", "--all")
    named = program.run("refresh", identity)

    assert (refreshed.stdout, refreshed.returncode) == ("", 0)
    assert named.returncode == 2
    assert "no note is known as" in named.stderr
    assert program.notes() == []


def test_refreshing_names_what_it_does_not_know(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.drop("nothing here")

    nothing = program.run("refresh")
    wrong = program.run("refresh", "youtube:nothing")

    assert (nothing.returncode, wrong.returncode) == (2, 2)
    assert "--all" in nothing.stderr
    assert "youtube:nothing" in wrong.stderr


def test_an_older_note_learns_of_a_newer_one_and_keeps_the_users_words(
    site: Site, tmp_path: Path
) -> None:
    program = Program(tmp_path, NOW)
    [older] = done(program, f"- [ ] {site.english_talk} #memory")
    with older.open("a", encoding="utf-8") as file:
        file.write("\nmy last words\n")
    long_ago(older)

    [newer] = done(program, f"- [ ] {site.chinese_talk} #memory")

    assert related(newer) == [f"[[{older.stem}]]"]
    assert related(older) == [f"[[{newer.stem}]]"]
    assert older.read_text("utf-8").endswith("\nmy last words\n")


def test_a_note_of_the_last_hour_is_left_alone(site: Site, tmp_path: Path) -> None:
    program = Program(tmp_path, NOW)
    [older] = done(program, f"- [ ] {site.english_talk} #memory")
    before = older.read_bytes()

    done(program, f"- [ ] {site.chinese_talk} #memory")

    assert older.read_bytes() == before


def test_the_vocabulary_of_the_user_rules_the_tags(site: Site, tmp_path: Path) -> None:
    program = Program(tmp_path)
    (program.vault / "Tag vocabulary.md").write_text(
        "- 记忆 = memory\n- never: hype\n", encoding="utf-8"
    )

    [note] = done(program, f"- [ ] {site.english_talk} #Memory")

    assert read(note.read_text("utf-8"))["tags"] == ["记忆"]


def test_a_new_vocabulary_reaches_old_notes_by_refreshing(
    site: Site, tmp_path: Path
) -> None:
    program = Program(tmp_path)
    [note] = done(program, f"- [ ] {site.english_talk} #memory #hype")
    (program.vault / "Tag vocabulary.md").write_text(
        "- 记忆 = memory\n- never: hype\n", encoding="utf-8"
    )

    program.run("refresh", "--all")

    assert read(note.read_text("utf-8"))["tags"] == ["记忆"]


def test_refreshing_twice_changes_nothing_more(site: Site, tmp_path: Path) -> None:
    program = Program(tmp_path)
    done(program, f"- [ ] {site.english_talk} #memory")
    done(program, f"- [ ] {site.chinese_talk} #memory")
    (program.vault / "Tag vocabulary.md").write_text("- 记忆 = memory\n", "utf-8")
    first = program.run("refresh", "--all").stdout
    texts = [note.read_bytes() for note in program.notes()]

    second = program.run("refresh", "--all").stdout

    assert first.count("renewed") == 2
    assert second.count("as it was") == 2
    assert [note.read_bytes() for note in program.notes()] == texts


def test_a_wrong_line_of_the_vocabulary_is_told_by_the_doctor(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (program.vault / "Tag vocabulary.md").write_text(
        "# Tags\n- a = b\n- c = b\n", encoding="utf-8"
    )

    told = program.run("doctor").stdout

    assert re.search(r"(?m)^BAD vocabulary: Tag vocabulary\.md, line 3", told), told


def test_covers_are_small_local_and_named_in_the_note(
    site: Site, tmp_path: Path
) -> None:
    program = Program(tmp_path)

    [note] = done(program, f"- [ ] {site.english_talk}")

    [cover] = (program.vault / "Videos" / "covers").iterdir()
    assert read(note.read_text("utf-8"))["cover"] == f"[[{cover.name}]]"
    assert cover.stat().st_size < 60_000


def test_without_covers_none_is_fetched(site: Site, tmp_path: Path) -> None:
    program = Program(tmp_path)
    text = program.config.read_text("utf-8")
    program.config.write_text(
        text.replace('path = "vault"\n', 'path = "vault"\ncovers = "off"\n'), "utf-8"
    )

    [note] = done(program, f"- [ ] {site.english_talk}")

    assert "cover" not in read(note.read_text("utf-8"))
    assert not (program.vault / "Videos" / "covers").exists()


def test_the_daily_note_gets_a_line_on_request(site: Site, tmp_path: Path) -> None:
    program = Program(tmp_path)
    text = program.config.read_text("utf-8")
    program.config.write_text(
        text.replace('path = "vault"\n', 'path = "vault"\ndaily = true\n'), "utf-8"
    )
    today = program.vault / f"{time.strftime('%Y-%m-%d')}.md"
    today.write_text("# Today\n", encoding="utf-8")

    [note] = done(program, f"- [ ] {site.english_talk}")

    assert today.read_text("utf-8") == f"# Today\n- [[{note.stem}]]\n"
