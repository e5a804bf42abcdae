"""Events shorten the wait; the scan finds everything without them."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaultscribe import watcher
from vaultscribe.watcher import Watched, follow


class Scans:
    """Counts scans; the test waits for the next one."""

    def __init__(self, waiting: int = 0) -> None:
        self.count = 0
        self.waiting = waiting
        self._more = threading.Semaphore(0)

    def __call__(self) -> int:
        self.count += 1
        self._more.release()
        return self.waiting

    def one_more(self, patience_s: float = 10.0) -> bool:
        return self._more.acquire(timeout=patience_s)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    file = tmp_path / "Inbox.md"
    file.write_text("", encoding="utf-8")
    return file


@pytest.fixture
def scans(inbox: Path) -> Iterator[Scans]:
    counted = Scans()
    stop, wake = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=follow, args=(Watched(inbox.parent, inbox), counted, stop, wake)
    )
    thread.start()
    assert counted.one_more()
    yield counted
    stop.set()
    wake.set()
    thread.join(10)


def test_a_change_wakes_the_scan(inbox: Path, scans: Scans) -> None:
    inbox.write_text("https://youtu.be/jNQXAC9IVRw", encoding="utf-8")

    assert scans.one_more()


def test_a_note_replaced_by_renaming_wakes_the_scan(inbox: Path, scans: Scans) -> None:
    draft = inbox.with_name(".draft")
    draft.write_text("https://youtu.be/jNQXAC9IVRw", encoding="utf-8")
    draft.replace(inbox)

    assert scans.one_more()


def test_without_any_event_the_change_is_found(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one thing under test is the absence of events: no system offers that.
    monkeypatch.setattr(watcher, "_CHANGES", set())
    monkeypatch.setattr(watcher, "LOOK_S", 0.05)
    counted, stop, wake = Scans(), threading.Event(), threading.Event()
    thread = threading.Thread(
        target=follow, args=(Watched(inbox.parent, inbox), counted, stop, wake)
    )
    thread.start()
    assert counted.one_more()

    inbox.write_text("https://youtu.be/jNQXAC9IVRw", encoding="utf-8")

    assert counted.one_more()
    stop.set()
    thread.join(10)


def test_a_note_that_vanishes_and_comes_back_is_followed(
    inbox: Path, scans: Scans
) -> None:
    inbox.unlink()
    assert scans.one_more()

    inbox.write_text("https://youtu.be/jNQXAC9IVRw", encoding="utf-8")

    assert scans.one_more()


def test_reading_the_note_does_not_wake_the_scan(inbox: Path, scans: Scans) -> None:
    inbox.read_text(encoding="utf-8")

    assert not scans.one_more(patience_s=1.5)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_what_a_link_leads_to_is_not_watched(inbox: Path) -> None:
    (inbox.parent / "mine").mkdir()
    (inbox.parent / "everything").symlink_to("/")

    found = list(watcher._folders(Watched(inbox.parent, inbox)))

    assert found == [(inbox.parent, False), (inbox.parent / "mine", True)]


def test_folders_below_that_of_the_inbox_are_watched_too(tmp_path: Path) -> None:
    inbox = tmp_path / "Notes" / "Inbox.md"
    inbox.parent.mkdir()

    found = list(watcher._folders(Watched(tmp_path, inbox)))

    assert (inbox.parent, True) in found
