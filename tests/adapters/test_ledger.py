"""Claims and followers, kept in a file."""

import stat
from pathlib import Path

import pytest

from vaultscribe.adapters.ledger import Ledger
from vaultscribe.core.model import Link, Work

WORK = Work("bilibili:1_part1", "https://www.bilibili.com/video/BV1xx411c7mD")
FIRST = Link("https://b23.tv/first")
SECOND = Link("https://b23.tv/second", tags=("later",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "links.sqlite"


def test_the_first_link_to_a_work_makes_its_note(file: Path) -> None:
    ledger = Ledger(file)

    answers = [ledger.claim(WORK, FIRST), ledger.claim(WORK, SECOND)]

    assert answers == [True, False]
    assert ledger.followers == {SECOND.address}
    ledger.close()


def test_settling_hands_over_the_links_that_waited(file: Path) -> None:
    ledger = Ledger(file)
    ledger.claim(WORK, FIRST)
    ledger.claim(WORK, SECOND)

    settled = ledger.settle(FIRST)

    assert settled == (FIRST, SECOND)
    assert ledger.settle(FIRST) == settled
    ledger.close()


def test_after_settling_the_next_link_may_claim(file: Path) -> None:
    ledger = Ledger(file)
    ledger.claim(WORK, FIRST)
    ledger.settle(FIRST)

    answer = ledger.claim(WORK, SECOND)

    assert answer
    ledger.close()


def test_a_claim_outlives_its_process(file: Path) -> None:
    before = Ledger(file)
    before.claim(WORK, FIRST)
    before.close()

    after = Ledger(file)
    answers = [after.claim(WORK, SECOND), after.claim(WORK, FIRST)]

    assert answers == [False, True]
    after.close()


def test_a_claim_without_a_job_is_forgotten_at_the_start(file: Path) -> None:
    ledger = Ledger(file)
    ledger.begin(FIRST)
    ledger.claim(WORK, FIRST)
    ledger.claim(WORK, SECOND)

    ledger.keep_only(frozenset())

    assert ledger.claim(WORK, SECOND)
    assert ledger.followers == frozenset()
    assert [job.state for job in ledger.jobs()] == ["cancelled"]
    ledger.close()


def test_two_jobs_of_one_link_have_two_names(file: Path) -> None:
    ledger = Ledger(file)

    names = {ledger.begin(FIRST), ledger.begin(FIRST)}

    assert len(names) == 2
    ledger.close()


def test_jobs_tell_what_they_wait_for(file: Path) -> None:
    ledger = Ledger(file)
    ledger.begin(FIRST)
    ledger.stage(FIRST, "describe")

    ledger.waits(FIRST, 60.0, "the site is down")

    [job] = ledger.jobs()
    assert (job.state, job.stage, job.message) == (
        "waiting",
        "describe",
        "the site is down",
    )
    assert job.next_at
    assert job.next_at == pytest.approx(job.updated + 60, abs=1)
    ledger.close()


def test_the_ledger_is_for_the_user_alone(file: Path) -> None:
    Ledger(file).close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
