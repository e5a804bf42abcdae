"""Which notes belong with a note, why, and which names in it become links."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from vaultscribe.core.model import Linked, Related
from vaultscribe.core.names import file_stem, name_key
from vaultscribe.core.neutralise import can_be_linked
from vaultscribe.core.tags import tag_key

LIMIT = 8
"""Related notes in one note."""

ENOUGH = 3
"""So many notes must name somebody who has no page before the name is a link.

A node of the graph that three notes share is worth having; one that hangs on a
single note is a phantom.
"""

_WEIGHTS = {"s": 2.0, "t": 1.0, "n": 1.0, "c": 0.5}
"""Of a shared series, tag, name, channel; each is divided by how common it is."""

_ALONE = frozenset("stn")
"""What relates two notes by itself; all films of a channel are no family."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a note says of itself that another may share.

    Args:
        tags: without `#`.
        named: people, concepts, and the pages that it links to.
        channel: empty when it has none.
        series: likewise.
    """

    tags: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    channel: str = ""
    series: str = ""


def keys(facts: Facts) -> dict[str, str]:
    """Map what can be shared, spelled so that it can be compared, to its spelling.

    The first sign of a key says what it is: `t`ag, `n`ame, `c`hannel, `s`eries.
    """
    found: dict[str, str] = {}
    for tag in facts.tags:
        found.setdefault(f"t:{tag_key(tag)}", tag)
    for name in facts.named:
        found.setdefault(f"n:{name_key(name)}", name)
    if facts.channel:
        found[f"c:{name_key(facts.channel)}"] = facts.channel
    if facts.series:
        found[f"s:{name_key(facts.series)}"] = facts.series
    return found


def related(
    mine: Facts,
    others: Iterable[tuple[str, Facts]],
    uses: Mapping[str, int],
    notes: int,
) -> tuple[Related, ...]:
    """Choose the notes that share the most, what is rare counting for more.

    Args:
        mine: of the note for which they are chosen.
        others: name and facts of each note that may be chosen.
        uses: how many notes of the vault have a key, for the keys of *mine*.
        notes: how many notes the vault has.

    Returns:
        Nearest first, those that are equally near by name.
    """
    own = keys(mine)
    found = []
    for name, facts in others:
        theirs = keys(facts)
        shared = [key for key in own if key in theirs]
        if any(key[0] in _ALONE for key in shared):
            weight = sum(weigh(key, uses.get(key, 1), notes) for key in shared)
            found.append((-weight, name, _reasons(name, shared, own)))
    return tuple(each for _, _, each in sorted(found, key=lambda f: f[:2])[:LIMIT])


def weigh(key: str, uses: int, notes: int) -> float:
    """Say how much it means to share *key*, which *uses* of all *notes* have."""
    return _WEIGHTS[key[0]] * math.log1p(max(notes, uses) / max(uses, 1))


def _reasons(name: str, shared: list[str], own: Mapping[str, str]) -> Related:
    by_kind = {
        kind: tuple(own[key] for key in shared if key[0] == kind) for kind in _WEIGHTS
    }
    return Related(
        name,
        shared=by_kind["t"],
        named=by_kind["n"],
        channel="".join(by_kind["c"]),
        series="".join(by_kind["s"]),
    )


def linked(
    names: Iterable[str],
    page: Callable[[str], str],
    uses: Callable[[str], int],
) -> tuple[Linked, ...]:
    """Choose which of *names* become links.

    Args:
        names: of people, concepts and channels, as the source gives them.
        page: returns the link target of the page of that name or alias, or empty.
        uses: returns how many notes name it.
    """

    def wanted(name: str) -> str:
        """Return *name* where it may name the page that is missing yet."""
        return name if uses(name) >= ENOUGH and file_stem(name) == name else ""

    targets = ((name, page(name) or wanted(name)) for name in names)
    return tuple(
        Linked(name, target) for name, target in targets if can_be_linked(target)
    )


def removed(base: str, theirs: str, names: Mapping[str, int]) -> tuple[str, ...]:
    """Tell which links the user has taken out of a note.

    Args:
        base: what the note was last made from.
        theirs: as it is now.
        names: what our links lead to, and how many of them gave way at once.
    """
    return tuple(
        name
        for name, gave_way in names.items()
        if _count(theirs, name) < _count(base, name) - gave_way
    )


def not_listed(
    base: str, theirs: str, related: tuple[Related, ...]
) -> tuple[Related, ...]:
    """Leave out what the user lists already, say in a line that was ours before."""

    def is_listed(name: str) -> bool:
        item = re.compile(rf"^[-*+] {_to(name).pattern}", re.MULTILINE)
        return not _count(base, name) and item.search(theirs) is not None

    return tuple(each for each in related if not is_listed(each.name))


def gave_way(ours: str, text: str, related: tuple[Related, ...]) -> tuple[Related, ...]:
    """Note how many links of *ours* are not in the *text* that came of it."""
    return tuple(
        replace(
            each, gave_way=max(0, _count(ours, each.name) - _count(text, each.name))
        )
        for each in related
    )


def renamed(base: str, theirs: str, names: Mapping[str, str]) -> str:
    """Rename in *base* the links that Obsidian has renamed in *theirs*.

    Args:
        base: the note as we left it.
        theirs: as it is now.
        names: what our links led to, and what leads there now.
    """
    for old, new in names.items():
        if old != new and not _count(theirs, old) and _count(theirs, new):
            base = _to(old).sub(lambda _, new=new: f"[[{new}", base)  # type: ignore[misc]
    return base


def _count(text: str, name: str) -> int:
    return len(_to(name).findall(text))


def _to(name: str) -> re.Pattern[str]:
    """Match the links to *name*, up to what ends it."""
    return re.compile(rf"\[\[{re.escape(name)}(?=[\]|#])")
