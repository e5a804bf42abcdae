"""What stands in the vault's notes: ids, tags, names. Scanned, and read only if new."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from vaultscribe.core.properties import MAX_BYTES, read


@dataclass(frozen=True, slots=True)
class Entry:
    """One note.

    Args:
        path: relative to the vault, with `/`.
        id: of the work, when the note is one of ours; else empty.
        tags: of its frontmatter.
        timestamp: of the first note, `2025-11-24T07:45:14`; empty in other notes.
    """

    path: str
    id: str
    tags: tuple[str, ...]
    timestamp: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".md")


class Index:
    """The notes of one vault, brought up to date by each `scan`."""

    def __init__(self, vault: Path) -> None:
        self._vault = vault
        self._seen: dict[str, tuple[tuple[int, int], Entry]] = {}

    def scan(self) -> list[Entry]:
        """List all notes; only those that changed since the last scan are read."""
        seen = {}
        for file in _notes(self._vault):
            path = Path(file.path).relative_to(self._vault).as_posix()
            try:
                status = file.stat()
            except FileNotFoundError:
                continue  # deleted or renamed since its folder was listed
            stamp = (status.st_mtime_ns, status.st_size)
            old = self._seen.get(path)
            seen[path] = old if old and old[0] == stamp else (stamp, _entry(file, path))
        self._seen = seen
        return [entry for _, entry in seen.values()]


def _notes(vault: Path) -> list["os.DirEntry[str]"]:
    """List the notes below *vault*; a folder that cannot be read is passed over."""
    found, folders = [], []
    entries = _entries(vault)
    while True:
        for each in entries:
            if each.is_dir(follow_symlinks=False):
                folders.append(each.path)
            elif each.name.endswith(".md") and each.is_file():
                found.append(each)
        if not folders:
            return found
        try:
            entries = _entries(folders.pop())
        except OSError:
            entries = []


def _entries(folder: Path | str) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as entries:
        return [each for each in entries if not each.name.startswith(".")]


def _entry(file: "os.DirEntry[str]", path: str) -> Entry:
    try:
        with Path(file.path).open("rb") as handle:
            head = handle.read(MAX_BYTES).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        head = b""
    text = head.decode("utf-8", "replace") if head.startswith(b"---") else ""
    properties = read(text) or dict(_BROKEN.findall(text))
    tags = properties.get("tags") or []
    listed = tags if isinstance(tags, list) else [tags]
    identity = properties.get("id")
    ours = isinstance(identity, str) and not _OURS.isdisjoint(properties)
    return Entry(
        path,
        str(identity) if ours else "",
        tuple(str(tag).removeprefix("#") for tag in listed if tag is not None),
        str(properties.get("timestamp") or "") if ours else "",
    )


_OURS = {"timestamp", "transcript"}
"""A note with an id and one of these is taken for ours."""

_BROKEN = re.compile(
    r"""^(id|timestamp|transcript): ["']?(.+?)["']?\r?$""", re.MULTILINE
)
"""What must be known of a note whose properties the user has broken, or it would be
made a second time."""
