"""Faults that were found by trying the program hard, each told by what a user saw."""

import shutil
import signal
import time
from pathlib import Path

import pytest

import bilibili_site
from llm_server import LlmServer
from loopnet import Site, environment
from program import Program, until
from test_bad_input import TALK, page, play
from vaultscribe.core.properties import read

SOON = "[jobs]\nsettle_s = 0\nretry_s = [1, 1, 1]\nllm_retry_s = [1]\n"


@pytest.fixture
def site() -> object:
    with Site() as made:
        play(made)
        yield made


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    return Program(tmp_path, SOON, environment(site))


def test_run_tries_a_link_that_is_due_again(program: Program, site: Site) -> None:
    site.on(TALK, (503, {}, "busy"))
    program.drop(TALK)
    first = program.run("run")
    play(site)
    time.sleep(1.2)

    second = program.run("run")

    assert (first.returncode, second.returncode) == (1, 0)
    assert "→ [[" in program.lines()[0]


def test_unticking_a_line_with_two_links_does_both_again(
    program: Program, site: Site
) -> None:
    other = "https://talks.example/other"
    site.on(other, page("Another talk"))
    program.drop(f"- [ ] {TALK} {other}")
    program.run("run")
    ticked = program.lines()
    program.inbox.write_text(ticked[0].replace("[x]", "[ ]") + "\n", "utf-8")
    before = site.paths()

    program.run("run")

    again = site.paths()[len(before) :]
    assert program.lines() == ticked
    assert again.count("talks.example/cap.vtt") == 2


def test_unticking_makes_a_deleted_note_anew(program: Program) -> None:
    program.drop(f"- [ ] {TALK}")
    program.run("run")
    [note] = program.notes()
    note.unlink()
    ticked = program.lines()
    program.inbox.write_text(ticked[0].replace("[x]", "[ ]") + "\n", "utf-8")

    program.run("run")

    assert program.lines() == ticked
    assert program.notes() == [note]


def test_a_redo_that_failed_is_still_a_redo_when_it_is_tried_again(
    program: Program, site: Site
) -> None:
    program.drop(f"- [ ] {TALK}")
    program.run("run")
    ticked = program.lines()
    site.on(TALK, (404, {}, "gone"))
    program.inbox.write_text(ticked[0].replace("[x]", "[ ]") + "\n", "utf-8")
    program.run("run")
    failed = program.lines()
    play(site)
    program.inbox.write_text(f"- [ ] {TALK}\n", "utf-8")
    before = site.paths()

    program.run("run")

    assert "→ ❌" in failed[0]
    assert program.lines() == ticked
    assert "talks.example/cap.vtt" in site.paths()[len(before) :]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: partial", "mood: a: b\nstatus: partial"),
        ("status: partial", "status: partial\nstatus: mine"),
        ("---\ntitle", "\ufeff---\ntitle"),
        ("timestamp: ", "timestamp: #"),
    ],
    ids=["broken", "twice", "bom", "no timestamp"],
)
def test_a_note_whose_properties_were_broken_is_not_made_twice(
    program: Program, old: str, new: str
) -> None:
    program.drop(f"- [ ] {TALK}")
    program.run("run")
    [note] = program.notes()
    broken = note.read_text("utf-8").replace(old, new, 1)
    note.write_text(broken, "utf-8")
    program.drop(f"- [ ] {TALK}?utm_source=1")

    program.run("run")

    assert program.notes() == [note]
    assert note.read_text("utf-8") == broken
    assert program.lines()[1].endswith(f"→ [[{note.stem}]]")


def test_a_lost_work_folder_is_no_bug_and_the_link_is_done(
    tmp_path: Path, site: Site
) -> None:
    times = [f"00:{n // 60:02}:{n % 60:02}" for n in range(600)]
    cue = "{0}.000 --> {0}.900\nThis is followed by a good many other words.\n"
    long = "\n".join(["WEBVTT\n", *(cue.format(time) for time in times)])
    site.on("https://talks.example/cap.vtt", long)
    with LlmServer("silent", "right") as llm:
        server = f'[llm]\nbase_url = "{llm.base_url}"\nmodel = "loopback"\n'
        program = Program(tmp_path, server + SOON, environment(site))
        program.drop(TALK)
        with program.running("watch") as process:
            until(lambda: llm.questions)
            process.send_signal(signal.SIGKILL)
        shutil.rmtree(program.state / "work")

        lost = program.run("run")
        program.run("run")

    assert "bug" not in lost.stdout
    assert "→ [[" in program.lines()[0]


def test_a_follower_is_done_in_status_when_its_line_is_ticked(
    program: Program,
) -> None:
    program.drop(TALK, f"{TALK}?utm_source=1")
    program.run("run")

    told = program.run("status").stdout

    assert "following" not in told
    assert told.count("done ") == 2


def test_the_options_of_one_line_do_not_fail_another(tmp_path: Path) -> None:
    with Site() as site:
        bilibili_site.play(site, [(0.0, 9.0, "说了一句话。"), (9.0, 20.0, "又一句。")])
        program = Program(tmp_path, SOON, environment(site))
        program.drop(
            f"- [ ] {bilibili_site.URL} captions:no",
            f"- [ ] {bilibili_site.SHORT_URL}",
        )

        program.run("run")

    lines = program.lines()
    assert "→ ❌ no captions" in lines[0]
    assert "→ [[" in lines[1]


def test_tags_dropped_while_the_job_runs_reach_the_note(
    tmp_path: Path, site: Site
) -> None:
    with LlmServer("slow", "right") as llm:
        server = f'[llm]\nbase_url = "{llm.base_url}"\nmodel = "loopback"\n'
        settings = server + "timeout_s = 2\n" + SOON
        program = Program(tmp_path, settings, environment(site))
        program.drop(f"- [ ] {TALK} #one")
        with program.running("watch"):
            until(lambda: llm.questions)
            program.drop(f"- [ ] {TALK} #two")
            until(lambda: program.inbox.read_text("utf-8").count("→ [[") == 2)
            [note] = program.notes()
            until(lambda: "two" in read(note.read_text("utf-8"))["tags"])

    assert read(note.read_text("utf-8"))["tags"][0] == "one"


def test_a_server_that_says_tomorrow_costs_the_summary_today(
    tmp_path: Path, site: Site
) -> None:
    with LlmServer("busy") as llm:
        server = f'[llm]\nbase_url = "{llm.base_url}"\nmodel = "loopback"\n'
        program = Program(tmp_path, server + SOON, environment(site))
        program.drop(TALK)

        finished = program.run("run")

    [note] = program.notes()
    assert finished.returncode == 0
    assert read(note.read_text("utf-8"))["status"] == "partial"


def test_an_inbox_that_is_too_large_is_told_once(program: Program, site: Site) -> None:
    program.inbox.write_text(f"- [ ] {TALK}\n" + "x" * 9_000_000, "utf-8")

    finished = program.run("run")

    assert finished.returncode == 1
    assert finished.stdout.count("too large") == 1
    assert site.paths() == []
