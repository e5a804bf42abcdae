"""An editor in the manner of Obsidian, run as a process of its own.

It holds the whole text in memory, types a line every few milliseconds, saves
every second one, and merges what it finds changed on the disk into what it has
typed, line by line. Every edit carries a word that occurs nowhere else, so that
a lost one can be named:

    python editor.py FILE STYLE EDITS LOW_MS HIGH_MS
"""

import random
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

Lines = list[bytes]


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
    """Truncated, then filled by three writers after one another."""
    third = len(text) // 3
    parts = text[:third], text[third : 2 * third], text[2 * third :]
    for mode, part in zip(("wb", "ab", "ab"), parts, strict=True):
        with file.open(mode, buffering=0) as opened:
            opened.write(part)
        time.sleep(0.001)


STYLES: dict[str, Callable[[Path, bytes], None]] = {
    "in place": save_in_place,
    "rename": save_by_rename,
    "pieces": save_in_pieces,
}


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
    at = dice.randrange(len(lines) + 1)
    prose = [i for i, line in enumerate(lines) if line.startswith(b"prose")]
    if kind == 0:
        lines.append(word(number) + b"\n")
    elif kind == 1 or not prose:
        lines.insert(at, word(number) + b"\n")
    else:
        at = dice.choice(prose)
        lines[at] = lines[at].rstrip(b"\n") + b" " + word(number) + b"\n"


def work(file: Path, style: str, edits: int, pace_s: tuple[float, float]) -> None:
    dice = random.Random(style)  # noqa: S311 - the same storm each time
    base = file.read_bytes()
    lines = base.splitlines(keepends=True)
    for number in range(edits):
        time.sleep(dice.uniform(*pace_s))
        disk = file.read_bytes()
        if disk and disk != base:  # as Obsidian: an emptied file is not believed
            pieces = [text.splitlines(keepends=True) for text in (base, disk)]
            lines = merge(pieces[0], lines, pieces[1])
            base = disk
        type_edit(lines, number, dice)
        if number % 2 or number == edits - 1:
            base = b"".join(lines)
            STYLES[style](file, base)


if __name__ == "__main__":
    path, style_name, count, low, high = sys.argv[1:]
    pace = float(low) / 1000, float(high) / 1000
    work(Path(path), style_name, int(count), pace)
