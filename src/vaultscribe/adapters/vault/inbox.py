"""The inbox note: read whole, edited by single lines, never rewritten."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from vaultscribe.adapters.vault.edit import edit
from vaultscribe.adapters.vault.files import publish
from vaultscribe.adapters.vault.look import check_text, whole
from vaultscribe.core import inbox
from vaultscribe.core.errors import NeedsUser, TransientError
from vaultscribe.core.model import Link, Note
from vaultscribe.core.tags import unique

TEMPLATE = """\
Drop links here, one on a line: videos, podcasts, recordings.

"""


class InboxNote:
    """The inbox of one vault.

    Args:
        file: the note.
        recovery: a folder outside the vault for texts that could not be merged.
    """

    def __init__(self, file: Path, recovery: Path) -> None:
        self.file = file
        self._recovery = recovery

    def read(self) -> str:
        """Read the note; bytes that are not UTF-8 come as lone surrogates.

        Raises:
            TransientError: it is not there or cannot be read now.
            NeedsUser: it is nothing that we can edit.
        """
        try:
            data = whole(self.file)
        except OSError as error:
            raise TransientError(
                f"cannot read the inbox {self.file.name}: {error.strerror}"
            ) from error
        check_text(self.file.name, data)
        if not os.access(self.file, os.W_OK):
            raise NeedsUser(
                f"the inbox {self.file.name} is write-protected: nothing can be ticked"
            )
        return _text(data)

    def age_s(self) -> float:
        """Say how long ago the note changed, in seconds; 0 when it is gone."""
        try:
            return time.time() - self.file.stat().st_mtime
        except OSError:
            return 0.0

    def create(self) -> bool:
        """Write an empty inbox where there is none; False where there is one."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        return publish(self.file, TEMPLATE.encode())

    def start(self, link: Link) -> bool:
        """Mark the lines of *link* ⏳; False when none asks for it any more."""
        found = False

        def change(text: str) -> str:
            nonlocal found
            found = bool(_open(text, link))
            return inbox.mark(text, link.address, inbox.WORKING)

        self._edit(change)
        return found

    def tick(self, link: Link, note: Note) -> tuple[str, ...]:
        """Tick its lines; return its tags and those that stand there by now."""
        arrow = inbox.done(note.name)
        tags: tuple[str, ...] = ()

        def change(text: str) -> str:
            nonlocal tags
            theirs = [tag for each in _open(text, link) for tag in each.tags]
            tags = unique((*link.tags, *theirs))
            return inbox.mark(text, link.address, arrow)

        self._edit(change)
        return tags

    def report(self, link: Link, message: str) -> None:
        arrow = inbox.failed(message)
        self._edit(lambda text: inbox.mark(text, link.address, arrow))

    def append(self, addresses: tuple[str, ...]) -> None:
        """Add a line for each address at the end."""
        self._edit(lambda text: inbox.append(text, addresses))

    def _edit(self, change: Callable[[str], str]) -> None:
        edit(
            self.file,
            lambda data: change(_text(data)).encode("utf-8", "surrogateescape"),
            recovery=self._recovery,
        )


def _open(text: str, link: Link) -> list[Link]:
    """List what asks for the address of *link*, line by line."""
    return [
        each
        for request in inbox.requests(text, link.address)
        for each in request.open()
        if each.address == link.address
    ]


def _text(data: bytes) -> str:
    """Decode so that encoding gives every byte back, whatever it was."""
    return data.decode("utf-8", "surrogateescape")
