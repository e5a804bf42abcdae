"""Where things lie in a vault, and what its owner told Obsidian to leave aside."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaultscribe.core.vocabulary import Vocabulary, parse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one vault; *notes*, *vocabulary* and *inbox* are relative to it.

    Args:
        vault: its folder; it is never created.
        notes: the folder for new notes.
        recovery: outside the vault, for texts that could not be merged.
        index: the file of the index, outside the vault; None: in memory.
        vocabulary: the note in which the user merges and bans tags.
        inbox: the inbox note.
    """

    vault: Path
    notes: str
    recovery: Path
    index: Path | None = None
    vocabulary: str = "Tag vocabulary.md"
    inbox: str = "Inbox.md"

    @property
    def folder(self) -> Path:
        return self.vault / self.notes

    @property
    def covers(self) -> Path:
        return self.folder / "covers"

    def words(self) -> tuple[Vocabulary, tuple[str, ...]]:
        """Read the user's note on tags; and a sentence about each line not understood.

        Without the note there are no rules.
        """
        try:
            data = (self.vault / self.vocabulary).read_bytes()
        except OSError:
            data = b""
        return parse(data.decode("utf-8", "replace"))

    def aside(self) -> Callable[[str], bool]:
        """Return what says of a note's path that nothing is to be linked to it.

        That is the inbox, the vocabulary, and what the user excluded in Obsidian's
        settings ("Excluded files": folders, or expressions between slashes).
        """
        folders, rules = [], []
        for each in self._excluded():
            if len(each) > 1 and each.startswith("/") and each.endswith("/"):
                rules.append(each[1:-1])
            else:
                folders.append(each)
        ours = {self.inbox, self.vocabulary}
        patterns = _patterns(rules) if rules else []
        return lambda path: (
            path in ours
            or path.startswith(tuple(folders))
            or any(pattern.search(path) for pattern in patterns)
        )

    def _excluded(self) -> list[str]:
        try:
            settings = json.loads((self.vault / ".obsidian" / "app.json").read_bytes())
            found = settings["userIgnoreFilters"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return []
        rules = found if isinstance(found, list) else []
        return [each for each in rules if isinstance(each, str) and each]


def _patterns(rules: list[str]) -> list[Any]:
    """Compile what JavaScript would; an expression that RE2 cannot read is left.

    They come with the vault, perhaps from others. Python's own engine may search one
    short path for years, and nothing stops it; RE2 is done in linear time.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    good = []
    for rule in rules:
        try:
            good.append(re2.compile(rule, options))
        except (re2.error, UnicodeError):
            log.info("Obsidian's excluded files: cannot read /%s/", rule)
    return good
