"""A user's templates, as the program that runs for weeks treats them."""

import json
from pathlib import Path

import pytest

from program import Program, until
from vaultscribe.demo.site import Site

GOOD = "Mine: {{ media.title | inline }}\n"
BROKEN = "Mine:\n{{ media.titel }}\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    config = program.config.read_text(encoding="utf-8")
    program.config.write_text(
        config.replace("[vault]\n", '[vault]\ntemplates = "own"\n'), encoding="utf-8"
    )
    (tmp_path / "own").mkdir()
    return program


def copy(program: Program, text: str, name: str = "note.md.j2") -> None:
    (program.folder / "own" / name).write_text(text, encoding="utf-8")


def notes(program: Program) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in program.notes())


def test_a_link_becomes_a_note_though_the_copy_is_broken(program: Program) -> None:
    copy(program, BROKEN)
    with Site() as site:
        program.drop(site.english_talk, site.chinese_talk)

        finished = program.run("run")

    assert finished.returncode == 0
    assert finished.stderr.count("note.md.j2 line 2: 'Media object' has no") == 1
    assert [line.count("→ [[") for line in program.lines()] == [1, 1]
    assert "## My notes" in notes(program)


def test_watch_goes_on_with_the_copy_that_last_worked(program: Program) -> None:
    copy(program, GOOD)
    with Site() as site, program.running("watch"):
        program.drop(site.english_talk)
        until(lambda: "Mine: Why your own words" in notes(program))
        copy(program, BROKEN)

        program.drop(site.chinese_talk)
        until(lambda: "→ [[" in program.lines()[1])

    assert "Mine: 间隔重复" in notes(program)


def test_watch_takes_a_mended_copy_without_being_started_anew(program: Program) -> None:
    copy(program, BROKEN)
    with Site() as site, program.running("watch"):
        program.drop(site.english_talk)
        until(lambda: "## My notes" in notes(program))
        copy(program, GOOD)

        program.drop(site.chinese_talk)
        until(lambda: "→ [[" in program.lines()[1])

    assert "Mine: 间隔重复" in notes(program)


def test_doctor_tells_the_file_and_the_line(program: Program) -> None:
    copy(program, 'core = "x"\nview\n', "words.zh.toml")

    found = program.run("doctor", "--json")

    checks = {check["name"]: check for check in json.loads(found.stdout)}
    assert found.returncode == 1
    assert not checks["templates"]["ok"]
    assert "words.zh.toml line 2" in checks["templates"]["text"]
    assert "BAD templates" in program.run("doctor").stdout


def test_doctor_finds_a_fault_that_only_some_notes_would_show(program: Program) -> None:
    copy(program, "x{% if not media.duration_s %}\n{{ media.nothing }}{% endif %}\n")

    assert "BAD templates: " in program.run("doctor").stdout


@pytest.mark.parametrize(
    ("options", "shown"),
    [((), "Mine: Why your own words"), (("--language", "zh"), "Mine: 间隔重复")],
)
def test_render_shows_a_note_made_with_the_users_templates(
    program: Program, options: tuple[str, ...], shown: str
) -> None:
    copy(program, GOOD)

    told = program.run("render", "--check", *options)

    assert told.returncode == 0
    assert told.stdout.startswith("---\n")
    assert shown in told.stdout
    assert told.stderr == ""
    assert not (program.folder / "state").exists()


def test_render_tells_what_does_not_work(program: Program) -> None:
    copy(program, BROKEN)

    told = program.run("render", "--check")

    assert told.returncode == 1
    assert told.stdout == ""
    assert f"{program.folder / 'own'}: note.md.j2 line 2: " in told.stderr


def test_render_checks_a_folder_that_no_configuration_names(program: Program) -> None:
    copy(program, GOOD)
    program.config.unlink()

    named = program.run("render", "--check", str(program.folder / "own"))
    unnamed = program.run("render", "--check")

    assert (named.returncode, unnamed.returncode) == (0, 2)
    assert "Mine: " in named.stdout


def test_render_does_nothing_but_check(program: Program) -> None:
    told = program.run("render")

    assert told.returncode == 2
    assert "render --check" in told.stderr
