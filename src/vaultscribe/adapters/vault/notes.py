"""Notes and their records: composed, published once, found again by their id."""

import datetime as dt
import hashlib
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.edit import edit
from vaultscribe.adapters.vault.index import Entry, Index
from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import NeedsUser, TransientError
from vaultscribe.core.model import Link, Media, Note, Record, Summary, Transcript, Work
from vaultscribe.core.names import note_name
from vaultscribe.core.related import related
from vaultscribe.core.splice import add_tags
from vaultscribe.core.tagging import choose
from vaultscribe.core.tags import unique

log = logging.getLogger(__name__)

OWN_FOLDER = ".vaultscribe"
"""In the vault, unseen by Obsidian: records, and the texts last rendered."""


class Notes:
    """The notes of one vault. One of its methods that write runs at a time.

    Args:
        vault: the vault's folder; it is never created.
        folder: for new notes, relative to the vault.
        recovery: outside the vault, for texts that could not be merged.
        render: makes a note of a record.
    """

    def __init__(
        self, vault: Path, folder: str, recovery: Path, render: Callable[[Record], str]
    ) -> None:
        self._vault = vault
        self._folder = vault / folder
        self._recovery = recovery
        self._render = render
        self._index = Index(vault)
        self._lock = threading.RLock()

    def find(self, work: Work) -> Note | None:
        """Find the note of *work* wherever the user has moved it."""
        mine = _of(work, self._scan())
        return _note(mine) if mine else None

    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """List the names of our notes, and those of all notes."""
        entries = self._scan()
        ours = frozenset(each.name for each in entries if each.id)
        return ours, frozenset(each.name for each in entries)

    def compose(
        self, link: Link, media: Media, transcript: Transcript, summary: Summary
    ) -> Record:
        """Put together what was learnt; an earlier record lends its first timestamp."""
        old = self._record(media.work.id)
        own = (*link.tags, *(old.tags if old else ()))
        vault = Counter(tag for each in self._scan() for tag in each.tags)
        now = dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0)
        return Record(
            media=replace(media, tracks=()),
            address=old.address if old else link.address,
            timestamp=old.timestamp if old else now.isoformat(),
            transcript=transcript,
            summary=summary,
            tags=choose(own=own, summary=summary, source=media.tags, vault=vault),
            focus=link.focus,
        )

    def put(self, record: Record) -> Note:
        """Publish the note of *record*, or renew it where nobody has edited it.

        Links go from the newer note to the older ones, so they are chosen here,
        where one note is written at a time.
        """
        with self._lock:
            entries = self._scan()
            record = _linked(record, entries)
            mine = _of(record.media.work, entries)
            if mine is None:
                return self._publish(record)
            self._renew(mine, record, lambda text: text)
            return _note(mine)

    def add_tags(self, note: Note, tags: tuple[str, ...]) -> None:
        """Add the lines' tags to a note that exists; all else in it stays."""
        with self._lock:
            entries = self._scan()
            mine = next((each for each in entries if each.path == note.path), None)
            old = self._record(mine.id) if mine else None
            if not (mine and tags):
                return
            if old is None:
                self._change(mine, lambda text: add_tags(text, tags))
                return
            new = replace(old, tags=unique([*old.tags, *tags]))
            if new != old:
                new = _linked(new, entries)
                self._renew(mine, new, lambda text: add_tags(text, tags))

    def _publish(self, record: Record) -> Note:
        text = self._render(record)
        name = note_name(record.media.title, record.media.work)
        self._make_folder()
        self._save(record, text)
        for number in range(1, 100):
            stem = name if number == 1 else f"{name} ({number})"
            file = self._folder / f"{stem}.md"
            if files.publish(file, text.encode()):
                return Note(stem, file.relative_to(self._vault).as_posix())
        raise NeedsUser(f"a hundred notes are named {name}: move some of them away")

    def _renew(
        self, mine: Entry, record: Record, otherwise: Callable[[str], str]
    ) -> None:
        """Write the note anew where it is as we left it; else change only *otherwise*.

        Merging with the user's edits is not done here: where there are any, their
        text stays.
        """
        base = self._base(record)
        old = base.read_text(encoding="utf-8") if base.exists() else None
        new = self._render(record)
        self._change(mine, lambda text: new if text in {old, new} else otherwise(text))
        if (self._vault / mine.path).read_bytes() == new.encode():
            self._save(record, new)
        else:
            log.warning("%s has been edited: its text stays as it is", mine.path)
            files.replace(self._file(record), encode(record, Record).encode())

    def _change(self, mine: Entry, change: Callable[[str], str]) -> None:
        def change_bytes(data: bytes) -> bytes:
            text = data.decode("utf-8", "surrogateescape")
            return change(text).encode("utf-8", "surrogateescape")

        edit(self._vault / mine.path, change_bytes, recovery=self._recovery)

    def _save(self, record: Record, text: str) -> None:
        """Keep the record, and its rendered text as the base of later merges."""
        for file, content in (
            (self._file(record), encode(record, Record)),
            (self._base(record), text),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            files.replace(file, content.encode())

    def _record(self, identity: str) -> Record | None:
        file = self._vault / OWN_FOLDER / "records" / f"{_key(identity)}.json"
        try:
            return decode(file.read_bytes(), Record)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("the record %s cannot be read: %s", file.name, error)
            return None

    def _file(self, record: Record) -> Path:
        key = _key(record.media.work.id)
        return self._vault / OWN_FOLDER / "records" / f"{key}.json"

    def _base(self, record: Record) -> Path:
        return (
            self._vault / OWN_FOLDER / "rendered" / f"{_key(record.media.work.id)}.txt"
        )

    def _make_folder(self) -> None:
        if not self._folder.resolve().is_relative_to(self._vault.resolve()):
            raise NeedsUser(
                f"the notes folder {self._folder.name} leads out of the vault:"
                " set `vault.notes` to a folder inside it"
            )
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TransientError(
                f"cannot make the folder {self._folder.name}: {error.strerror}"
            ) from error

    def _scan(self) -> list[Entry]:
        """List the vault's notes.

        Raises:
            TransientError: the vault is not there; a disk that is not mounted must
                not look like a vault from which all was deleted.
        """
        with self._lock:
            try:
                # The link came from the inbox in it, so it cannot be empty.
                if any(self._vault.iterdir()):
                    return self._index.scan()
            except OSError as error:
                raise TransientError(
                    f"the vault {self._vault.name} cannot be read: {error.strerror}"
                ) from error
            raise TransientError(
                f"the vault {self._vault.name} is empty: is its disk mounted?"
            )


def _of(work: Work, entries: list[Entry]) -> Entry | None:
    return next((each for each in entries if each.id == work.id), None)


def _linked(record: Record, entries: list[Entry]) -> Record:
    """Link *record* to the notes that were there before it and share its tags."""
    older = [
        (each.name, each.tags)
        for each in entries
        if each.id not in {"", record.media.work.id}
        and each.timestamp <= record.timestamp
    ]
    return replace(record, related=related(record.tags, older))


def _note(entry: Entry) -> Note:
    return Note(entry.name, entry.path)


def _key(identity: str) -> str:
    """Name a record's file: readable, safe, and different for different works."""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', identity)[:60].strip('-')}-{digest}"
