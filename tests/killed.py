"""Writers that are killed in the middle, and what they leave."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import vaultscribe
from vaultscribe.adapters.vault.edit import sweep

SOURCE = Path(vaultscribe.__file__).parents[1]

VICTIM = """
import itertools, sys
from pathlib import Path
from vaultscribe.adapters.vault.edit import edit, publish, replace
folder = Path(sys.argv[1])
note, record = folder / "note.md", folder / "record.json"
print("ready", flush=True)
for number in itertools.count():
    text = b"HEAD %d\\n" % number + b"line\\n" * 20_000 + b"END %d\\n" % number
    edit(note, lambda _: text, recovery=folder / "recovery")
    replace(record, text)
    publish(folder / f"new-{number}.md", text)
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """What a killed writer left.

    Args:
        texts: of all its files, once its dot-files are swept.
        swept: how many those were.
    """

    texts: list[bytes]
    swept: int


def killed_while_writing(folder: Path) -> Killed:
    """Kill a writer of a note, a record and new notes at a random moment."""
    folder.mkdir()
    for name in ("note.md", "record.json"):
        (folder / name).write_bytes(b"HEAD 0\nEND 0\n")
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(folder)],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(SOURCE)},
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        time.sleep(random.uniform(0.0, 0.12))  # noqa: S311 - any moment will do
        writer.send_signal(signal.SIGKILL)
    swept = sweep(folder, 0.0)
    return Killed([each.read_bytes() for each in folder.glob("*.*")], swept)


def is_whole(text: bytes) -> bool:
    lines = [line.split() for line in text.splitlines()]
    return len(lines) > 1 and [lines[0][0], *lines[-1]] == [
        b"HEAD",
        b"END",
        lines[0][-1],
    ]
