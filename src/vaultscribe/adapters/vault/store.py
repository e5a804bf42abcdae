"""The index of the vault on the disk: a cache in SQLite, made anew when it is damaged.

Each note stands in `notes`; what can be looked up of it, in `keys`. The first sign of a
key says what it is: `f`ile name and `a`lias of a page, as `core.names.name_key` writes
them, and those of `core.related.keys`.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import TransientError
from vaultscribe.core.names import name_key
from vaultscribe.core.related import Facts, keys

_VERSION = 3
_SCHEMA = """
create table notes(
    number integer primary key, folder text not null, name text not null,
    look integer not null, size integer not null, id text not null,
    entry text not null);
create table keys(key text not null, number integer not null);
create table spellings(key text primary key, tag text not null) without rowid;
create table folders(path text primary key, mtime integer not null) without rowid;
create table owed(id text primary key) without rowid;
create table moments(name text primary key, at real not null) without rowid;
"""
_INDEXES = {
    "by_key": "keys(key, number)",
    "by_place": "notes(folder, name)",
    "by_id": "notes(id) where id != ''",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One note.

    Args:
        path: relative to the vault, with `/`.
        id: of the work, when the note is one of ours; else empty.
        timestamp: of the first note, `2025-11-24T07:45:14`; empty in other notes.
        url: of the work; empty in other notes.
        aliases: of its frontmatter, and the title there.
        facts: what other notes may share with it.
    """

    path: str
    id: str = ""
    timestamp: str = ""
    url: str = ""
    aliases: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def tags(self) -> tuple[str, ...]:
        return self.facts.tags


Stamp = tuple[int, int]
"""How a file looked when it was read: a number made of its times, size in bytes."""


class Row(NamedTuple):
    """A note as it is kept; *tags* maps those of its *keys* to their spelling."""

    folder: str
    name: str
    stamp: Stamp
    id: str
    entry: str
    keys: tuple[str, ...]
    tags: dict[str, str]


def row(folder: str, name: str, stamp: Stamp, entry: Entry) -> Row:
    """Make of *entry* what is kept of it."""
    shared = keys(entry.facts)
    tags = {key: text for key, text in shared.items() if key.startswith("t:")}
    found = (*shared, *_names(entry))
    return Row(folder, name, stamp, entry.id, encode(entry, Entry), found, tags)


def _names(entry: Entry) -> list[str]:
    found = [f"f:{name_key(entry.name)}"]
    if not entry.id:  # ours are no pages of what they are about, and have such aliases
        found += dict.fromkeys(f"a:{name_key(alias)}" for alias in entry.aliases)
    return found


class Store:
    """The tables. Its methods raise `TransientError` where the disk fails.

    Args:
        file: None keeps everything in memory.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.is_damaged = False
        """Then it is to be closed, which removes the file, and made anew."""
        try:
            self._db = self._opened()
        except sqlite3.DatabaseError:  # it is only a cache
            with self._told():
                self._remove()
                self._db = self._opened()

    def close(self) -> None:
        self._db.close()
        if self.is_damaged:
            self._remove()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            with self._told(), self._db:
                self._db.execute("begin immediate")  # waits, where others hold it
                yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._remember(self._db)
            raise

    def folders(self) -> dict[str, int]:
        """Map each known folder to its time of change when it was listed, in ns."""
        return dict(self._rows("select path, mtime from folders"))

    def set_folder(self, folder: str, mtime: int) -> None:
        self._db.execute("insert or replace into folders values(?,?)", (folder, mtime))

    def forget_folder(self, folder: str) -> None:
        self._looks.pop(folder, None)
        self._db.execute("delete from folders where path=?", (folder,))

    def stamps(self, folder: str) -> dict[str, Stamp]:
        """Map the names of the notes right in *folder* to how they looked."""
        if folder not in self._looks:
            query = "select name, look, size from notes where folder=?"
            with self._told():
                rows = self._db.execute(query, (folder,)).fetchall()
            self._looks[folder] = {name: (look, size) for name, look, size in rows}
        return self._looks[folder].copy()

    def stamp(self, folder: str, name: str) -> Stamp | None:
        query = "select look, size from notes where folder=? and name=?"
        return next(((n, size) for n, size in self._rows(query, folder, name)), None)

    @contextlib.contextmanager
    def filling(self) -> Iterator[None]:
        """Expect to be filled from empty: sorting all keys at the end is faster."""
        if not self._spelled and not self.count():
            for name in _INDEXES:
                self._db.execute(f"drop index if exists {name}")
        yield
        _index(self._db)

    def write(self, rows: Sequence[Row]) -> None:
        """Keep notes of which nothing is known yet."""
        numbered = list(enumerate(rows, self._next))
        self._next += len(rows)
        for each in rows:
            for key, tag in each.tags.items():
                self._spell(key, tag)
            if each.folder in self._looks:
                self._looks[each.folder][each.name] = each.stamp
        self._db.executemany(
            "insert into notes values(?,?,?,?,?,?,?)",
            [(n, r.folder, r.name, *r.stamp, r.id, r.entry) for n, r in numbered],
        )
        self._db.executemany(
            "insert into keys values(?,?)",
            [(key, n) for n, r in numbered for key in r.keys],
        )

    def drop(self, folder: str, name: str) -> Entry | None:
        """Forget a note; return what was kept of it."""
        query = "select number, entry from notes where folder=? and name=?"
        found = next(self._rows(query, folder, name), None)
        if found is None:
            return None
        number, entry = found[0], self._entry(found[1])
        shared = keys(entry.facts)
        self._db.executemany(
            "delete from keys where key=? and number=?",
            [(key, number) for key in (*shared, *_names(entry))],
        )
        self._unspell(shared)
        self._looks.get(folder, {}).pop(name, None)
        self._db.execute("delete from notes where number=?", (number,))
        return entry

    def of(self, identity: str) -> list[Entry]:
        """List the notes of a work, the one with the shortest path before its copies.

        Whichever was edited last: if now one and now another were renewed, each would
        lack what the other has, and that would look like the user's wish.
        """
        return self._entries(
            "select entry from notes where id=? and id != ''"
            " order by length(folder) + length(name), folder, name",
            identity,
        )

    def at(self, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        query = "select entry from notes where folder=? and name=?"
        return next(iter(self._entries(query, folder, name)), None)

    def all(self) -> list[Entry]:
        return self._entries("select entry from notes")

    def ours(self) -> list[Entry]:
        return self._entries("select entry from notes where id != ''")

    def count(self, key: str = "", most: int = -1) -> int:
        """Count the notes that have *key*, up to *most*; without a key, all notes."""
        if not key:
            return int(next(self._rows("select count(*) from notes"))[0])
        query = "select count(*) from (select 1 from keys where key=? limit ?)"
        return int(next(self._rows(query, key, most))[0])

    def having(self, key: str, most: int) -> list[Entry]:
        """List notes that have *key*, those noticed last first, up to *most*."""
        return self._entries(
            "select entry from notes where number in"
            " (select number from keys where key=? order by number desc limit ?)",
            key,
            most,
        )

    def numbers(self, key: str, most: int) -> list[int]:
        """List the numbers of notes that have *key*, the latest first."""
        query = "select number from keys where key=? order by number desc limit ?"
        with self._told():
            return [number for (number,) in self._db.execute(query, (key, most))]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return the notes of *numbers*, in that order."""
        marks = ",".join("?" * len(numbers))
        query = f"select number, entry from notes where number in ({marks})"  # noqa: S608 - marks
        found = dict(self._rows(query, *numbers))
        return [self._entry(found[each]) for each in numbers if each in found]

    def tags(self) -> dict[str, int]:
        """Map the key of each tag to the number of its notes."""
        return dict(
            self._rows(
                "select key, count(*) from keys where key >= 't:' and key < 't;'"
                " group by key"
            )
        )

    def spelling(self, key: str) -> str:
        """Return how the tag of a key is spelled where it was seen first."""
        if key not in self._spelled:
            query = "select min(number) from keys where key=?"
            first = self.entries([next(self._rows(query, key))[0]])
            with self._told():
                spelled = (keys(each.facts)[key] for each in first)
                self._spell(key, next(spelled, key[2:]))
        return str(self._spelled[key])

    def owe(self, identities: Iterable[str]) -> None:
        """Note works whose notes are to catch up with what has come since."""
        self._db.executemany(
            "insert or ignore into owed values(?)", [(each,) for each in identities]
        )

    def owed(self) -> list[str]:
        return [row[0] for row in self._rows("select id from owed order by id")]

    def settle(self, identity: str) -> None:
        self._db.execute("delete from owed where id=?", (identity,))

    def moment(self, name: str) -> float | None:
        """Say when something was last done, in seconds since 1970; None for never."""
        row = next(self._rows("select at from moments where name=?", name), None)
        return row[0] if row else None

    def set_moment(self, name: str, at: float) -> None:
        self._db.execute("insert or replace into moments values(?,?)", (name, at))

    def _spell(self, key: str, tag: str) -> None:
        if key not in self._spelled:
            self._spelled[key] = tag
            self._db.execute("insert into spellings values(?,?)", (key, tag))

    def _unspell(self, shared: Mapping[str, str]) -> None:
        """Forget spellings with the note in which they were seen first."""
        for key, tag in shared.items():
            if self._spelled.get(key) == tag:
                del self._spelled[key]
                self._db.execute("delete from spellings where key=?", (key,))

    def _entries(self, query: str, *values: object) -> list[Entry]:
        return [self._entry(row[0]) for row in self._rows(query, *values)]

    def _entry(self, text: str) -> Entry:
        with self._told():
            try:
                return decode(text, Entry)
            except ValueError as error:
                raise sqlite3.DatabaseError(str(error)) from error

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with self._told():
            yield from self._db.execute(query, values)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise TransientError(f"the state folder cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            self.is_damaged = True
            raise TransientError(
                f"the index of the vault is damaged, and is made anew: {error}"
            ) from error

    def _remember(self, db: sqlite3.Connection) -> None:
        """Take from the tables what is kept in memory, too."""
        self._looks: dict[str, dict[str, Stamp]] = {}  # of folders looked at lately
        self._spelled = dict(db.execute("select key, tag from spellings"))
        self._next = 1 + (
            db.execute("select max(number) from notes").fetchone()[0] or 0
        )

    def _remove(self) -> None:
        if self._file:
            for ending in ("", "-wal", "-shm"):
                file = self._file.with_name(self._file.name + ending)
                file.unlink(missing_ok=True)

    def _opened(self) -> sqlite3.Connection:
        if self._file:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(
            self._file or ":memory:", isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=normal")  # old, but whole, after a power cut
            if db.execute("pragma user_version").fetchone()[0] != _VERSION:
                _make(db)
            _index(db)  # a crash may have come before
            db.execute("select path, mtime from folders").fetchall()
            self._remember(db)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db


def _make(db: sqlite3.Connection) -> None:
    tables = db.execute("select name from sqlite_master where type='table'").fetchall()
    for (name,) in tables:
        db.execute(f'drop table "{name}"')
    db.executescript(_SCHEMA)
    db.execute(f"pragma user_version={_VERSION}")


def _index(db: sqlite3.Connection) -> None:
    for name, columns in _INDEXES.items():
        db.execute(f"create index if not exists {name} on {columns}")
