"""An editor in the manner of Obsidian, run as a process of its own.

It holds the whole text in memory, types a line every few milliseconds, saves
every second one, and merges what it finds changed on the disk into what it has
typed, line by line. Every edit carries a word that occurs nowhere else, so that
a lost one can be named:

    python editor.py FILE STYLE EDITS LOW_MS HIGH_MS [on]

With `on` it goes on after EDITS until it is asked to end (SIGTERM). At its end it
prints how many edits it made, and which of our marks it has seen.
"""

import itertools
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from difflib import SequenceMatcher
from pathlib import Path

Lines = list[bytes]

MARK = re.compile(rb"storm-mark-\d{4}")
"""What the program writes on demand; one that was never seen here, and is missing in
the end, was overwritten by a save of an older text, not lost by the program."""


def word(number: int) -> bytes:
    return b"user-edit-%06d" % number


def save_in_place(file: Path, text: bytes) -> None:
    """As Obsidian does: the file is empty for a moment."""
    with file.open("wb", buffering=0) as opened:
        time.sleep(0.001)
        opened.write(text)


def save_by_rename(file: Path, text: bytes) -> None:
    temp = file.with_name("editor.tmp")
    temp.write_bytes(text)
    temp.replace(file)


def save_in_pieces(file: Path, text: bytes) -> None:
    """Truncated, then filled by three writers after one another; one is slow."""
    lines = text.splitlines(keepends=True)
    third = len(lines) // 3  # at whole lines: a cut address would be another link
    pieces = lines[:third], lines[third : 2 * third], lines[2 * third :]
    parts = map(b"".join, pieces)
    for mode, part in zip(("wb", "ab", "ab"), parts, strict=True):
        with file.open(mode, buffering=0) as opened:
            opened.write(part)
        time.sleep(random.choice((0.001, 0.001, 0.02)))  # noqa: S311 - any will do


def save_like_vim(file: Path, text: bytes) -> None:
    """The old file becomes the backup; for a moment the name is not there."""
    backup = file.with_name(f"{file.name}~")
    file.rename(backup)
    with file.open("xb", buffering=0) as opened:
        opened.write(text)
    backup.unlink()


STYLES: dict[str, Callable[[Path, bytes], None]] = {
    "in place": save_in_place,
    "rename": save_by_rename,
    "pieces": save_in_pieces,
    "vim": save_like_vim,
    "stale": save_in_place,
}

STALE_EDITS = 4
"""So many edits the editor `stale` makes before it looks at the disk again."""


def merge(base: Lines, mine: Lines, theirs: Lines) -> Lines:
    """Merge two texts made from *base*; what either has inserted is kept."""
    my_new, my_kept = _changes(base, mine)
    their_new, their_kept = _changes(base, theirs)
    merged: Lines = []
    for at in range(len(base) + 1):
        merged += my_new.get(at, [])
        if their_new.get(at) != my_new.get(at):
            merged += their_new.get(at, [])
        if at in my_kept and at in their_kept:
            merged.append(base[at])
    return merged


def _changes(base: Lines, text: Lines) -> tuple[dict[int, Lines], set[int]]:
    """Tell what *text* inserts before which line of *base*, and what it keeps."""
    new: dict[int, Lines] = {}
    kept: set[int] = set()
    matcher = SequenceMatcher(None, base, text, autojunk=False)
    for tag, base_from, base_to, text_from, text_to in matcher.get_opcodes():
        if tag == "equal":
            kept.update(range(base_from, base_to))
        elif text_to > text_from:
            new[base_from] = text[text_from:text_to]
    return new, kept


def type_edit(lines: Lines, number: int, dice: random.Random) -> None:
    """Append a line, insert one in the middle, or add a word to one of prose."""
    kind = number % 3
    at = dice.randrange(_body(lines), len(lines) + 1)
    prose = [i for i, line in enumerate(lines) if line.startswith(b"prose")]
    if kind == 0:
        lines.append(word(number) + b"\n")
    elif kind == 1 or not prose:
        lines.insert(at, word(number) + b"\n")
    else:
        at = dice.choice(prose)
        lines[at] = lines[at].rstrip(b"\n") + b" " + word(number) + b"\n"


def _body(lines: Lines) -> int:
    """Find the line behind the properties, 0 where there are none."""
    rule = b"---\n"
    return lines.index(rule, 1) + 1 if lines[:1] == [rule] else 0


def work(file: Path, style: str, pace_s: tuple[float, float]) -> Generator[set[bytes]]:
    """Type, merge and save, one edit at a time; yield the marks of ours seen so far.

    What is typed is saved in the end, too.
    """
    dice = random.Random(style)  # noqa: S311 - the same storm each time
    base = file.read_bytes()
    lines = base.splitlines(keepends=True)
    seen = set(MARK.findall(base))
    try:
        for number in itertools.count():
            time.sleep(dice.uniform(*pace_s))
            is_blind = style == "stale" and number % STALE_EDITS
            disk = base if is_blind else file.read_bytes()
            seen.update(MARK.findall(disk))
            if disk and disk != base:  # as Obsidian: an emptied file is not believed
                pieces = [text.splitlines(keepends=True) for text in (base, disk)]
                lines = merge(pieces[0], lines, pieces[1])
                base = disk
            type_edit(lines, number, dice)
            if number % 2:
                base = b"".join(lines)
                STYLES[style](file, base)
            yield seen
    finally:
        STYLES[style](file, b"".join(lines))


def main(path: str, style: str, edits: str, *rest: str) -> None:
    low_s, high_s = (float(each) / 1000 for each in rest[:2])
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: asked.set())
    marks: set[bytes] = set()
    typed = 0
    typing = work(Path(path), style, (low_s, high_s))
    while typed < int(edits) or ("on" in rest and not asked.is_set()):
        marks = next(typing)
        typed += 1
    typing.close()
    sys.stdout.write("\n".join([str(typed), *(mark.decode() for mark in marks)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
