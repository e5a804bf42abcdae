"""Topic notes in the vault: which tags lack one, and one written for a tag."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.store import Entry
from vaultscribe.core import topics
from vaultscribe.core.errors import ConfigError
from vaultscribe.core.tags import tag


class TopicNotes:
    """The topic notes of one vault.

    Args:
        folder: for new ones, absolute.
        scan: lists the notes of the vault.
        render: makes the text of a tag's note.
    """

    def __init__(
        self,
        folder: Path,
        scan: Callable[[], Iterable[Entry]],
        render: Callable[[str], str],
    ) -> None:
        self._folder = folder
        self._scan = scan
        self._render = render

    def wanting(self) -> list[tuple[str, int]]:
        """List the tags that deserve a note and have none, with how many carry them."""
        notes = self._notes()
        tags = topics.tally(note.tags for note in notes)
        return topics.wanting(tags, {note.name for note in notes})

    def write(self, names: Iterable[str]) -> Iterator[tuple[Path, bool]]:
        """Write a note for each tag, never over another; yield it and if it is new.

        Raises:
            ConfigError: no note carries one of them; then nothing is written.
        """
        known = topics.tally(note.tags for note in self._notes())
        spelling = {each.casefold(): each for each in known}
        wanted = {name: spelling.get(tag(name).casefold()) for name in names}
        for name, found in wanted.items():
            if found is None:
                raise ConfigError(f"no note carries the tag #{name.lstrip('#')}")
        self._folder.mkdir(parents=True, exist_ok=True)
        for each in filter(None, wanted.values()):
            file = self._folder / f"{topics.note_name(each)}.md"
            yield file, files.publish(file, self._render(each).encode())

    def _notes(self) -> Sequence[Entry]:
        """List the notes in an order that stays: the first spelling of a tag counts."""
        return sorted(self._scan(), key=lambda note: note.path)


def all_notes(
    vault: Path, reading: Callable[[int], object] = lambda _: None
) -> list[Entry]:
    """List the notes of *vault*, read anew: the cache belongs to whoever watches.

    Args:
        vault: its folder.
        reading: is told of how many notes it is, before reading takes a while.
    """
    with closing(Index(vault, reading=reading)) as index:
        index.refresh()
        return index.store.all()
