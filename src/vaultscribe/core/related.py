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
    older = [(name, {tag.casefold() for tag in theirs}) for name, theirs in others]
    uses = Counter(tag for _, theirs in older for tag in theirs)
    found = []
    for name, theirs in older:
        shared = [tag for tag in mine if tag in theirs]
        if shared:
            weight = sum(1 / uses[tag] for tag in shared)
            own = tuple(mine[tag] for tag in shared)
            found.append((-weight, name, Related(name, own)))
    return tuple(each for _, _, each in sorted(found, key=lambda f: f[:2])[:LIMIT])
