"""The links of a note: what the index knows, put before the rules of `core.related`."""

from collections.abc import Callable
from dataclasses import replace

from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.store import Entry
from vaultscribe.core.model import Record
from vaultscribe.core.names import name_key
from vaultscribe.core.related import ENOUGH, Facts, keys, linked, related


class Linker:
    """Chooses the links of the notes of one vault."""

    def __init__(self, layout: Layout, index: Index) -> None:
        self._layout = layout
        self._index = index

    def linked(self, record: Record) -> Record:
        """Link the record of a note that is not there yet to those that are."""
        return self._linked(
            record, facts_of(record), lambda entry, _: _is_older(entry, record), one=1
        )

    def linked_again(
        self, record: Record, old: Record, mine: Entry, *, newer: bool
    ) -> Record:
        """Link the record of a note anew.

        Args:
            record: what is to be rendered.
            old: what the note was rendered from.
            mine: the note; its tags are what the user has made of them.
            newer: may it link to notes that came after it?
        """
        before, now, theirs = facts_of(old), facts_of(record), mine.facts
        facts = replace(
            now,
            tags=_rebased(before.tags, now.tags, theirs.tags),
            named=_rebased(before.named, now.named, theirs.named),
        )
        kin = {each.id or each.name for each in old.related}

        def may(entry: Entry, name: str) -> bool:
            return newer or (entry.id or name) in kin or _is_older(entry, record)

        return self._linked(record, facts, may, one=0)

    def renamed(self, record: Record) -> dict[str, str]:
        """Map what the links of *record* led to, to what leads there now."""
        return {
            each.name: self._index.target(found[0])
            for each in record.related
            if each.id and (found := self._index.store.of(each.id))
        }

    def owe(self, record: Record) -> None:
        """Note which older notes have something new to link to: *record*'s note."""
        store = self._index.store
        with store.transaction():
            for each in record.related:
                found = self._index.named(each.name.rpartition("/")[2])
                store.owe(entry.id for entry in found if entry.id)
            for key in keys(facts_of(record)):
                sharing = store.having(key, ENOUGH + 1) if key[0] in "nc" else []
                if len(sharing) == ENOUGH:  # now the name becomes a link in them all
                    store.owe(entry.id for entry in sharing if entry.id)

    def _linked(
        self,
        record: Record,
        facts: Facts,
        may: Callable[[Entry, str], bool],
        *,
        one: int,
    ) -> Record:
        """Choose anew; *one* is what this note adds to the notes that are counted."""
        index, aside = self._index, self._layout.aside()
        others = {
            name: entry
            for entry in index.sharing(facts)
            if entry.id != record.media.work.id
            and not _names(entry, name := index.target(entry)) & {*record.unlinked}
            and may(entry, name)
            and not aside(entry.path)
            and not index.is_copy(entry)
        }

        def naming(kind: str) -> Callable[[str], int]:
            count = index.store.count
            return lambda name: count(f"{kind}:{name_key(name)}", ENOUGH) + one

        named = (*record.summary.people, *record.summary.concepts)
        channels = [record.media.channel] if record.media.channel else []
        return replace(
            record,
            related=tuple(
                replace(each, id=others[each.name].id)
                for each in related(
                    facts,
                    [(name, entry.facts) for name, entry in others.items()],
                    index.uses(facts),
                    index.total(),
                )
            ),
            linked=(
                *linked(dict.fromkeys(named), index.page, naming("n")),
                *linked(channels, index.page, naming("c")),
            ),
        )


def facts_of(record: Record) -> Facts:
    """List what a record shares with others."""
    return Facts(
        tags=record.tags,
        named=(*record.summary.people, *record.summary.concepts),
        channel=record.media.channel,
        series=record.media.series,
    )


def _names(entry: Entry, target: str) -> set[str]:
    """List what a note may be called where it is unlinked."""
    return {entry.id or entry.name, target, entry.path.removesuffix(".md")}


def _is_older(entry: Entry, record: Record) -> bool:
    return not entry.id or entry.timestamp <= record.timestamp


def _rebased(
    before: tuple[str, ...], now: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[str, ...]:
    """Take what the user has made of *before*, and what is new since then."""
    return (*theirs, *(each for each in now if each not in {*before, *theirs}))
