"""What the user and the program lose to each other when both write the same notes.

Run by `make storm`. Storms of all kinds of editors rage beside the real program, some
at a time, and one line of figures is printed for each; then writers are killed in the
middle. It ends with 1 if a word of the user's, or a tick, an arrow or a tag of ours is
gone, if a file is torn, or if it raged too little.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from killed import is_whole, killed_while_writing
from storm import ALL_STYLES, Figures, Manner, Plan, rage

PLANS = [
    Plan(style, inbox_edits=350, note_edits=120, works=4, twins=56, rage_s=100)
    for style in (*ALL_STYLES, *ALL_STYLES)
]
CONTROL = Plan("rename", inbox_edits=200, note_edits=50, works=2, twins=20)
"""Raged with a program that writes without a look: its losses show that the storm
is hard enough."""

AT_ONCE = 3
USER_EDITS = 5000
OUR_EDITS = 2000
KILLS = 120

COLUMNS = (
    *("editor", "user edits", "lost", "our edits", "beside", "lost"),
    *("taken back", "anew", "late", "recovery", "seconds"),
)
LEGEND = """\
beside      of our edits, those made while the user typed
taken back  tags that an editor overwrote with a text from before them
anew        somebody was faster, so that we began anew
late        somebody was met in the very moment of our exchange
recovery    texts that had no place in the note any more"""


def main() -> int:
    began = time.monotonic()
    print(_row(*COLUMNS), flush=True)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        folder = Path(name)
        raging = [
            pool.submit(_rage, folder / str(number), plan)
            for number, plan in enumerate(PLANS)
        ]
        control = pool.submit(_rage, folder / "control", CONTROL, "careless")
        storms = [storm.result() for storm in raging]
        careless = control.result()
        texts = _kill(folder / "killed", pool)
    print(LEGEND)
    print(
        f"a program that writes without a look loses {len(careless.user_lost)}"
        f" of {careless.user_edits} user edits (rename)"
    )
    torn = [text for text in texts if not is_whole(text)]
    print(f"{KILLS} writers killed: {len(torn)} of {len(texts)} files torn or empty")
    is_well = _sum_up(storms, time.monotonic() - began)
    return 0 if is_well and careless.user_lost and not torn else 1


def _rage(folder: Path, plan: Plan, manner: Manner = "loud") -> Figures:
    f = rage(folder, plan, manner)
    row = _row(
        f.style if manner == "loud" else f"({manner})",
        *(f.user_edits, len(f.user_lost), f.our_edits, f.beside, len(f.our_lost)),
        *(f.taken_back, f.anew, f.late, f.recovered, round(f.seconds)),
    )
    print(row, flush=True)
    return f


def _row(first: str, *others: object) -> str:
    widths = (12, 6, 11, 8, 6, 12, 6, 6, 10, 9)
    columns = (f"{each!s:>{w}}" for each, w in zip(others, widths, strict=True))
    return f"{first:10}" + "".join(columns)


def _kill(folder: Path, pool: ThreadPoolExecutor) -> list[bytes]:
    folder.mkdir()
    folders = [folder / str(number) for number in range(KILLS)]
    killed = pool.map(killed_while_writing, folders)
    return [text for each in killed for text in each.texts]


def _sum_up(storms: list[Figures], seconds: float) -> bool:
    """Print the sums; say whether it raged enough and nothing was lost."""
    user_edits = sum(each.user_edits for each in storms)
    our_edits = sum(each.our_edits for each in storms)
    user_lost = [word for each in storms for word in each.user_lost]
    our_lost = [mark for each in storms for mark in each.our_lost]
    print(
        f"in all {len(user_lost)} of {user_edits} user edits lost,"
        f" {len(our_lost)} of {our_edits} of ours, in {seconds:.0f} s"
    )
    print(*user_lost, *our_lost, sep="\n", end="")
    lost = user_lost or our_lost
    return user_edits >= USER_EDITS and our_edits >= OUR_EDITS and not lost


if __name__ == "__main__":
    sys.exit(main())
