"""Python reads this first where its folder is on the path: how a `Storm` is written.

`loud`: the program tells each of its writes. `careless`: it reads a note, thinks, and
writes it as a whole, as plain programs do.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from vaultscribe.adapters.vault import edit


def careless(path: Path, change: Callable[[bytes], bytes], **_: object) -> bool:
    before = path.read_bytes()
    after = change(before)
    time.sleep(0.02)
    path.write_bytes(after)
    return after != before


if os.environ["STORM_MANNER"] == "careless":
    edit.edit = careless
logging.getLogger(edit.__name__).setLevel(logging.DEBUG)
