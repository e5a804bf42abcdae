"""What the index of a vault costs: read at first, looked at again, asked for links.

Run by `python bench/vault.py [COUNT …]`, for 10,000 notes unless others are named; the
smallest vault is that of 100 notes.
Nothing here is asserted: each figure stands beside what python-frontmatter needs for
the same files in the same run, or beside what a vault of 100 notes needs.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import frontmatter
from synthetic import make_vault, tags

from vaultscribe.adapters.templates import Templates
from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.core.model import (
    Link,
    Media,
    Point,
    Record,
    Segment,
    Summary,
    Transcript,
    Work,
)

ROUNDS = 30
"""Notes that are added to a vault, and as many that are linked anew."""

TRANSCRIPT = Transcript(
    "captions",
    "en",
    tuple(Segment(n * 5.0, n * 5.0 + 5, "words " * 12) for n in range(200)),
)
SUMMARY = Summary(
    "a-model", "en", core="The gist.", points=(Point("A point.", 5.0),) * 6
)


def main() -> None:
    counts = sorted({100, *([int(each) for each in sys.argv[1:]] or [10_000])})
    adding: dict[int, tuple[float, float]] = {}
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            vault = Path(name) / "vault"
            make_vault(vault, count)
            if count > 100:  # noqa: PLR2004 - that is all start-up
                show_index(vault, Path(name) / "index.sqlite", count)
            adding[count] = time_adding(vault, Path(name), count)
    show_adding(adding)


def show_index(vault: Path, cache: Path, count: int) -> None:
    """Read a vault for the first time and look at it again, beside frontmatter."""
    loop_s = min(seconds(lambda: load_all(vault)) for _ in range(2))
    before_mb = memory_mb()
    with closing(Index(vault, cache)) as index:
        first_s = seconds(index.look_at_all)
        unchanged_s = seconds(index.look_at_all)
        quick_s = seconds(index.refresh)
    print(f"index of {count} notes, {cache.stat().st_size / 1e6:.0f} MB on the disk")
    print(f"  python-frontmatter, each note       {loop_s:8.2f} s")
    print(f"  first, tags and links of all        {first_s:8.2f} s", end="")
    print(f"   {first_s / loop_s:.2f} of it")
    print(f"  again, nothing changed              {unchanged_s:8.2f} s", end="")
    print(f"   {unchanged_s / loop_s:.3f} of it")
    print(f"  a look at the folders alone         {quick_s:8.4f} s")
    print(f"  memory, at most, more than before   {memory_mb() - before_mb:8.0f} MB")


def load_all(vault: Path) -> None:
    for path in vault.rglob("*.md"):
        frontmatter.load(str(path))


def time_adding(vault: Path, folder: Path, count: int) -> tuple[float, float]:
    """Add notes and link notes anew; the median of each, in seconds."""
    templates = Templates()
    layout = Layout(vault, "Films", folder / "recovery", folder / "index.sqlite")
    (vault / "Inbox.md").touch()
    with closing(Notes(layout, lambda each: templates.render(each, "en"))) as notes:
        notes.refresh()
        records = list(made(notes, count))
        added = [seconds(lambda each=each: notes.put(each)) for each in records]
        linked = [
            seconds(
                lambda each=each: notes.render_again(each.media.work.id, newer=True)
            )
            for each in records
        ]
    return statistics.median(added), statistics.median(linked)


def made(notes: Notes, count: int) -> Iterator[Record]:
    dice = Random(1)  # noqa: S311 - a sample, not a secret
    for number in range(ROUNDS):
        work = Work(f"youtube:bench{number:06}", f"https://youtu.be/bench{number:06}")
        media = Media(work, f"A film about {number}", 1000.0, channel="A channel")
        link = Link(work.url, tags=tuple(tags(dice, 4, count)))
        people = (f"Person {number}", "Ada")
        summary = replace(SUMMARY, people=people)
        yield notes.compose(link, media, TRANSCRIPT, summary)


def show_adding(adding: dict[int, tuple[float, float]]) -> None:
    base = adding[min(adding)]
    print("one note, in milliseconds (and against the smallest vault)")
    print("     notes        add               link anew")
    for count, (add_s, link_s) in adding.items():
        add, link = f"{add_s * 1000:8.1f}", f"{link_s * 1000:8.1f}"
        print(
            f"  {count:8} {add}  ({add_s / base[0]:.2f})"
            f"     {link}  ({link_s / base[1]:.2f})"
        )


def seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def memory_mb() -> float:
    """Say how much memory this process has taken at most, with its children."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024
