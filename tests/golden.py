"""Whole notes, compared with files; `pytest --update-notes` writes them anew."""

from pathlib import Path

import pytest


def compare(text: str, file: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-notes"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
