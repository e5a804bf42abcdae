"""Notes: composed, published once, found by their id, renewed beside their user."""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.edit import edit
from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.linking import Linker
from vaultscribe.adapters.vault.look import whole
from vaultscribe.adapters.vault.records import Records
from vaultscribe.adapters.vault.store import Entry
from vaultscribe.core.errors import NeedsUser, TransientError
from vaultscribe.core.merge import Merged, merge
from vaultscribe.core.model import Link, Media, Note, Record, Summary, Transcript, Work
from vaultscribe.core.names import file_stem, note_name, short_id
from vaultscribe.core.related import gave_way, not_listed, removed, renamed
from vaultscribe.core.splice import add_tags
from vaultscribe.core.tagging import choose, offered
from vaultscribe.core.tags import tag_key, unique
from vaultscribe.core.vocabulary import Vocabulary

log = logging.getLogger(__name__)

Again = Literal["renewed", "as it was", "deleted", "no record"]
"""What became of a note that was to be rendered again; `no record`: it cannot be told
what in it is its user's, so nothing was written."""


class Notes:
    """The notes of one vault. One of its methods that write runs at a time.

    Args:
        layout: where they lie.
        render: makes a note of a record.
        picture: fetches a small cover, a JPEG; None where there is none to be had.
        published: is told of each new note.
    """

    def __init__(
        self,
        layout: Layout,
        render: Callable[[Record], str],
        picture: Callable[[Media], bytes | None] = lambda _: None,
        published: Callable[[Note], object] = lambda _: None,
    ) -> None:
        self._layout = layout
        self._render = render
        self._picture = picture
        self._published = published
        self.index = Index(layout.vault, layout.index)
        self._linker = Linker(layout, self.index)
        self._records = Records(layout.vault, render)
        self._lock = threading.RLock()
        self._told: set[str] = set()

    def close(self) -> None:
        self.index.leave()
        with self._lock:
            self.index.close()

    def is_free(self) -> bool:
        """Say whether no other thread is at work here; a first look takes a while."""
        is_free = self._lock.acquire(blocking=False)
        if is_free:
            self._lock.release()
        return is_free

    def find(self, work: Work) -> Note | None:
        """Find the note of *work* wherever the user has moved it."""
        with self._lock:
            self.refresh()
            mine = self.index.of(work.id)
            return _note(mine) if mine else None

    def is_ours(self, name: str) -> bool | None:
        """Say whether a note of this name is ours; None where there is none."""
        with self._lock:
            self.refresh()
            found = [each for each in self.index.named(name) if each.name == name]
            return any(each.id for each in found) if found else None

    def tags(self) -> dict[str, int]:
        """Map each tag of the vault to the number of notes that carry it."""
        with self._lock:
            self.refresh()
            return dict(self.index.tags())

    def offered(self, words: str) -> tuple[str, ...]:
        """Choose which of the vault's tags a model is shown for a text."""
        return offered(self.tags(), words, self.vocabulary())

    def compose(
        self, link: Link, media: Media, transcript: Transcript, summary: Summary
    ) -> Record:
        """Put together what was learnt; an earlier record lends what stays."""
        old, words = self._records.get(media.work.id), self.vocabulary()
        now = dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0)
        mine = words.allowed(old.tags, old.insisted) if old else ()
        tags = choose(
            own=(*link.tags, *mine),
            summary=summary,
            source=media.tags,
            vault=self.tags(),
            vocabulary=words,
        )
        made = Record(
            media=replace(media, tracks=()),
            address=link.address,
            timestamp=now.isoformat(),
            transcript=transcript,
            summary=summary,
            tags=tags,
            insisted=tuple(filter(words.bans, tags)),
            focus=link.focus,
            cover=self._cover(media, old),
        )
        return _lent(made, old) if old else made

    def put(self, record: Record) -> Note:
        """Publish the note of *record*, or renew it beside what its user wrote.

        Links go from the newer note to the older ones, so they are chosen here,
        where one note is written at a time.
        """
        with self._lock:
            self.refresh()
            mine = self.index.of(record.media.work.id)
            old = self._records.get(record.media.work.id)
            if mine:
                self._renew(mine, self._caught_up(record, old), old)
                return _note(mine)
            note = self._publish(self._linker.linked(record))
        self._published(note)
        return note

    def add_tags(self, note: Note, tags: tuple[str, ...]) -> None:
        """Add the lines' tags to a note that exists; all else in it stays."""
        with self._lock:
            self.refresh()
            mine = self.index.at(note.path)
            if mine is None:
                return
            old = self._records.get(mine.id) if mine.id else None
            has = {tag_key(tag) for tag in (*mine.tags, *(old.tags if old else ()))}
            words = self.vocabulary()
            kept = map(words.kept, tags)
            new = unique(tag for tag in kept if tag_key(tag) not in has)
            if old and new and self._records.base(old) is not None:
                insisted = (*old.insisted, *filter(words.bans, new))
                record = replace(old, tags=(*old.tags, *new), insisted=insisted)
                self._renew(mine, record, old)
            elif new:
                self._change(mine, lambda text: add_tags(text, new))

    def known(self) -> dict[str, str]:
        """Map what our notes are known by (id, name, path, address) to their ids."""
        with self._lock:
            self.refresh()
            found: dict[str, str] = {}
            for each in self.index.store.ours():
                names = (each.name, each.path, each.url, each.id)
                found |= dict.fromkeys(filter(None, names), each.id)
            return found

    def render_again(self, identity: str, *, newer: bool = False) -> Again:
        """Render a note anew from its record, beside what its user wrote.

        A note that the user deleted stays deleted.

        Args:
            identity: of its work.
            newer: may it link to notes that came after it?
        """
        with self._lock:
            self.refresh()
            mine = self.index.of(identity)
            old = self._records.get(identity)
            if mine is None:
                return "deleted"
            if old is None or self._records.base(old) is None:
                return "no record"
            tags = self.vocabulary().allowed(old.tags, old.insisted)
            changed = self._renew(mine, replace(old, tags=tags), old, newer=newer)
            return "renewed" if changed else "as it was"

    def is_at_rest(
        self, identity: str, quiet_since_s: float, new_since_s: float
    ) -> bool:
        """Say whether nobody is likely to have a note open; a deleted one rests.

        Args:
            identity: of its work.
            quiet_since_s: its user has not edited it since, in seconds since 1970.
            new_since_s: it was made before, likewise.
        """
        with self._lock:
            mine = self.index.of(identity)
            if mine is None:
                return True
            if _seconds(mine.timestamp) > new_since_s:
                return False
            old, text = self._records.get(identity), self._theirs(mine)
            if old and self._records.base(old) == text:
                return True
            with files.told(mine.name):
                file = self._layout.vault / mine.path
                return file.stat().st_mtime <= quiet_since_s

    def owed(self) -> list[str]:
        """List the works whose notes have something new to link to."""
        with self._lock:
            return self.index.store.owed()

    def settle(self, identity: str) -> None:
        with self._lock, self.index.store.transaction():
            self.index.store.settle(identity)

    def last_batch(self) -> float | None:
        """Say when older notes last caught up, in seconds since 1970."""
        with self._lock:
            return self.index.store.moment("batch")

    def set_last_batch(self, at_s: float) -> None:
        with self._lock, self.index.store.transaction():
            self.index.store.set_moment("batch", at_s)

    def refresh(self) -> None:
        """Bring the index up to date.

        Raises:
            TransientError: the vault is not there; a disk that is not mounted must
                not look like a vault from which all was deleted.
        """
        self.index.refresh()

    def vocabulary(self) -> Vocabulary:
        """Read the user's note on tags; tell once what is wrong with it."""
        words, mistakes = self._layout.words()
        for each in set(mistakes) - self._told:
            log.warning("%s, %s", self._layout.vocabulary, each)
        self._told = set(mistakes)
        return words

    def _publish(self, record: Record) -> Note:
        text = self._render(record)
        self._make_folder(self._layout.folder)
        self._records.save(record, text)
        with self.index.writing(self._layout.folder):
            file = self._appear(note_name(record.media.title, record.media.work), text)
        path = file.relative_to(self._layout.vault).as_posix()
        self.index.at(path)
        self._linker.owe(record)
        return Note(file.stem, path)

    def _appear(self, name: str, text: str) -> Path:
        """Publish *text* under *name*, or with a number where it is taken.

        Taken in the whole vault and whatever its case: so `[[name]]` leads here.
        """
        for number in range(1, 100):
            stem = name if number == 1 else f"{name} ({number})"
            file = self._layout.folder / f"{stem}.md"
            if not self.index.named(stem) and files.publish(file, text.encode()):
                return file
        raise NeedsUser(f"a hundred notes are named {name}: move some of them away")

    def _caught_up(self, record: Record, old: Record | None) -> Record:
        """Add the tags that came to the note since *record* was composed."""
        if old is None:
            return record
        has = {tag_key(tag) for tag in record.tags}
        since = self.vocabulary().allowed(old.tags, old.insisted)
        tags = (*record.tags, *(tag for tag in since if tag_key(tag) not in has))
        insisted = unique([*record.insisted, *old.insisted])
        return replace(record, tags=tags, insisted=insisted)

    def _renew(
        self, mine: Entry, record: Record, old: Record | None, *, newer: bool = False
    ) -> bool:
        """Merge what has become of *record* since *old* into the user's text.

        Without the text that was rendered of *old* nobody can tell what is the
        user's, so nothing is written then.
        """
        last = self._records.base(old) if old else None
        if old is None or last is None:
            log.warning("%s: what was last rendered is lost, so it stays", mine.path)
            self._records.save(replace(record, base=old.base if old else ""), None)
            return False
        theirs = self._theirs(mine)
        base = self._records.reached(old, last, theirs)
        names = self._linker.renamed(old)
        base = renamed(base, theirs, names)
        ours_there = {each.name: each for each in old.related}
        ours_there |= {new: ours_there[name] for name, new in names.items()}
        gone = removed(base, theirs, {n: e.gave_way for n, e in ours_there.items()})
        ids = (ours_there[name].id or ours_there[name].name for name in gone)
        unlinked = tuple(dict.fromkeys((*old.unlinked, *ids)))
        record = replace(record, base=old.base, unlinked=unlinked)
        record = self._linker.linked_again(record, old, mine, newer=newer)
        links = not_listed(base, theirs, record.related)
        record = replace(record, related=links)
        ours, merged = self._render(record), Merged(theirs, ())

        def change(text: str) -> str:
            nonlocal merged
            merged = merge(base, text, ours)
            return merged.text

        if ours != base:
            self._records.prepare(record, ours)
        changed = self._change(mine, change) if ours != base else False
        links = gave_way(ours, merged.text, record.related)
        record = replace(record, related=links)
        if record != old or ours != last:
            kept = _kept(old.kept, ours, merged) if ours != base else old.kept
            self._records.save(replace(record, kept=kept), ours)
        return changed

    def _theirs(self, mine: Entry) -> str:
        """Read a note, but not in the middle of a save: all would look removed."""
        with files.told(mine.name):
            return _text(whole(self._layout.vault / mine.path))

    def _change(self, mine: Entry, change: Callable[[str], str]) -> bool:
        file = self._layout.vault / mine.path
        with self.index.writing(file.parent):
            changed = edit(
                file,
                lambda data: change(_text(data)).encode("utf-8", "surrogateescape"),
                recovery=self._layout.recovery,
            )
        self.index.at(mine.path)
        return changed

    def _cover(self, media: Media, old: Record | None) -> str:
        """Keep a small picture beside the notes; return its path in the vault.

        One that the user has deleted stays deleted.
        """
        if old and old.cover:
            return old.cover if (self._layout.vault / old.cover).exists() else ""
        picture = self._picture(media)
        if picture is None:
            return ""
        self._make_folder(self._layout.covers)
        file = self._layout.covers / f"{file_stem(short_id(media.work))}.jpg"
        files.publish(file, picture)
        return file.relative_to(self._layout.vault).as_posix()

    def _make_folder(self, folder: Path) -> None:
        if not folder.resolve().is_relative_to(self._layout.vault.resolve()):
            raise NeedsUser(
                f"the notes folder {folder.name} leads out of the vault:"
                " set `vault.notes` to a folder inside it"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TransientError(
                f"cannot make the folder {folder.name}: {error.strerror}"
            ) from error


def _lent(made: Record, old: Record) -> Record:
    """Take from an earlier record what does not change when a link is done again."""
    titles = [old.media.title] if old.media.title != made.media.title else []
    return replace(
        made,
        address=old.address,
        timestamp=old.timestamp,
        related=old.related,
        linked=old.linked,
        unlinked=old.unlinked,
        base=old.base,
        former=tuple(dict.fromkeys([*titles, *old.former])),
    )


def _kept(before: tuple[str, ...], ours: str, merged: Merged) -> tuple[str, ...]:
    """List what gives way in a note: what does now, and what still does since then."""
    still = {*ours.splitlines()} - {*merged.text.splitlines()}
    return tuple(dict.fromkeys((*merged.kept, *(e for e in before if e in still))))


def _seconds(timestamp: str) -> float:
    """Turn a note's local time into seconds since 1970; 0 where it is none."""
    try:
        return dt.datetime.fromisoformat(timestamp).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):  # it is the user's to change
        return 0.0


def _note(entry: Entry) -> Note:
    return Note(entry.name, entry.path)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
