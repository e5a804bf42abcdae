"""What this machine remembers of links under way, in a small SQLite file.

It answers three questions: how the jobs fare (`status`), which link makes the note
of a work and which links wait for it, and the number of a link's next job. Deleting
the file loses nothing: the inbox and the notes say what is done.
"""

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import ConfigError, TransientError
from vaultscribe.core.model import Link, Work

State = Literal["working", "waiting", "done", "failed", "cancelled", "following"]

_SCHEMA = """
create table if not exists jobs(
    address text primary key, job text not null, attempt integer not null,
    state text not null, stage text not null, message text not null,
    next_at real, updated real not null);
create table if not exists claims(
    work text primary key, owner text not null, settled integer not null);
create table if not exists redo(address text primary key);
create table if not exists followers(
    address text primary key, owner text not null, link text not null);
"""


@dataclass(frozen=True, slots=True)
class Job:
    """How the newest job of an address fares.

    Args:
        stage: the port's function that runs, or ran last.
        message: the last error, or empty.
        next_at: when a waiting job is tried again, in seconds since 1970.
        updated: when this changed, likewise.
    """

    address: str
    job: str
    state: State
    stage: str
    message: str
    next_at: float | None
    updated: float


class Ledger:
    """The ledger of one vault; may be used from several threads.

    Its methods raise `TransientError` where the disk is full or cannot be written.
    """

    def __init__(self, file: Path) -> None:
        """Open the ledger, or make it.

        Raises:
            ConfigError: the file is damaged.
        """
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
        try:
            self._db.execute("pragma journal_mode=WAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ConfigError(
                f"{file} is damaged ({error}): delete it, nothing is lost by that"
            ) from error

    def close(self) -> None:
        self._db.close()

    def begin(self, link: Link) -> str:
        """Note a new job for *link*; return its name, unique among all jobs."""
        key = hashlib.sha256(link.address.encode()).hexdigest()[:16]
        with self._transaction() as db:
            row = db.execute(
                "select attempt from jobs where address=?", (link.address,)
            ).fetchone()
            attempt = (row[0] if row else 0) + 1
            job = f"{key}-{attempt}-{time.time_ns():x}"
            db.execute(
                "insert or replace into jobs values(?,?,?,'working','','',null,?)",
                (link.address, job, attempt, time.time()),
            )
        return job

    def remembered(self, link: Link) -> Link:
        """Make a link that is to be done again stay so until it is done.

        Its line tells that only until the first arrow is written.
        """
        with self._transaction() as db:
            if link.again:
                db.execute("insert or ignore into redo values(?)", (link.address,))
            row = db.execute(
                "select 1 from redo where address=?", (link.address,)
            ).fetchone()
        return replace(link, again=row is not None)

    def is_done(self, address: str) -> bool:
        """Say whether the newest job of *address* ended with a note."""
        with self._transaction() as db:
            row = db.execute(
                "select 1 from jobs where address=? and state='done'", (address,)
            ).fetchone()
        return row is not None

    def stage(self, link: Link, stage: str) -> None:
        self._set(link, "working", stage=stage)

    def waits(self, link: Link, seconds: float, why: str) -> None:
        self._set(link, "waiting", message=why, next_at=time.time() + seconds)

    def ended(self, link: Link, state: State, why: str) -> None:
        self._set(link, state, message=why)
        with self._transaction() as db:
            db.execute(
                "update jobs set state=? where address in"
                " (select address from followers where owner=?)",
                (state, link.address),
            )
            if state == "done":
                db.execute("delete from redo where address=?", (link.address,))
            db.execute("delete from claims where owner=?", (link.address,))
            db.execute("delete from followers where owner=?", (link.address,))

    def claim(self, work: Work, link: Link) -> bool:
        """Say whether *link* makes the note of *work*; if not, it follows the owner."""
        with self._transaction() as db:
            row = db.execute(
                "select owner from claims where work=? and not settled", (work.id,)
            ).fetchone()
            if row and row[0] != link.address:
                db.execute(
                    "insert or replace into followers values(?,?,?)",
                    (link.address, row[0], encode(link, Link)),
                )
                return False
            db.execute(
                "insert or replace into claims values(?,?,0)", (work.id, link.address)
            )
            return True

    def settle(self, link: Link) -> tuple[Link, ...]:
        """End the claim of *link*; return it and those that waited for it.

        Done twice, it answers the same until the job has `ended`.
        """
        with self._transaction() as db:
            db.execute("update claims set settled=1 where owner=?", (link.address,))
            rows = db.execute(
                "select link from followers where owner=? order by rowid",
                (link.address,),
            ).fetchall()
        return (link, *(decode(row[0], Link) for row in rows))

    @property
    def followers(self) -> frozenset[str]:
        with self._transaction() as db:
            return frozenset(
                row[0] for row in db.execute("select address from followers")
            )

    def keep_only(self, live: frozenset[str]) -> None:
        """Forget the claims of addresses whose job is no more."""
        with self._transaction() as db:
            for table in ("claims", "followers"):
                owners = {row[0] for row in db.execute(f"select owner from {table}")}  # noqa: S608 - one of two names
                db.executemany(
                    f"delete from {table} where owner=?",  # noqa: S608
                    [(owner,) for owner in owners - live],
                )
            rows = db.execute(
                "select address from jobs where state in ('working','waiting')"
            ).fetchall()
            db.executemany(
                "update jobs set state='cancelled' where address=?",
                [row for row in rows if row[0] not in live],
            )

    def jobs(self) -> list[Job]:
        """List the newest job of each address, the latest change first."""
        with self._transaction() as db:
            rows = db.execute(
                "select address, job, state, stage, message, next_at, updated"
                " from jobs order by updated desc"
            ).fetchall()
        return [Job(*row) for row in rows]

    def _set(
        self,
        link: Link,
        state: State,
        *,
        stage: str | None = None,
        message: str = "",
        next_at: float | None = None,
    ) -> None:
        with self._transaction() as db:
            db.execute(
                "update jobs set state=?, stage=coalesce(?, stage), message=?,"
                " next_at=?, updated=? where address=?",
                (state, stage, message, next_at, time.time(), link.address),
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, self._db:
                self._db.execute("begin immediate")
                yield self._db
        except sqlite3.OperationalError as error:
            raise TransientError(f"the state folder cannot be used: {error}") from error
