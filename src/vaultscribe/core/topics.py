"""Topic notes: one note for a tag, which lists all that carry it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vaultscribe.core.names import file_stem
from vaultscribe.core.properties import write
from vaultscribe.core.tags import tag, unique

LEAST = 3
"""Notes that make a tag a topic."""


def tally(notes: Iterable[Iterable[str]]) -> dict[str, int]:
    """Count how many of *notes*, each given by its tags, carry a tag.

    As in Obsidian case makes no difference (the first spelling stays), and `a/b`
    counts for `a` too. What could not be a tag of ours is left out.
    """
    counts: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for tags in notes:
        mine = unique(each for name in tags for each in _with_parents(name))
        for each in mine:
            counts[spelling.setdefault(each.casefold(), each)] += 1
    return dict(counts)


def wanting(tags: Mapping[str, int], names: Collection[str]) -> list[tuple[str, int]]:
    """List the tags that deserve a topic note and have none, the most used first.

    Args:
        tags: how many notes carry each.
        names: of all notes in the vault.
    """
    taken = {name.casefold() for name in names}
    found = [
        (name, count)
        for name, count in tags.items()
        if count >= LEAST and note_name(name).casefold() not in taken
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def note_name(name: str) -> str:
    """Name the note of a tag: that of `人工智能/pytorch` is `人工智能／pytorch`."""
    return file_stem(name)


def topic(name: str, template: str) -> str:
    """Render the topic note of the valid tag *name*.

    Raises:
        jinja2.TemplateError: the template is wrong.
    """
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, autoescape=False
    )
    body = environment.from_string(template).render(tag=name)
    return write({"aliases": list(unique([name, name.rpartition("/")[2]]))}, body)


def _with_parents(name: str) -> list[str]:
    parts = name.split("/") if name and tag(name) == name else []
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
