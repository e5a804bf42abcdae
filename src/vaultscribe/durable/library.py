"""DBOS as it is set up here; each setting was measured.

A pinned version (DBOS's own hash of the code strands jobs at every upgrade), an
executor id of our own and a lock (two processes under one id run each other's jobs),
JSON and no pickle (a pickled row is code), WAL, mode 0600.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from vaultscribe.core.errors import ConfigError

VERSION = "journey-1"
"""Of the recorded steps; a step is inserted or renamed only with `DBOS.patch`."""

APP = "vaultscribe"


def prepare(file: Path) -> str:
    """Create the database with mode 0600 and WAL; return its URL.

    Raises:
        ConfigError: the file is damaged.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    file.chmod(0o600)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        try:
            connection.execute("pragma journal_mode=WAL")
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"{file} is damaged ({error}): delete it, nothing is lost by that"
            ) from error
    url = f"sqlite:///{file}"
    dbos().DBOS.migrate(url)
    return url


def unfinished(url: str) -> Iterator[tuple[str, str]]:
    """List the jobs that are not over: their names, and what they were given."""
    client = dbos().DBOSClient(
        system_database_url=url,
        serializer=dbos().DBOSPortableJSONSerializer(),
        application_name=APP,
    )
    for job in client.list_workflows(
        status=["PENDING", "ENQUEUED"], app_version=VERSION, load_output=False
    ):
        arguments = (job.input or {}).get("args") or ["{}"]
        yield job.workflow_id, arguments[0]
    client.destroy()


def is_any_pending(jobs: Iterable[str]) -> bool:
    """Say whether one of *jobs* is not recorded as over yet."""
    names = list(jobs)
    pending = dbos().DBOS.list_workflows(
        workflow_ids=names, status="PENDING", load_input=False, load_output=False
    )
    return bool(names and pending)


def launch(url: str) -> None:
    """Start DBOS; jobs that are not over go on."""
    library = dbos()
    library.DBOS(
        config={
            "name": APP,
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": f"{APP}-watch",
            "serializer": library.DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
        }
    )
    library.DBOS.launch()


def dbos() -> Any:
    """Import DBOS (half a second) when it is first needed, without pickle."""
    import dbos
    from dbos._serialization import DefaultSerializer

    # A row marked `py_pickle` is unpickled even where JSON is configured, so that
    # write access to the file would be a shell. Remove when DBOS can switch it off.
    _mend_old_sqlite()
    DefaultSerializer.deserialize = _refuse_pickle  # type: ignore[method-assign, assignment]
    return dbos


@cache
def _mend_old_sqlite() -> None:
    """Teach an old SQLite the clock that DBOS reads.

    On Python 3.12 and later DBOS 3.4 takes it that SQLite knows
    `unixepoch('subsec')`; before 3.42 (Debian 12 has 3.40) that is NULL, and no
    database can be made. Remove when DBOS looks at SQLite's version instead.
    """
    if sqlite3.sqlite_version_info >= (3, 42):
        return
    import sqlalchemy

    def unixepoch(*_: object) -> float:
        return round(time.time(), 3)  # noqa: TID251 - it is the database's clock

    @sqlalchemy.event.listens_for(sqlalchemy.engine.Engine, "connect")
    def add_clock(connection: sqlite3.Connection, _: object) -> None:
        connection.create_function("unixepoch", -1, unixepoch)


def _refuse_pickle(*_: object) -> Any:
    raise ValueError("a pickled row in the job database: refused")
