"""Killed at random twenty times, the real program finishes every link, once."""

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from llm_server import LlmServer
from program import Program
from vaultscribe.core.properties import read
from vaultscribe.demo.site import Site

KILLS = 20
HALF_DONE = """
    select workflow_uuid from workflow_status join operation_outputs
    using (workflow_uuid) where status = 'PENDING'"""
SETTINGS = """\
[llm]
base_url = "{url}"
model = "loopback"
[jobs]
settle_s = 0
at_once = 3
retry_s = [0.2, 0.2, 0.5]
llm_retry_s = [0.2, 0.2, 0.5]
"""


def test_no_link_is_lost_and_no_recorded_step_runs_again(tmp_path: Path) -> None:
    dice = random.Random(20261123)  # noqa: S311 - reproducible, not secret
    with Site() as site, LlmServer("right") as llm:
        program = Program(tmp_path, SETTINGS.format(url=llm.base_url))
        talks = [f"{site.english_talk}?talk={n}" for n in range(KILLS)]
        repeated: list[str] = []
        in_the_middle = 0

        for talk in talks:
            program.drop(f"- [ ] {talk} #kept")
            before = _recorded(program)
            asked = len(site.visits)
            with program.running("watch") as process:
                _let_live(process, dice.uniform(0.1, 1.8))
                process.send_signal(signal.SIGKILL)
            repeated += _again(before, site.visits[asked:])
            in_the_middle += bool(_rows(program.state / "jobs.sqlite", HALF_DONE))
        finished = program.run("run")

        assert repeated == []
        assert in_the_middle >= KILLS // 4, "the kills came too early or too late"
        assert finished.returncode == 0, finished.stdout + finished.stderr
        _assert_complete(program, talks)


def _let_live(process: subprocess.Popen[str], seconds: float) -> None:
    """Let the process work for some time after it has said its first word."""
    assert process.stdout
    process.stdout.readline()
    time.sleep(seconds)


def _recorded(program: Program) -> set[str]:
    """List the addresses whose page was read by a step that is recorded."""
    if not (program.folder / "state").exists():
        return set()
    described = _rows(
        program.state / "jobs.sqlite",
        "select workflow_uuid from operation_outputs where function_name='describe'",
    )
    jobs = _rows(program.state / "links.sqlite", "select job, address from jobs")
    return {address for job, address in jobs if (job,) in described}


def _rows(database: Path, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def _again(recorded: set[str], visits: list[str]) -> list[str]:
    """List the pages that were read although their step was recorded before."""
    return [address for address in recorded if address.endswith(tuple(visits))]


def _assert_complete(program: Program, talks: list[str]) -> None:
    lines = program.lines()
    assert len(lines) == len(talks)
    assert all(line.startswith("- [x] ") and "→ [[" in line for line in lines)
    notes = [read(note.read_text(encoding="utf-8")) for note in program.notes()]
    assert len(notes) == len(talks)
    assert len({note["id"] for note in notes}) == len(talks)
    assert {note["status"] for note in notes} == {"success"}
    assert {note["summary"] for note in notes} == {"loopback"}
