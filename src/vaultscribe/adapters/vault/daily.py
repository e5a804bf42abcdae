"""The line in today's daily note: added where Obsidian has made that note."""

import datetime as dt
import json
import logging
from pathlib import Path

from vaultscribe.adapters.vault.edit import edit
from vaultscribe.core.daily import DEFAULT_FORMAT, names, with_link
from vaultscribe.core.errors import LinkError
from vaultscribe.core.model import Note

log = logging.getLogger(__name__)

MAX_SETTINGS = 64 * 1024
"""Bytes of Obsidian's settings for daily notes."""


class DailyNote:
    """The daily notes of one vault, as the core plugin's settings say.

    Args:
        vault: the vault's folder.
        recovery: outside the vault, for texts that could not be merged.
    """

    def __init__(self, vault: Path, recovery: Path) -> None:
        self._vault = vault
        self._recovery = recovery

    def add(self, note: Note, day: dt.date) -> bool:
        """Link *note* once at the end of the daily note of *day*, if there is one.

        A missing one is not made: Obsidian makes it, with the user's template. What
        goes wrong is told in the log, as the note itself is complete without.

        Returns:
            True when a line was written.
        """
        try:
            file = self._file(day)
            if file is None:
                return False
            return edit(
                file,
                lambda data: _with_link(data, note.name),
                recovery=self._recovery,
            )
        except (LinkError, OSError, ValueError, RecursionError) as error:
            log.warning("no line in the daily note: %s", error)
            return False

    def _file(self, day: dt.date) -> Path | None:
        """Find the daily note of *day*; None when Obsidian has not made it.

        Raises:
            ValueError: the settings cannot be understood.
        """
        folder, template = self._settings()
        found = names(template, day)
        if not found:
            raise ValueError(
                f"the date format {template!r} is not understood: choose one of"
                " numbers, such as YYYY-MM-DD, in Obsidian under Daily notes"
            )
        for name in found:
            file = self._vault / folder.strip("/") / f"{name.strip('/')}.md"
            if not file.resolve().is_relative_to(self._vault.resolve()):
                raise ValueError(f"{folder}/{name} leads out of the vault")
            if file.is_file():
                return file
        return None

    def _settings(self) -> tuple[str, str]:
        """Read folder and date format, both as Obsidian's user wrote them."""
        file = self._vault / ".obsidian" / "daily-notes.json"
        try:
            with file.open("rb") as handle:
                found = json.loads(handle.read(MAX_SETTINGS))
        except FileNotFoundError:
            found = {}  # never opened: the defaults
        if not isinstance(found, dict):
            raise ValueError(f"{file.name} holds no settings")  # noqa: TRY004 - of a file
        folder, template = found.get("folder"), found.get("format")
        return (
            folder if isinstance(folder, str) else "",
            template if isinstance(template, str) and template else DEFAULT_FORMAT,
        )


def _with_link(data: bytes, name: str) -> bytes:
    text = with_link(data.decode("utf-8", "surrogateescape"), name)
    return text.encode("utf-8", "surrogateescape")
