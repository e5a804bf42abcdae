"""The engine on the real DBOS and SQLite: once, later, after a crash, never pickled."""

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fakes import (
    LINK,
    TRANSCRIPT,
    WORK,
    FakeInbox,
    FakeJournal,
    FakeLlm,
    FakeMedia,
    FakeWorld,
)
from vaultscribe.core.errors import NeedsUser, TransientError
from vaultscribe.core.model import Link, Segment, Transcript
from vaultscribe.durable import Engine, Pace

SOON = Pace(patience_s=(0.1, 0.1), llm_patience_s=(0.1,))
LATER = Pace(patience_s=(600.0,), llm_patience_s=(600.0,))


@contextmanager
def engine(
    folder: Path, world: FakeWorld, journal: FakeJournal, pace: Pace = SOON
) -> Iterator[Engine]:
    made = Engine(folder, world.world, journal, pace)
    made.open()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld(inbox=FakeInbox(lines={LINK.address: ""}))


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


def test_a_link_is_walked_to_its_end(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

        assert running.live == frozenset()

    assert world.inbox.lines[LINK.address] == "[[Me at the zoo]]"
    assert journal.endings == [(LINK.address, "done", "")]


def test_what_has_ended_is_recorded_before_the_engine_is_closed(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    assert _column(tmp_path, "select status from workflow_status") == ["SUCCESS"]


def test_a_link_is_on_the_disk_before_anything_is_done_with_it(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    rows: list[str] = []

    class Looking(FakeInbox):
        def start(self, link: Link) -> bool:
            rows.extend(_column(tmp_path, "select workflow_uuid from workflow_status"))
            return False

    world.inbox = Looking()

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    assert rows == ["job-1"]


def test_a_temporary_failure_is_tried_again(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    world.media.errors["describe"] = [TransientError("the site is slow")]

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    [(pause_s, why)] = journal.waited
    assert why == "the site is slow"
    assert 0.1 / 2 < pause_s <= 0.1
    assert journal.endings == [(LINK.address, "done", "")]
    assert world.media.calls.count("identify") == 1


def test_a_server_that_names_a_time_is_not_asked_before(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    world.media.errors["describe"] = [TransientError("too many requests", 0.5)]

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    [(pause_s, why)] = journal.waited
    assert why == "too many requests"
    assert 0.5 / 2 < pause_s <= 0.5


def test_patience_has_an_end_and_the_inbox_hears_of_it(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    world.media.errors["describe"] = [TransientError("the site is down")] * 3

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    assert (
        world.inbox.lines[LINK.address] == "❌ gave up after 3 tries: the site is down"
    )


def test_an_llm_that_stays_away_costs_the_summary_only(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    world.llm.errors["summarise"] = [TransientError("no answer")] * 2

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    assert world.vault.notes[WORK.id].summary.reason == "no answer"
    assert journal.endings == [(LINK.address, "done", "no answer")]


def test_a_full_disk_is_a_passing_trouble(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    full = OSError(28, "No space left on device")
    world.vault.errors["put"] = [full]  # type: ignore[list-item]

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    [(pause_s, why)] = journal.waited
    assert why == "No space left on device (put)"
    assert 0.05 < pause_s <= 0.1
    assert journal.endings == [(LINK.address, "done", "")]


def test_what_needs_the_user_is_told_at_once(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    world.media.errors["describe"] = [NeedsUser("private video")]

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    assert world.inbox.lines[LINK.address] == "❌ private video"
    assert journal.endings == [(LINK.address, "failed", "private video")]


def test_a_bug_is_told_in_the_inbox_and_does_not_stop_the_engine(
    tmp_path: Path,
    world: FakeWorld,
    journal: FakeJournal,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world.media.errors["describe"] = [ZeroDivisionError("oops")]  # type: ignore[list-item]

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    told = "a bug in vaultscribe: ZeroDivisionError: oops"
    assert world.inbox.lines[LINK.address] == f"❌ {told}"
    assert journal.endings == [(LINK.address, None, told)]
    assert "ZeroDivisionError" in caplog.text


def test_a_job_that_waits_goes_on_after_a_restart_without_repeating_a_step(
    tmp_path: Path, world: FakeWorld
) -> None:
    world.media.errors["captions"] = [TransientError("busy")]
    before, after = FakeJournal(), FakeJournal()

    with engine(tmp_path, world, before, Pace((1.5,), ())) as running:
        running.start(LINK, "job-1")
        before.waiting.wait(20)

        assert running.busy == frozenset()
    with engine(tmp_path, world, after, Pace((1.5,), ())) as running:
        assert running.live == frozenset({LINK.address})
        after.over.wait(30)

    assert before.endings == []
    assert after.endings == [(LINK.address, "done", "")]
    assert world.media.calls == ["identify", "describe", "captions", "captions"]


def test_a_server_configured_between_two_starts_does_not_confuse_a_job(
    tmp_path: Path, world: FakeWorld
) -> None:
    world.llm = FakeLlm(summary=None)
    world.vault.errors["put"] = [TransientError("busy")]
    before, after = FakeJournal(), FakeJournal()
    with engine(tmp_path, world, before, Pace((1.0,), ())) as running:
        running.start(LINK, "job-1")
        before.waiting.wait(20)

    world.llm = FakeLlm()
    with engine(tmp_path, world, after, Pace((1.0,), ())):
        after.over.wait(30)

    assert after.endings == [(LINK.address, "done", "")]
    assert world.vault.notes[WORK.id].summary.author == "excerpts"


def test_a_large_result_lies_in_a_file_and_not_in_the_database(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    words = "many words " * 5000
    world.media = FakeMedia(
        transcript=Transcript("captions", "en", (Segment(0, 9, words),))
    )

    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    results = _column(tmp_path, "select output from operation_outputs")
    assert max(len(result or "") for result in results) < 8000
    assert world.vault.notes[WORK.id].transcript.segments[0].text == words


def test_the_work_folder_of_a_job_that_is_over_is_removed(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    long = Segment(0, 9, TRANSCRIPT.segments[0].text * 1000)
    world.media = FakeMedia(transcript=Transcript("captions", "en", (long,)))
    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)
    [young] = (tmp_path / "work").iterdir()
    os.utime(young, (0, 0))

    with engine(tmp_path, world, FakeJournal()):
        left = list((tmp_path / "work").iterdir())

    assert left == []


def test_the_database_is_for_the_user_alone_and_in_wal_mode(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    with engine(tmp_path, world, journal):
        mode = stat.S_IMODE((tmp_path / "jobs.sqlite").stat().st_mode)

    assert mode == 0o600
    assert _column(tmp_path, "pragma journal_mode") == ["wal"]


def test_nothing_in_the_database_is_pickled(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    with engine(tmp_path, world, journal) as running:
        running.start(LINK, "job-1")
        journal.over.wait(20)

    inputs = _column(tmp_path, "select inputs from workflow_status")
    outputs = _column(tmp_path, "select output from operation_outputs")
    kinds = _column(tmp_path, "select distinct serialization from workflow_status")
    assert [json.loads(value) for value in (*inputs, *outputs) if value]
    assert "py_pickle" not in kinds


def test_a_planted_pickle_is_refused(
    tmp_path: Path, world: FakeWorld, journal: FakeJournal
) -> None:
    with engine(tmp_path, world, journal):
        from dbos._serialization import DefaultSerializer

        with pytest.raises(ValueError, match="refused"):
            DefaultSerializer().deserialize("gASVBAAAAAAAAABLAS4=")


def _column(folder: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(folder / "jobs.sqlite")) as database:
        return [row[0] for row in database.execute(query)]
