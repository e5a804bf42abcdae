"""Our writes against an editor that never rests; `editor.py` is the editor.

All storms rage at once in one fixture, because most of their time is waiting.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from editor import word
from vaultscribe.adapters.vault.edit import edit

EDITOR = Path(__file__).parents[2] / "editor.py"
USER_EDITS = 300
LINKS = 40
PACE_MS = ("5", "15")

Change = Callable[[bytes], bytes]
Write = Callable[[Path, Change, Path], object]


@dataclass(frozen=True)
class Storm:
    """How it ended.

    Args:
        writes: how often we wrote.
        lost_words: of the user.
        lost_lines: of ours, after the one look back that the program takes too.
        left: files beside the note, and copies put aside.
    """

    writes: int
    lost_words: list[bytes]
    lost_lines: list[bytes]
    left: list[str]


def note() -> bytes:
    lines = [b"- [ ] link-%03d\nprose of the user\n" % at for at in range(LINKS)]
    return b"# Inbox\n\n" + b"".join(lines)


def ours(number: int) -> bytes:
    return b"ours-%06d" % number


def tick(number: int) -> Change:
    """Add our word to the line of a link, unless it is there."""
    link = b"link-%03d" % (number % LINKS)

    def change(text: bytes) -> bytes:
        if ours(number) in text:
            return text
        return text.replace(link, link + b" " + ours(number), 1)

    return change


def with_care(file: Path, change: Change, recovery: Path) -> object:
    return edit(file, change, recovery=recovery)


def naively(file: Path, change: Change, recovery: Path) -> object:
    """Read, think, write: how words are lost."""
    time.sleep(0.03)
    text = file.read_bytes()
    time.sleep(0.03)
    return file.write_bytes(change(text))


def rage(folder: Path, style: str, write: Write) -> Storm:
    file, recovery = folder / "vault" / "Inbox.md", folder / "recovery"
    file.parent.mkdir(parents=True)
    file.write_bytes(note())
    command = [sys.executable, str(EDITOR), str(file), style, str(USER_EDITS), *PACE_MS]
    writes = 0
    with subprocess.Popen(command) as editor:
        while editor.poll() is None:
            write(file, tick(writes), recovery)
            writes += 1
    assert editor.returncode == 0
    for number in range(writes):  # a save of an older text may have undone us
        write(file, tick(number), recovery) if write is with_care else None
    text = file.read_bytes()
    return Storm(
        writes=writes,
        lost_words=[word(n) for n in range(USER_EDITS) if word(n) not in text],
        lost_lines=[ours(n) for n in range(writes) if ours(n) not in text],
        left=[p.name for p in folder.rglob("*") if p.is_file() and p != file],
    )


@pytest.fixture(scope="module")
def storms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Storm]:
    folder = tmp_path_factory.mktemp("storm")
    kinds: dict[str, tuple[str, Write]] = {
        "in place": ("in place", with_care),
        "rename": ("rename", with_care),
        "pieces": ("pieces", with_care),
        "naive": ("rename", naively),
    }
    with ThreadPoolExecutor(len(kinds)) as pool:
        running = {
            name: pool.submit(rage, folder / name, *kind)
            for name, kind in kinds.items()
        }
    return {name: storm.result() for name, storm in running.items()}


@pytest.mark.parametrize("style", ["in place", "rename", "pieces"])
def test_storm_takes_no_word_of_the_user(storms: dict[str, Storm], style: str) -> None:
    storm = storms[style]

    assert storm.lost_words == []
    assert storm.left == []


@pytest.mark.parametrize("style", ["in place", "rename", "pieces"])
def test_storm_takes_no_line_of_ours(storms: dict[str, Storm], style: str) -> None:
    storm = storms[style]

    assert storm.lost_lines == []
    assert storm.writes > 50


def test_storm_is_hard_enough_to_take_words_from_naive_writing(
    storms: dict[str, Storm],
) -> None:
    assert len(storms["naive"].lost_words) > 0
