"""Take the pictures that stand in docs/: the demo's notes, and two with a summary.

python tests/judge/pictures.py FOLDER
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from seen import CHINESE, ENGLISH, Browser, Seen, make_demo, note

SIZE_LIMIT_BYTES = 200_000
HEIGHTS_PX = (2300, 1900, 1500, 1100)
"""A picture ends with the last block above the first height that makes it small."""


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    problems = []
    with tempfile.TemporaryDirectory() as place, Browser() as browser:
        vault = Path(place) / "vault"
        make_demo(vault, Path(place) / "home")
        for name, file in _notes(vault):
            for theme in ("light", "dark"):
                picture = folder / f"{name}-{theme}.png"
                problems += _take(browser, file, vault, theme, picture)
    print(*problems, sep="\n", end="")  # noqa: T201 - a command
    return 1 if problems else 0


def _take(
    browser: Browser, file: Path, vault: Path, theme: str, picture: Path
) -> list[str]:
    """Take one picture, and return what is wrong with the note."""
    seen: Seen = {}
    for height_px in HEIGHTS_PX:
        how = {"theme": theme, "picture": picture, "limit": height_px}
        seen = browser.look(file, vault=vault, **how)
        if picture.stat().st_size < SIZE_LIMIT_BYTES:
            break
    return [f"{picture.name}: {problem}" for problem in seen["problems"]]


def _notes(vault: Path) -> Iterator[tuple[str, Path]]:
    """Name the notes worth a picture, each in Chinese and in English."""
    yield "inbox", vault / "Inbox.md"
    numbers = {"zh": count(1), "en": count(1)}
    for file in sorted(vault.glob("Videos/*.md")):
        language = "en" if file.name.isascii() else "zh"
        number = next(numbers[language])
        yield f"demo-{language}{'' if number == 1 else f'-{number}'}", file
    for language, record in (("zh", CHINESE), ("en", ENGLISH)):
        file = vault / f"{record.media.title.rstrip('。')}.md"
        file.write_text(note(record), encoding="utf-8")
        yield f"summary-{language}", file


if __name__ == "__main__":
    sys.exit(main())
