"""What stands in the vault's notes, the user's own among them, and kept in step.

The files are the truth. `Index.refresh` looks at what may have changed since it last
did: cheaply (the times of the folders, and what the system reported), and every now
and then at every file, so that all this looking takes some two percent of the time.
"""

import errno
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from vaultscribe.adapters.vault.gather import MANY as MANY_TO_READ
from vaultscribe.adapters.vault.gather import Found, read_all
from vaultscribe.adapters.vault.store import Entry, Row, Stamp, Store
from vaultscribe.core.errors import TransientError
from vaultscribe.core.names import name_key
from vaultscribe.core.related import Facts, keys, weigh

COMMON = 100
"""Notes that are looked at for what they share of one thing. When more share it, it is
common and says little, and the latest of them are enough."""

NEAR = 32
"""Notes of which it is seen whether they may be linked to, the nearest first."""

MANY = 1000
"""Notes up to which it is counted how common a thing is."""

_ALWAYS_S = 0.01
"""A look at every file that is no longer than this is taken each time,"""
_PART = 50
"""and a longer one when so many times its length have passed since the last. The same
goes for a glance at the folders' times, which shows what came, went or was renamed."""
_GLANCE_S = 0.001

_YOUNG_NS = 100_000_000
"""A folder so young may yet change without its time of change telling."""

_MOST_NS = 2**63
"""What SQLite can hold; a broken clock may show the year 2500."""

_STRAY_BYTE = re.compile("[\ud800-\udfff]")
"""How Python shows a byte of a name that is no UTF-8."""


class Index:
    """The notes of one vault. One thread at a time, but for `touch`.

    Args:
        vault: its folder.
        file: for the cache, outside the vault; None keeps it in memory.
        reading: is told of how many notes it is, before reading takes a while.
    """

    def __init__(
        self,
        vault: Path,
        file: Path | None = None,
        reading: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.reading = reading
        self._vault = vault
        self._file = file
        self._is_leaving = False
        self.store = Store(file)
        self._folders = self.store.folders()
        self._touched = set[str]()
        self._looked_at_s = float("-inf")
        self._look_s = 0.0
        self._glance_at_s = 0.0
        self._tags: Counter[str] | None = None
        self._total: int | None = None

    def close(self) -> None:
        self.store.close()

    def leave(self) -> None:
        """Let whoever reads the vault give up soon; from any thread, before `close`."""
        self._is_leaving = True

    def touch(self, path: Path) -> None:
        """Take note that a file may have changed; from any thread."""
        is_note = path.suffix == ".md" and _is_visible(path.name)
        if is_note and path.is_relative_to(self._vault):
            self._touched.add(path.relative_to(self._vault).as_posix())

    def refresh(self) -> None:
        """Bring the index up to date, at a cost that fits the size of the vault.

        Raises:
            TransientError: the vault is not there; a disk that is not mounted must
                not look like a vault from which all was deleted.
        """
        try:
            self._refresh()
        except TransientError:
            if not self.store.is_damaged:
                raise
            self.store.close()
            self.store = Store(self._file)
            self._recall()
            self.look_at_all()

    def look_at_all(self) -> None:
        """Look at each file, and read those that are new or have changed."""
        began_s = time.monotonic()
        self._touched.clear()
        with self._changing(), self.store.filling():
            seen = self._walk([""], deep=True)
            for folder in [each for each in self._folders if each not in seen]:
                self._forget(folder)
        self._looked_at_s = time.monotonic()
        self._look_s = self._looked_at_s - began_s

    @contextmanager
    def writing(self, folder: Path) -> Iterator[None]:
        """Expect a change of *folder* by us, after which it need not be listed."""
        name = folder.relative_to(self._vault).as_posix().removeprefix(".")
        is_known = _mtime(folder) == self._folders.get(name, 0)
        yield
        if is_known:
            with self._transaction():
                self._set_folder(name, _mtime(folder))

    def of(self, identity: str) -> Entry | None:
        """Find the note of a work, wherever the user has moved it."""
        known = self.store.of(identity)
        if known and not self._standing(known):  # moved or deleted since it was seen
            self.look_at_all()
            known = self.store.of(identity)
        return self._standing(known)

    def is_copy(self, entry: Entry) -> bool:
        """Say whether another note is the note of its work."""
        return bool(entry.id) and self.store.of(entry.id)[0].path != entry.path

    def at(self, path: str) -> Entry | None:
        """Read the note at *path* if it has changed, and return it."""
        folder, _, name = path.rpartition("/")
        if folder in self._folders:
            with self._changing():
                self._look_at_one(folder, name)
        else:
            self.refresh()
        return self.store.at(path)

    def tags(self) -> Mapping[str, int]:
        """Map each tag, in its first spelling, to the number of notes that carry it."""
        if self._tags is None:
            self._tags = Counter(self.store.tags())
        spelling = self.store.spelling
        return {spelling(key): count for key, count in self._tags.items() if count}

    def total(self) -> int:
        """Count the notes of the vault."""
        if self._total is None:
            self._total = self.store.count()
        return self._total

    def named(self, name: str) -> list[Entry]:
        """List the notes whose file has this name, whatever its case."""
        return self.store.having(f"f:{name_key(name)}", COMMON)

    def target(self, entry: Entry) -> str:
        """Write what leads to a note between `[[` and `]]`: its name if it is alone."""
        key = f"f:{name_key(entry.name)}"
        alone = self.store.count(key, 2) < 2  # noqa: PLR2004 - it and another
        return entry.name if alone else entry.path.removesuffix(".md")

    def page(self, name: str) -> str:
        """Find the link target of the user's page of that name or alias, or empty."""
        key = name_key(name)
        for kind in "fa":
            found = self.store.having(f"{kind}:{key}", COMMON)
            pages = [each for each in found if not each.id]
            if len(pages) == 1:
                return self.target(pages[0])
        return ""

    def uses(self, facts: Facts) -> dict[str, int]:
        """Count for each key of *facts* the notes that share it."""
        return {key: self.store.count(key, MANY) for key in keys(facts)}

    def sharing(self, facts: Facts) -> list[Entry]:
        """List the notes that share most with *facts*, nearest first."""
        scores = Counter[int]()
        for key, uses in self.uses(facts).items():
            weight = weigh(key, uses, self.total())
            for number in self.store.numbers(key, COMMON):
                scores[number] += weight  # type: ignore[assignment]
        return self.store.entries([n for n, _ in scores.most_common(NEAR)])

    def _refresh(self) -> None:
        age_s = time.monotonic() - self._looked_at_s
        if self._look_s < _ALWAYS_S or age_s > _PART * self._look_s:
            self.look_at_all()
            return
        with self._changing():
            while self._touched:
                folder, _, name = self._touched.pop().rpartition("/")
                if folder in self._folders:
                    self._look_at_one(folder, name)
            self._walk(self._changed_folders(), deep=False)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the tables, or nothing at all if the vault goes away meanwhile."""
        self._must_be_there()
        with self._transaction():
            yield
            self._must_be_there()

    def _must_be_there(self) -> None:
        name = self._vault.name
        try:
            with os.scandir(self._vault) as entries:
                is_empty = next(entries, None) is None
        except OSError as error:
            raise TransientError(
                f"the vault {name} cannot be read: {error.strerror}"
            ) from error
        if is_empty:
            raise TransientError(f"the vault {name} is empty: is its disk mounted?")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Keep what is remembered here in step with the tables, also when they fail."""
        try:
            with self.store.transaction():
                yield
        except BaseException:
            with suppress(TransientError):
                self._recall()
            raise

    def _recall(self) -> None:
        self._folders = self.store.folders()
        self._tags = self._total = None
        self._looked_at_s = float("-inf")

    def _standing(self, known: list[Entry]) -> Entry | None:
        now = ((entry.id, self.at(entry.path)) for entry in known)
        return next((each for name, each in now if each and each.id == name), None)

    def _changed_folders(self) -> list[str]:
        """List the folders in which something came, went or was renamed."""
        began_s = time.monotonic()
        if began_s < self._glance_at_s:
            return []
        vault = str(self._vault)
        changed = [
            folder
            for folder, mtime in self._folders.items()
            if _mtime(f"{vault}/{folder}") != mtime
        ]
        took_s = time.monotonic() - began_s
        self._glance_at_s = began_s + (_PART * took_s if took_s > _GLANCE_S else 0.0)
        return changed

    def _walk(self, folders: list[str], *, deep: bool) -> set[str]:
        """List *folders* and those below: all when *deep*, else those that are new."""
        seen: set[str] = set()
        found: dict[Found, bool] = {}
        while folders:
            self._go_on()
            folder = folders.pop()
            seen.add(folder)
            try:
                below = self._look_at(folder, found)
            except FileNotFoundError:
                self._forget(folder)
            except OSError:  # nobody may read it now: what was known of it stays
                seen |= {each for each in self._folders if _is_below(each, folder)}
            else:
                folders += [each for each in below if deep or each not in self._folders]
        self._keep(found)
        return seen

    def _look_at(self, folder: str, found: dict[Found, bool]) -> list[str]:
        """Look at the notes of a folder.

        Args:
            folder: relative to the vault.
            found: those that are to be read are added, and if they are known already.

        Returns:
            The folders in it.
        """
        mtime = _mtime(self._vault / folder)
        is_young = time.time_ns() - mtime < _YOUNG_NS
        known = self.store.stamps(folder)
        below = []
        for each in _visible(self._vault / folder):
            name = each.name
            if name.endswith(".md") and (stamp := _stamp(each.stat, known.get(name))):
                old = known.pop(name, None)
                if old != stamp:
                    found[folder, name, stamp] = old is not None
            elif each.is_dir(follow_symlinks=False):
                below.append(f"{folder}/{name}".lstrip("/"))
        for name in known:
            self._drop(folder, name)
        self._set_folder(folder, 0 if is_young else mtime)
        return below

    def _look_at_one(self, folder: str, name: str) -> None:
        old = self.store.stamp(folder, name)
        stamp = _stamp((self._vault / folder / name).stat, old)
        if stamp is None:
            self._drop(folder, name)
        elif stamp != old:
            self._keep({(folder, name, stamp): old is not None})

    def _keep(self, found: Mapping[Found, bool]) -> None:
        """Read notes; of one that nobody may read now, what was known of it stays."""
        if len(found) >= MANY_TO_READ:
            self.reading(len(found))
        with closing(read_all(str(self._vault), list(found))) as batches:
            for rows in batches:
                self._go_on()
                for each in rows:
                    if found[each.folder, each.name, each.stamp]:
                        self._drop(each.folder, each.name)
                self._write(rows)

    def _write(self, rows: Sequence[Row]) -> None:
        self.store.write(rows)
        if self._total is not None:
            self._total += len(rows)
        if self._tags is not None:
            self._tags.update(key for each in rows for key in each.tags)

    def _go_on(self) -> None:
        if self._is_leaving:
            raise TransientError("vaultscribe was stopped while it read the vault")

    def _drop(self, folder: str, name: str) -> None:
        before = self.store.drop(folder, name)
        if before and self._total is not None:
            self._total -= 1
        if before and self._tags is not None:
            self._tags.subtract(key for key in keys(before.facts) if key[0] == "t")

    def _forget(self, folder: str) -> None:
        for name in self.store.stamps(folder):
            self._drop(folder, name)
        self.store.forget_folder(folder)
        self._folders.pop(folder, None)

    def _set_folder(self, folder: str, mtime: int) -> None:
        if self._folders.get(folder) != mtime:
            self._folders[folder] = mtime
            self.store.set_folder(folder, mtime)


def _visible(folder: Path) -> list["os.DirEntry[str]"]:
    """List what Obsidian shows: nothing hidden, and no names that are not UTF-8."""
    with os.scandir(folder) as entries:
        return [
            each
            for each in entries
            if (name := each.name)[0] != "." and (name.isascii() or _is_visible(name))
        ]


def _is_visible(name: str) -> bool:
    """Say whether Obsidian shows a file: no dot-file, nor a name that is no text."""
    return name[0] != "." and (name.isascii() or _STRAY_BYTE.search(name) is None)


def _stamp(stat_: Callable[[], os.stat_result], known: Stamp | None) -> Stamp | None:
    """Look at a note; None where it is no file, or gone since its folder was listed.

    Its time of change is asked, too, where the system knows one: some programs give a
    new text the old time.

    Args:
        stat_: asks the system.
        known: is believed where nobody may ask now.
    """
    try:
        status = stat_()
    except OSError as error:
        is_gone = error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
        return None if is_gone else known
    if not stat.S_ISREG(status.st_mode):
        return None
    return hash((status.st_mtime_ns, status.st_ctime_ns)), status.st_size


def _mtime(folder: Path | str) -> int:
    try:
        mtime = os.stat(folder).st_mtime_ns  # noqa: PTH116 - it is asked thousands of times
    except OSError:
        return -1
    return mtime % _MOST_NS


def _is_below(folder: str, other: str) -> bool:
    return not other or folder.startswith(f"{other}/")
