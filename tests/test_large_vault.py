"""A vault so large that reading it takes a while: told, shared, and stopped soon."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from program import Program, heard, until
from vaultscribe.demo.site import Site

COUNT = 2500
READING = f"reading the vault: {COUNT + 1} notes"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.cpu_count() == 1, reason="it looks into /proc"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path)
    text = "---\ntags: [a, b]\n---\n" + "word #c [[Page]] \\* `code`\n\n" * 20
    for number in range(COUNT):
        (made.vault / f"{number}.md").write_text(text, encoding="utf-8")
    return made


def helper(process: subprocess.Popen[str]) -> Path:
    """Find in /proc the process that helps to read."""
    found: list[Path] = []

    def is_there() -> bool:
        children = Path(f"/proc/{process.pid}/task").glob("*/children")
        pids = " ".join(each.read_text() for each in children).split()
        rest = (Path("/proc") / pid for pid in pids)
        found[:] = [p for p in rest if b"spawn_main" in (p / "cmdline").read_bytes()]
        return bool(found)

    until(is_there)
    return found[0]


def test_a_stop_while_the_vault_is_read_for_the_first_time_ends_soon_and_cleanly(
    site: Site, program: Program
) -> None:
    program.drop(f"- [ ] {site.english_talk}")

    with program.running("watch") as process:
        told = heard(process, READING)
        helping = helper(process)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)

    assert told
    assert (process.returncode, rest) == (0, "")
    assert not helping.exists()
    assert program.notes() == []


def test_no_process_that_helps_outlives_a_killed_program(
    site: Site, program: Program
) -> None:
    program.drop(f"- [ ] {site.english_talk}")

    with program.running("watch") as process:
        heard(process, READING)
        helping = helper(process)
        process.kill()

    until(lambda: not helping.exists())


def test_a_killed_helper_changes_nothing(site: Site, program: Program) -> None:
    program.drop(f"- [ ] {site.english_talk}")

    with program.running("run") as process:
        heard(process, READING)
        os.kill(int(helper(process).name), signal.SIGKILL)
        rest, _ = process.communicate(timeout=60)

    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert len(program.notes()) == 1


def test_topics_tells_that_it_reads_a_large_vault(program: Program) -> None:
    told = program.run("topics")

    assert told.stderr == READING + "\n"
    assert told.stdout.splitlines()[0] == f" {COUNT} #a"
