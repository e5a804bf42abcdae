import os
import threading
from pathlib import Path

import pytest

from vaultscribe.adapters.vault import look
from vaultscribe.adapters.vault.look import whole
from vaultscribe.core.errors import TransientError

TEXT = b"- [ ] https://example.org/1\n"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "Inbox.md"
    file.write_bytes(TEXT)
    return file


def test_emptied_note_is_read_when_the_save_is_over(note: Path) -> None:
    refill = threading.Timer(0.1, note.write_bytes, [TEXT])
    note.write_bytes(b"")
    refill.start()

    text = whole(note)
    refill.join()

    assert text == TEXT


def test_note_that_has_long_been_empty_is_read_at_once(
    note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "_SAVE_S", 0.1)
    note.write_bytes(b"")
    os.utime(note, (1e9, 1e9))

    assert whole(note) == b""


def test_note_that_is_written_all_the_time_is_told(
    note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "_SAVE_S", 0.1)  # to save time only

    with note.open("ab"), pytest.raises(TransientError, match=r"Inbox\.md is being"):
        whole(note)


def test_note_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        whole(tmp_path / "Inbox.md")
