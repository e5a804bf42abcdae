"""The records in the vault, each with the text that was last rendered from it.

They lie in `.vaultscribe/`, where Obsidian does not look, and are written whole. The
text is the base of later merges. There is room for two of each note: first the new one
is written, then the note, then the record that holds its hash, and only then the old
one is removed. So after a crash the record still finds the text that it speaks of, and
the other one tells what the note was about to become.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from vaultscribe.adapters.vault import files
from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import TransientError
from vaultscribe.core.merge import merge
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
        if not record.base:
            return None
        texts = map(_read, self._places(record))
        known = (text for text in texts if _digest(text) == record.base)
        text = next(known, None) or self._render(record)
        return text if _digest(text) == record.base else None

    def prepare(self, record: Record, text: str) -> None:
        """Keep *text*, which the note of *record* is about to become.

        What *record* speaks of stays.
        """
        first, second = self._places(record)
        kept = [_digest(_read(each)) for each in (first, second)]
        if _digest(text) not in kept:
            _write(second if kept[0] == record.base else first, text)

    def reached(self, record: Record, base: str, theirs: str) -> str:
        """Tell what a note was last made from: *base*, or a text that was prepared.

        That is when a crash came before its record, and the note holds all that the
        text was to bring.
        """
        since_ns = _mtime(self._file(record))  # older ones are only not removed yet
        others = [each for each in self._others(record) if _mtime(each) > since_ns]
        prepared = map(_read, others)
        made = (text for text in prepared if merge(base, theirs, text).text == theirs)
        return next(made, base)

    def save(self, record: Record, text: str | None) -> Record:
        """Keep *record* and, unless None, *text* as what was rendered from it."""
        if text is not None:
            self.prepare(record, text)
            record = replace(record, base=_digest(text))
        _write(self._file(record), encode(record, Record))
        for each in self._others(record) if text is not None else ():
            with suppress(OSError):  # it only takes room
                each.unlink()
        return record

    def _file(self, record: Record) -> Path:
        return self._folder / "records" / f"{key(record.media.work.id)}.json"

    def _others(self, record: Record) -> list[Path]:
        """List the texts kept of a work that are not the one *record* speaks of."""
        return [
            file
            for file in self._places(record)
            if file.exists() and _digest(_read(file)) != record.base
        ]

    def _places(self, record: Record) -> tuple[Path, Path]:
        name = self._folder / "rendered" / key(record.media.work.id)
        return name.with_name(f"{name.name}.txt"), name.with_name(f"{name.name}.2.txt")


def key(identity: str) -> str:
    """Name a record's file: readable, safe, and different for different works."""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', identity)[:60].strip('-')}-{digest}"


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""


def _mtime(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


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
