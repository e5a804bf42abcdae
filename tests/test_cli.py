"""The commands as a user types them, on a vault of their own."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from llm_server import LlmServer
from program import Program, heard, until
from vaultscribe.core.properties import read
from vaultscribe.demo.site import Site


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_run_makes_a_note_and_ticks_its_line(program: Program) -> None:
    with Site() as site:
        program.drop(f"- [ ] {site.english_talk} #writing")

        finished = program.run("run")

    [note] = program.notes()
    properties = read(note.read_text(encoding="utf-8"))
    assert finished.returncode == 0
    assert program.lines() == [f"- [x] {site.english_talk} #writing → [[{note.stem}]]"]
    assert properties["title"] == "Why your own words stay with you"
    assert properties["status"] == "partial"
    assert properties["tags"] == ["writing"]


def test_run_a_second_time_changes_nothing(program: Program) -> None:
    with Site() as site:
        program.drop(site.english_talk)
        program.run("run")
        before = {file: file.stat().st_mtime_ns for file in program.vault.rglob("*.md")}

        finished = program.run("run")

    after = {file: file.stat().st_mtime_ns for file in program.vault.rglob("*.md")}
    assert finished.returncode == 0
    assert after == before


def test_a_failed_link_gives_exit_code_1_and_the_others_go_on(
    program: Program,
) -> None:
    with Site() as site:
        program.drop(site.dead_link, site.english_talk)

        finished = program.run("run")

    assert finished.returncode == 1
    assert "→ ❌ " in program.lines()[0]
    assert "→ [[" in program.lines()[1]


def test_removing_the_arrow_of_a_failure_tries_again(program: Program) -> None:
    with Site() as site:
        program.drop(site.dead_link)
        program.run("run")
        untouched = len(site.visits)
        program.run("run")
        ignored = len(site.visits) == untouched
        program.inbox.write_text(f"- [ ] {site.dead_link}\n", encoding="utf-8")

        finished = program.run("run")

    assert ignored
    assert len(site.visits) > untouched
    assert finished.returncode == 1


def test_unticking_a_line_does_it_again(program: Program) -> None:
    with Site() as site:
        program.drop(f"- [ ] {site.english_talk}")
        program.run("run")
        ticked = program.lines()
        program.inbox.write_text(
            ticked[0].replace("[x]", "[ ]") + "\n", encoding="utf-8"
        )
        visits = len(site.visits)

        finished = program.run("run")

    assert finished.returncode == 0
    assert program.lines() == ticked
    assert len(site.visits) > visits
    assert len(program.notes()) == 1


def test_a_stale_editor_that_brings_a_line_back_costs_no_second_reading(
    program: Program,
) -> None:
    with Site() as site:
        program.drop(f"- [ ] {site.english_talk}")
        program.run("run")
        ticked = program.lines()
        program.inbox.write_text(f"- [ ] {site.english_talk}\n", encoding="utf-8")
        pages = site.visits.count("/talks/note-taking")

        program.run("run")

    assert program.lines() == ticked
    assert site.visits.count("/talks/note-taking") == pages


def test_deleting_the_state_loses_nothing_and_doubles_nothing(
    program: Program,
) -> None:
    import shutil

    with Site() as site:
        program.drop(f"- [ ] {site.english_talk}")
        program.run("run")
        done = program.lines()
        shutil.rmtree(program.folder / "state")
        program.drop(f"- [ ] {site.english_talk} #more")

        finished = program.run("run")

    [note] = program.notes()
    assert finished.returncode == 0
    assert program.lines()[0] == done[0]
    assert program.lines()[1].endswith(f"→ [[{note.stem}]]")
    assert read(note.read_text(encoding="utf-8"))["tags"] == ["more"]


def test_a_site_that_is_down_is_put_off_and_run_does_not_wait(
    program: Program,
) -> None:
    program.drop("- [ ] http://127.0.0.1:9/talk")

    finished = program.run("run")

    assert finished.returncode == 1
    assert "put off" in finished.stdout
    assert program.lines() == ["- [ ] http://127.0.0.1:9/talk → ⏳"]


def test_watch_follows_the_inbox_until_it_is_stopped(program: Program) -> None:
    with Site() as site, program.running("watch") as process:
        assert process.stdout
        process.stdout.readline()

        program.drop(site.english_talk)
        until(lambda: "→ [[" in program.inbox.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    assert code == 0
    assert len(program.notes()) == 1


def test_a_second_watch_on_the_same_vault_is_refused(program: Program) -> None:
    with program.running("watch") as process:
        assert process.stdout
        process.stdout.readline()

        second = program.run("run")

    assert second.returncode == 2
    assert "another vaultscribe is at work" in second.stderr


def test_watch_survives_an_inbox_that_goes_away_and_comes_back(
    program: Program,
) -> None:
    away = program.folder / "away"
    with Site() as site, program.running("watch") as process:
        assert process.stdout
        process.stdout.readline()
        program.vault.rename(away)
        said = heard(process, "is not there")

        away.rename(program.vault)
        program.drop(site.english_talk)
        until(lambda: "→ [[" in program.inbox.read_text(encoding="utf-8"))

    assert said
    assert len(program.notes()) == 1


def test_add_puts_links_into_the_inbox(program: Program) -> None:
    added = program.run("add", "https://b23.tv/0C9FMgg", "https://youtu.be/jNQXAC9IVRw")

    assert added.returncode == 0
    assert program.lines() == [
        "- [ ] https://b23.tv/0C9FMgg",
        "- [ ] https://youtu.be/jNQXAC9IVRw",
    ]


def test_add_refuses_what_is_no_link(program: Program) -> None:
    added = program.run("add", "b23")

    assert added.returncode == 2
    assert program.lines() == []


def test_init_writes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.config.unlink()
    program.inbox.write_text("mine\n", encoding="utf-8")

    made = program.run("init", str(program.vault))
    again = program.run("init", str(program.vault))

    assert (made.returncode, again.returncode) == (0, 0)
    assert program.lines() == ["mine"]
    assert (program.vault / "Videos.base").exists()
    assert f'path = "{program.vault}"' in program.config.read_text(encoding="utf-8")
    assert "wrote" not in again.stdout
    assert program.run("doctor").returncode == 0


def test_init_makes_no_vault(tmp_path: Path) -> None:
    program = Program(tmp_path)

    made = program.run("init", str(tmp_path / "nowhere"))

    assert made.returncode == 2
    assert not (tmp_path / "nowhere").exists()


def test_topics_lists_what_lacks_a_note_and_writes_it(program: Program) -> None:
    (program.vault / "a.md").write_text("---\ntags: [career]\n---\n")
    (program.vault / "b.md").write_text("---\ntags: [career]\n---\n")
    (program.vault / "c.md").write_text("---\ntags: [Career, one]\n---\n")

    listed = program.run("topics")
    made = program.run("topics", "career")
    wrong = program.run("topics", "carer")

    assert listed.stdout.split() == ["3", "#career"]
    assert 'file.hasTag("' in (program.vault / "Topics/career.md").read_text("utf-8")
    assert made.stdout.startswith("wrote ")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "vaultscribe: no note carries the tag #carer\n",
    )


def test_status_tells_what_failed_and_why(program: Program) -> None:
    with Site() as site:
        program.drop(site.dead_link)
        program.run("run")

    told = program.run("status", "--json")

    report = json.loads(told.stdout)
    assert report["watching"] is False
    assert report["open"] == 0
    assert [(job["address"], job["state"]) for job in report["jobs"]] == [
        (site.dead_link, "failed")
    ]
    assert "404" in report["jobs"][0]["message"]
    assert site.dead_link in program.run("status").stdout


def test_a_done_link_names_its_note_as_a_link_where_it_can_be_clicked(
    program: Program,
) -> None:
    with Site() as site:
        program.drop(site.english_talk)
        ran = program.shown("run")
    name = program.notes()[0].stem
    uri = f"obsidian://open?vault=vault&file={quote(name)}"
    link = f" → \x1b]8;;{uri}\x1b\\{name}\x1b]8;;\x1b\\"

    shown, plain = program.shown("status"), program.shown("status", terminal="dumb")
    piped, told = program.run("status"), program.run("status", "--json")

    [job] = json.loads(told.stdout)["jobs"]
    assert (job["note"], job["uri"]) == (name, uri)
    assert f"done: {site.english_talk}{link}" in ran
    assert f"{site.english_talk}{link}" in shown
    assert "obsidian:" not in plain + piped.stdout


def test_doctor_tells_what_is_missing_and_what_mends_it(program: Program) -> None:
    program.inbox.unlink()

    found = program.run("doctor", "--json")

    checks = {check["name"]: check for check in json.loads(found.stdout)}
    assert found.returncode == 1
    assert not checks["inbox"]["ok"]
    assert "vaultscribe init" in checks["inbox"]["text"]
    assert checks["vault"]["ok"]


def test_a_configuration_with_mistakes_stops_with_exit_code_2(
    program: Program,
) -> None:
    program.config.write_text(
        '[vault]\npaht = "x"\n[llm]\nmodle = "y"\n[jobs]\nat_once = 0\n',
        encoding="utf-8",
    )

    stopped = program.run("run")

    assert stopped.returncode == 2
    assert "vault.path" in stopped.stderr
    assert "llm.model" in stopped.stderr
    assert "jobs.at_once" in stopped.stderr
    assert "Traceback" not in stopped.stderr


@pytest.mark.parametrize("name", ["jobs.sqlite", "links.sqlite"])
def test_a_damaged_database_is_named_and_may_be_deleted(
    program: Program, name: str
) -> None:
    program.run("run")
    damaged = program.state / name
    damaged.write_bytes(b"not a database, and long enough to be read as one" * 99)
    damaged.with_name(f"{name}-wal").unlink(missing_ok=True)

    refused = program.run("run")
    damaged.unlink()
    mended = program.run("run")

    assert refused.returncode == 2
    assert f"{name} is damaged" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert mended.returncode == 0


def test_a_configuration_that_cannot_be_written_is_told(program: Program) -> None:
    blocked = program.folder / "file"
    blocked.touch()

    refused = program.run(
        "--config", str(blocked / "config.toml"), "init", str(program.vault)
    )

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_no_command_prints_the_help(program: Program) -> None:
    told = program.run()

    assert told.returncode == 2
    assert "watch" in told.stdout


def test_help_imports_no_heavy_library() -> None:
    heavy = [
        "dbos",
        "openai",
        "yt_dlp",
        "watchdog",
        "pydantic",
        "jinja2",
        "sqlalchemy",
        "markdown_it",
    ]
    code = (
        "import sys\n"
        "from vaultscribe import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )

    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines()[-1] == "[]"


def test_demo_answers_every_link_offline(tmp_path: Path) -> None:
    program = Program(tmp_path)

    shown = program.run("demo", str(tmp_path / "demo"))

    inbox = (tmp_path / "demo" / "Inbox.md").read_text(encoding="utf-8")
    notes = list((tmp_path / "demo" / "Videos").glob("*.md"))
    assert (tmp_path / "demo" / "Videos.base").exists()
    assert shown.returncode == 0, shown.stdout
    assert inbox.count("→ [[") == 4
    assert inbox.count("→ ❌") == 2
    assert "mentioned here.\n" in inbox
    assert len(notes) == 2


def test_demo_refuses_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (program.vault / "mine.md").write_text("mine", encoding="utf-8")

    refused = program.run("demo", str(program.vault))

    assert refused.returncode == 2
    assert (program.vault / "mine.md").exists()


def test_ctrl_c_in_the_middle_stops_soon_and_the_next_run_goes_on(
    tmp_path: Path,
) -> None:
    with Site() as site, LlmServer("silent", "right") as llm:
        program = Program(
            tmp_path, f'[llm]\nbase_url = "{llm.base_url}"\nmodel = "loopback"\n'
        )
        program.drop(site.english_talk)
        with program.running("watch") as process:
            until(lambda: llm.questions)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=10)[0]
        interrupted = program.lines()

        finished = program.run("run")

        pages = site.visits.count("/talks/note-taking")
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert interrupted[0].endswith("→ ⏳")
    assert finished.returncode == 0
    assert program.lines()[0].startswith("- [x] ")
    assert pages == 1


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such shell")
@pytest.mark.parametrize("end", [">&-", ">&- 2>&-", "<&- >&-", "| true", ">/dev/null"])
def test_whoever_does_not_listen_is_spared_a_traceback(
    program: Program, end: str
) -> None:
    run = subprocess.run(
        ["sh", "-c", f'"$0" -m vaultscribe status --json {end}', sys.executable],
        env=program._environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_log_that_cannot_be_written_costs_no_note(program: Program) -> None:
    with Site() as site, Path("/dev/full").open("w") as full:
        program.drop(f"- [ ] {site.english_talk}")
        run = subprocess.run(
            [sys.executable, "-m", "vaultscribe", "run"],
            env=program._environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (run.returncode, run.stderr) == (0, "")
    assert len(program.notes()) == 1
    assert program.lines()[0].startswith("- [x]")
