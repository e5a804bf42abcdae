"""The real program beside an editor that never rests: no word of either is lost."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from editor import STYLES, word
from program import Program, until
from vaultscribe.demo.site import Site

EDITOR = Path(__file__).with_name("editor.py")
USER_EDITS = 200
EDITS = str(USER_EDITS)
LINKS = 12


def rage(folder: Path, style: str) -> tuple[list[bytes], list[str]]:
    """Let an editor type while links are worked off; return what is lost, and lines."""
    with Site() as site:
        program = Program(folder)
        program.drop("# Inbox", "", "prose of the user")
        program.drop(*(f"- [ ] {site.english_talk}?talk={n}" for n in range(LINKS)))
        program.drop("prose of the user", "")
        with program.running("watch") as process:
            assert process.stdout
            process.stdout.readline()
            subprocess.run(
                [
                    sys.executable,
                    EDITOR,
                    program.inbox,
                    style,
                    str(USER_EDITS),
                    "20",
                    "40",
                ],
                check=True,
            )
            until(lambda: program.inbox.read_text("utf-8").count("→ [[") >= LINKS)
    text = program.inbox.read_bytes()
    lost = [word(n) for n in range(USER_EDITS) if word(n) not in text]
    links = [line for line in program.lines() if "?talk=" in line]
    return lost, links


@pytest.fixture(scope="module")
def storms(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[list[bytes], list[str]]]:
    folders = {style: tmp_path_factory.mktemp("storm") for style in STYLES}
    with ThreadPoolExecutor() as pool:
        raging = {s: pool.submit(rage, folder, s) for s, folder in folders.items()}
        return {style: storm.result() for style, storm in raging.items()}


@pytest.mark.parametrize("style", STYLES)
def test_the_user_loses_no_word_to_the_program(
    storms: dict[str, tuple[list[bytes], list[str]]], style: str
) -> None:
    lost, _ = storms[style]

    assert lost == []


@pytest.mark.parametrize("style", STYLES)
def test_every_link_is_ticked_in_the_end_and_stands_once(
    storms: dict[str, tuple[list[bytes], list[str]]], style: str
) -> None:
    _, links = storms[style]

    assert len(links) == LINKS
    assert all("- [x] " in line and "→ [[" in line for line in links)
