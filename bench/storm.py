"""What the user and the program lose to each other when both write the same notes.

Run by `make storm`. Storms of all kinds of editors rage beside the real program, some
at a time; one line of figures is printed for each. It ends with 1 if a word of the
user's, a tick, an arrow or a tag of ours is gone, or if it raged too little.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from storm import ALL_STYLES, Figures, Manner, Plan, rage

PLANS = [
    Plan(style, inbox_edits=650, note_edits=250, works=8, twins=110)
    for style in ALL_STYLES
]
CONTROL = Plan("rename", inbox_edits=200, note_edits=50, works=2, twins=20)
"""Raged with a program that writes without a look: its losses show that the storm
is hard enough."""

AT_ONCE = 3
USER_EDITS = 5000
OUR_EDITS = 2000

HEADER = (
    f"{'editor':10}{'user edits':>11}{'lost':>6}{'our edits':>11}{'lost':>6}"
    f"{'taken back':>12}{'anew':>6}{'late':>6}{'recovery':>10}{'seconds':>9}"
)


def main() -> int:
    began = time.monotonic()
    print(HEADER, flush=True)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        folder = Path(name)
        storms = [pool.submit(_rage, folder / plan.style, plan) for plan in PLANS]
        control = pool.submit(_rage, folder / "careless", CONTROL, "careless")
        all_ = [storm.result() for storm in storms]
        careless = control.result()
    user_edits = sum(each.user_edits for each in all_)
    our_edits = sum(each.our_edits for each in all_)
    user_lost = [word for each in all_ for word in each.user_lost]
    our_lost = [mark for each in all_ for mark in each.our_lost]
    print(
        f"in all: {len(user_lost)} of {user_edits} user edits lost,"
        f" {len(our_lost)} of {our_edits} of ours,"
        f" in {time.monotonic() - began:.0f} s"
    )
    print(
        "the same with a program that writes without a look (rename):"
        f" {len(careless.user_lost)} of {careless.user_edits} user edits lost"
    )
    print("taken back: tags that an editor overwrote with a text from before them")
    print("anew: somebody was faster; late: met in the very moment of our exchange")
    print(*user_lost, *our_lost, sep="\n", end="")
    raged = user_edits >= USER_EDITS and our_edits >= OUR_EDITS and careless.user_lost
    return 0 if raged and not user_lost and not our_lost else 1


def _rage(folder: Path, plan: Plan, manner: Manner = "loud") -> Figures:
    figures = rage(folder, plan, manner)
    if manner == "loud":
        print(_row(figures), flush=True)
    return figures


def _row(f: Figures) -> str:
    return (
        f"{f.style:10}{f.user_edits:11}{len(f.user_lost):6}{f.our_edits:11}"
        f"{len(f.our_lost):6}{f.taken_back:12}{f.anew:6}{f.late:6}{f.recovered:10}"
        f"{f.seconds:9.0f}"
    )


if __name__ == "__main__":
    sys.exit(main())
