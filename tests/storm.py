"""A storm: the real program and editors that never rest write the same notes.

`rage` starts `vaultscribe watch` on a vault of its own, beside two editors: one types
into the inbox while its links are worked off, one into the note that they lead to
while their tags are added to it. What either side has lost is told by name.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from editor import MARK, STYLES, word
from program import Program, until
from vaultscribe.chores import LIVE
from vaultscribe.demo.site import Site

HERE = Path(__file__).parent
NODE = "obsidian"
"""The editor that runs in Node, on the library with which Obsidian merges."""
ALL_STYLES = (NODE, *STYLES)

SETTINGS = """\
[jobs]
settle_s = 0
at_once = 32
"""
PATIENCE_S = 300.0

Manner = Literal["loud", "careless"]
"""How the program writes: see manners/sitecustomize.py."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard it rages.

    Args:
        style: of the editors.
        inbox_edits: how many the user makes in the inbox, at least; they go on while
            there are open links, but not longer than *rage_s* seconds.
        note_edits: the same in the note.
        works: links that become notes of their own.
        twins: links to the work of the first note, each with a tag for it.
        pace_ms: the pause between two edits of an editor, from and to.
    """

    style: str
    inbox_edits: int
    note_edits: int
    works: int
    twins: int
    pace_ms: tuple[int, int] = (20, 50)
    rage_s: float = 90.0

    @property
    def links(self) -> int:
        return 1 + self.works + self.twins


@dataclass(frozen=True, slots=True)
class Figures:
    """How it ended.

    Args:
        user_lost: the words of the user that are not in their note.
        our_edits: how often the program wrote a file of the user's.
        beside: how many of these while both editors typed.
        our_lost: links that are not ticked once with an arrow; tags that the note's
            editor had seen and that are gone all the same.
        taken_back: tags that the note's editor overwrote with an older text.
        anew: how often it found that somebody had been faster, and began anew.
        late: writers whom it met in the very moment of its exchange.
        recovered: texts that had no place any more.
        left: dot-files of the program.
    """

    style: str
    user_edits: int
    user_lost: list[str]
    our_edits: int
    beside: int
    our_lost: list[str]
    taken_back: int
    anew: int
    late: int
    recovered: int
    left: list[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Typed:
    """What an editor said at its end: its edits, and the marks that it has seen."""

    file: Path
    edits: int
    seen: set[str]

    def lost(self) -> list[str]:
        text = self.file.read_bytes()
        return [word(n).decode() for n in range(self.edits) if word(n) not in text]


def rage(folder: Path, plan: Plan, manner: Manner = "loud") -> Figures:
    """Rage until the user has typed all and every link is ticked."""
    began = time.monotonic()
    variables = {"PYTHONPATH": str(HERE / "manners"), "STORM_MANNER": manner}
    program = Program(folder, SETTINGS, variables)
    program.drop("# Inbox", "", "prose of the user", "")
    with (
        Site() as site,
        ThreadPoolExecutor() as pool,
        program.running("watch") as process,
    ):
        assert process.stdout
        said: list[str] = []
        saying = pool.submit(_listen, process.stdout, said)
        program.drop(f"- [ ] {site.english_talk}")
        until(lambda: _ticked(program) == 1, PATIENCE_S)
        links = _links(site.english_talk, plan)
        program.drop(*links, "prose of the user", "")
        with _typing(plan, program) as editors:
            # Some save so old a text that they undo our ticks while they go on.
            with suppress(AssertionError):
                until(lambda: _ticked(program) == plan.links, plan.rage_s)
            inbox, note = [_end(editor) for editor in editors]
            beside = _count(said, "wrote")
        until(lambda: _ticked(program) == plan.links, PATIENCE_S)
        until(lambda: not _is_busy(program), PATIENCE_S)
        process.terminate()
        saying.result()
    marks = _marks(note.file)
    return Figures(
        style=plan.style,
        user_edits=inbox.edits + note.edits,
        user_lost=inbox.lost() + note.lost(),
        our_edits=_count(said, "wrote"),
        beside=beside,
        our_lost=_links_lost(program, [site.english_talk, *links])
        + sorted(note.seen - marks),
        taken_back=plan.twins - len(marks | note.seen),
        anew=_count(said, "begin anew"),
        late=_count(said, "met"),
        recovered=len([*program.state.glob("recovery/*")]),
        left=[each.name for each in program.vault.rglob(".*.tmp")],
        seconds=time.monotonic() - began,
    )


def _listen(stream: Iterable[str], said: list[str]) -> None:
    for line in stream:
        said.append(line)  # noqa: PERF402 - others count while it goes on


def _count(said: list[str], what: str) -> int:
    return sum(line.startswith(f"DEBUG: {what} ") for line in said)


def _links(address: str, plan: Plan) -> list[str]:
    works = [f"- [ ] {address}?talk={number}" for number in range(plan.works)]
    twins = [
        f"- [ ] {address}?utm_source={number} #storm-mark-{number:04}"
        for number in range(plan.twins)
    ]
    return works + twins


_Editor = tuple[Path, "subprocess.Popen[str]"]


@contextmanager
def _typing(plan: Plan, program: Program) -> Iterator[list[_Editor]]:
    """Let an editor type into the inbox and one into the only note there is."""
    [note] = program.notes()
    jobs = ((program.inbox, plan.inbox_edits), (note, plan.note_edits))
    editors = [
        (file, subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        for file, edits in jobs
        for command in [_command(plan, file, edits)]
    ]
    try:
        yield editors
    finally:
        for _, editor in editors:
            editor.kill()
            with editor:  # closes its pipe and waits
                pass


def _command(plan: Plan, file: Path, edits: int) -> list[str]:
    rest = [*map(str, (edits, *plan.pace_ms)), "on"]
    if plan.style == NODE:
        return ["node", str(HERE / "judge" / "editor.mjs"), str(file), *rest]
    return [sys.executable, str(HERE / "editor.py"), str(file), plan.style, *rest]


def _end(editor: _Editor) -> _Typed:
    file, process = editor
    process.terminate()
    said = process.communicate()[0].split()
    assert process.returncode == 0
    return _Typed(file, int(said[0]), set(said[1:]))


def _ticked(program: Program) -> int:
    with suppress(FileNotFoundError, UnicodeDecodeError):  # in the middle of a save
        return sum(map(_is_ticked, program.lines()))
    return 0


def _is_ticked(line: str) -> bool:
    return "- [x] http" in line and line.count("→") == line.count("→ [[") == 1


def _is_busy(program: Program) -> bool:
    jobs = json.loads(program.run("status", "--json").stdout)["jobs"]
    return any(job["state"] in LIVE for job in jobs)


def _links_lost(program: Program, asked: list[str]) -> list[str]:
    """List the links that do not stand exactly once, ticked and with one arrow."""
    ticked = [line for line in program.lines() if _is_ticked(line)]
    found = Counter(link for line in ticked for link in _LINK.findall(line))
    return [link for line in asked for link in _LINK.findall(line) if found[link] != 1]


_LINK = re.compile(r"http\S+")


def _marks(note: Path) -> set[str]:
    return {mark.decode() for mark in MARK.findall(note.read_bytes())}
