"""Which older notes a new note links to: those that share its tags."""

from collections import Counter
from collections.abc import Iterable

from vaultscribe.core.model import Related

LIMIT = 8
"""Related notes in one note."""


def related(
    tags: Iterable[str], others: Iterable[tuple[str, tuple[str, ...]]]
) -> tuple[Related, ...]:
    """Choose the notes that share the most, a rare tag counting more than a common one.

    Args:
        tags: of the new note.
        others: name and tags of each older note.
    """
    mine = {tag.casefold(): tag for tag in tags}
    older = list(others)
    uses = Counter(tag.casefold() for _, theirs in older for tag in set(theirs))
    found = []
    for name, theirs in older:
        shared = [mine[tag] for tag in mine if tag in {t.casefold() for t in theirs}]
        if shared:
            weight = sum(1 / uses[tag.casefold()] for tag in shared)
            found.append((-weight, name, Related(name, tuple(shared))))
    return tuple(each for _, _, each in sorted(found, key=lambda f: f[:2])[:LIMIT])
