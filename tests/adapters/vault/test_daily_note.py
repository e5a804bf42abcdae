"""The line in today's daily note of a real vault."""

import datetime as dt
import json
from pathlib import Path

import pytest

from vaultscribe.adapters.vault.daily import DailyNote
from vaultscribe.core.model import Note

DAY = dt.date(2026, 3, 7)
NOTE = Note("A film BV1", "Videos/A film BV1.md")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    vault = tmp_path / "vault"
    (vault / ".obsidian").mkdir(parents=True)
    return vault


def daily(vault: Path) -> DailyNote:
    return DailyNote(vault, vault.parent / "recovery")


def configure(vault: Path, **settings: object) -> None:
    file = vault / ".obsidian/daily-notes.json"
    file.write_text(json.dumps(settings), encoding="utf-8")


def test_the_line_stands_in_todays_note_once(vault: Path) -> None:
    file = vault / "2026-03-07.md"
    file.write_bytes(b"# Saturday\r\n\r\n- ran \xff 5 km")

    written = [daily(vault).add(NOTE, DAY), daily(vault).add(NOTE, DAY)]

    assert written == [True, False]
    assert file.read_bytes() == (
        b"# Saturday\r\n\r\n- ran \xff 5 km\r\n- [[A film BV1]]"
    )


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"folder": "日记", "format": "YYYY/MM/YYYY-MM-DD"}, "日记/2026/03/2026-03-07"),
        ({"folder": "/Journal/", "format": ""}, "Journal/2026-03-07"),
        ({"folder": "", "format": "YYYY-MM-DD dddd"}, "2026-03-07 星期六"),
        ({"folder": "", "format": "YYYY-MM-DD dddd"}, "2026-03-07 Saturday"),
        ({"folder": None, "format": 3, "template": "T/day"}, "2026-03-07"),
    ],
)
def test_the_note_lies_where_obsidians_settings_say(
    settings: dict[str, object], path: str, vault: Path
) -> None:
    configure(vault, **settings)
    file = vault / f"{path}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a\n", encoding="utf-8")

    assert daily(vault).add(NOTE, DAY)
    assert file.read_text(encoding="utf-8") == "a\n- [[A film BV1]]\n"


def test_a_daily_note_that_is_not_there_is_not_made(
    vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not daily(vault).add(NOTE, DAY)
    assert list(vault.glob("*.md")) == []
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (b'{"format": "YYYY-MM-DD HH"}', "is not understood: choose one of numbers"),
        (b'{"folder": "../other"}', "leads out of the vault"),
        (b'{"format": "[../../]YYYY-MM-DD"}', "leads out of the vault"),
        (b"[]", "daily-notes.json holds no settings"),
        (b"{", "no line in the daily note"),
        (b"[" * 60_000, "no line in the daily note"),
        (b"\xff\xfe", "no line in the daily note"),
    ],
)
def test_settings_that_make_no_sense_are_told_and_nothing_is_written(
    settings: bytes, words: str, vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (vault / ".obsidian/daily-notes.json").write_bytes(settings)
    (vault / "2026-03-07.md").write_text("mine")

    assert not daily(vault).add(NOTE, DAY)
    assert words in caplog.text
    assert (vault / "2026-03-07.md").read_text() == "mine"


def test_a_daily_note_that_cannot_be_edited_costs_nothing(
    vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (vault / "2026-03-07.md").write_bytes("mine".encode("utf-16"))

    assert not daily(vault).add(NOTE, DAY)
    assert "is not UTF-8 text" in caplog.text
    assert [file.name for file in vault.glob("[!.]*")] == ["2026-03-07.md"]
