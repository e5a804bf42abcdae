"""The records in the vault, each with the text that was last rendered from it.

They lie in `.vaultscribe/`, where Obsidian does not look, and are written whole. The
text is the base of later merges. It is written before the record that holds its hash:
a crash in between leaves a base that does not fit, and then the record is rendered once
more to see whether that gives the base it speaks of.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vaultscribe.adapters.vault import files
from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import TransientError
from vaultscribe.core.model import Record

log = logging.getLogger(__name__)

FOLDER = ".vaultscribe"


class Records:
    """The records of one vault.

    Args:
        vault: its folder.
        render: makes the text of a note of a record.
    """

    def __init__(self, vault: Path, render: Callable[[Record], str]) -> None:
        self._folder = vault / FOLDER
        self._render = render

    def get(self, identity: str) -> Record | None:
        """Read the record of a work; None where there is none that can be read."""
        file = self._folder / "records" / f"{key(identity)}.json"
        try:
            return decode(file.read_bytes(), Record)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("the record %s cannot be read: %s", file.name, error)
            return None

    def base(self, record: Record) -> str | None:
        """Find the text that was last rendered of *record*; None when it is lost."""
        try:
            text = self._base(record).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            text = ""
        if not record.base:
            return None
        if _digest(text) != record.base:
            text = self._render(record)
        return text if _digest(text) == record.base else None

    def save(self, record: Record, text: str | None) -> Record:
        """Keep *record* and, unless None, *text* as what was rendered from it."""
        if text is not None:
            record = replace(record, base=_digest(text))
            _write(self._base(record), text)
        file = self._folder / "records" / f"{key(record.media.work.id)}.json"
        _write(file, encode(record, Record))
        return record

    def _base(self, record: Record) -> Path:
        return self._folder / "rendered" / f"{key(record.media.work.id)}.txt"


def key(identity: str) -> str:
    """Name a record's file: readable, safe, and different for different works."""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', identity)[:60].strip('-')}-{digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TransientError(
            f"cannot make the folder {file.parent.name}: {error.strerror}"
        ) from error
    files.replace(file, text.encode())
