"""Which tags a note gets, and which of the vault's are offered to the model."""

import heapq
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from vaultscribe.core.model import Summary
from vaultscribe.core.tags import NAME_LIMIT, folded, is_valid, singular, tag, tag_key
from vaultscribe.core.vocabulary import Vocabulary

LIMIT = 8
"""Tags that a note gets of our choosing; the user's own are never cut."""

NEW_LIMIT, FEW = 2, 4
"""New tags of a note, and how many it has before new ones become rare.

A tag that only one note carries leads nowhere: two are enough for what the vault
has no word for. But a young vault has no words yet, so there a note with fewer than
four tags is filled up to four.
"""

OFFER_LIMIT = 60
"""Tags in a prompt: some 300 tokens, a tenth of a short transcript."""

_NOTHING = Vocabulary()

_ATOM = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    "|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
"""A word, or one sign of the scripts that put no blank between words."""


def choose(
    *,
    own: Iterable[str],
    summary: Summary,
    source: Iterable[str],
    vault: Mapping[str, int],
    vocabulary: Vocabulary = _NOTHING,
) -> tuple[str, ...]:
    """Choose a note's tags: the user's, then known ones, then a few new ones.

    Args:
        own: the user's: all are kept, even banned ones.
        summary: its tags are the model's proposals.
        source: the source's own tags; without a model, those that are known.
        vault: how many notes carry each tag.
        vocabulary: the user's; its spelling wins over the most used of the vault.
    """
    known = _known(vault, vocabulary)
    names = {**_by_key(_above(known.values())), **known}

    def spelled(text: str) -> str:
        name = vocabulary.kept(_valid(text))
        return names.get(tag_key(name), name)

    mine = _by_key(map(spelled, own))
    texts = summary.tags or tuple(source)
    valid = map(tag, texts)
    offers = _by_key(spelled(name) for name in valid if not vocabulary.bans(name))
    offers = {key: name for key, name in offers.items() if key not in mine}
    familiar = [name for key, name in offers.items() if key in names]
    new = [name for key, name in offers.items() if key not in names]
    room = max(NEW_LIMIT, FEW - len(mine) - len(familiar)) if summary.tags else 0
    chosen = [*mine.values(), *familiar, *new[:room]]
    return tuple(chosen[: max(LIMIT, len(mine))])


def offered(
    vault: Mapping[str, int],
    words: str,
    vocabulary: Vocabulary = _NOTHING,
    limit: int = OFFER_LIMIT,
) -> tuple[str, ...]:
    """Choose which of the user's tags the model is shown.

    First those whose last part, or what the vocabulary says becomes them, is said in
    *words*, the most said and most used first; then the most used.

    Args:
        vault: how many notes carry each tag.
        words: title, description and transcript, in any length and language.
        vocabulary: its kept tags are offered, too, and banned ones are not.
        limit: how many.
    """
    known = _known(vault, vocabulary)
    notes: Counter[str] = Counter()
    for name, count in vault.items():
        notes[tag_key(vocabulary.kept(_valid(name)))] += count
    words_of = _words_of(known, vocabulary)
    said: Counter[str] = Counter()
    for word in _said(words, words_of.keys()):
        said.update(words_of[word])

    def rank(key: str) -> tuple[bool, int, str]:
        return key not in said, -max(1, said[key]) * max(1, notes[key]), key

    short = (key for key, name in known.items() if len(name) <= NAME_LIMIT)
    return tuple(known[key] for key in heapq.nsmallest(limit, short, rank))


def _known(vault: Mapping[str, int], vocabulary: Vocabulary) -> dict[str, str]:
    """Map the keys of all tags that the user has to the spelling that is kept."""
    names = _by_key(vocabulary.names())
    for name in sorted(vault, key=lambda name: -vault[name]):
        kept = vocabulary.kept(_valid(name))
        if not vocabulary.bans(_valid(name)):
            names.setdefault(tag_key(kept), kept)
    names.pop("", None)
    return names


def _above(names: Iterable[str]) -> Iterator[str]:
    """List the tags above *names*; Obsidian shows them, too."""
    for name in names:
        parts = name.split("/")
        yield from ("/".join(parts[:size]) for size in range(1, len(parts)))


def _valid(name: str) -> str:
    """Leave a tag as the user wrote it, unless YAML let through what is none."""
    return name if is_valid(name) else tag(name)


def _by_key(names: Iterable[str]) -> dict[str, str]:
    """Keep the first spelling of each tag, in order."""
    first: dict[str, str] = {}
    for name in names:
        if key := tag_key(name):
            first.setdefault(key, name)
    return first


def _words_of(known: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Map the keys of words that tell of a known tag to the keys of such tags."""
    pairs = [(key, key) for key in known]
    pairs += [(key, tag_key(name)) for key, name in vocabulary.merged.items()]
    found: dict[str, set[str]] = {}
    for word, key in pairs:
        if key in known:
            found.setdefault(word.rpartition("/")[2], set()).add(key)
    return found


def _said(words: str, keys: Collection[str]) -> Iterator[str]:
    """Find which *keys* are said in *words*, each as often as it is.

    A key has no blanks, so whole words are put together again for as long as some
    key begins like them.
    """
    beginnings = {key[:size] for key in keys for size in range(1, len(key) + 1)}
    atoms = [*_ATOM.findall(folded(words)), ""]
    for start, atom in enumerate(atoms):
        joined, end = atom, start + 1
        while joined:
            if (key := singular(joined)) in keys:
                yield key
            if joined not in beginnings or end == len(atoms):
                break
            is_number = joined[-1].isdigit() and atoms[end][:1].isdigit()
            joined += "-" * is_number + atoms[end]
            end += 1
