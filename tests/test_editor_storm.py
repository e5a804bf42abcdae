"""The real program beside editors that never rest: no word of either is lost.

`make storm` rages longer.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from editor import STYLES
from storm import HERE, NODE, Figures, Manner, Plan, rage

INBOX_EDITS, NOTE_EDITS = 150, 80
WORKS, TWINS = 3, 10


def small(style: str) -> Plan:
    return Plan(style, INBOX_EDITS, NOTE_EDITS, WORKS, TWINS, rage_s=20.0)


@pytest.fixture(scope="module")
def storms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figures]:
    """Rage all at once, because most of their time is waiting."""
    plans: dict[str, tuple[Plan, Manner]] = {
        **{style: (small(style), "loud") for style in STYLES},
        "careless": (small("rename"), "careless"),
    }
    with ThreadPoolExecutor(len(plans)) as pool:
        raging = {
            name: pool.submit(rage, tmp_path_factory.mktemp("storm"), *plan)
            for name, plan in plans.items()
        }
    return {name: storm.result() for name, storm in raging.items()}


@pytest.mark.parametrize("style", STYLES)
def test_the_user_loses_no_word_to_the_program(
    storms: dict[str, Figures], style: str
) -> None:
    assert storms[style].user_lost == []


@pytest.mark.parametrize("style", STYLES)
def test_every_link_is_ticked_in_the_end_and_no_tag_is_lost(
    storms: dict[str, Figures], style: str
) -> None:
    assert storms[style].our_lost == []
    assert storms[style].our_edits >= 2 * (1 + WORKS + TWINS)


@pytest.mark.parametrize("style", STYLES)
def test_the_program_leaves_nothing_beside_the_notes(
    storms: dict[str, Figures], style: str
) -> None:
    assert storms[style].left == []


def test_a_program_that_writes_without_a_look_is_found_out(
    storms: dict[str, Figures],
) -> None:
    assert storms["careless"].user_lost != []


@pytest.mark.judge
def test_nothing_is_lost_beside_the_library_with_which_obsidian_merges(
    tmp_path: Path,
) -> None:
    if not (shutil.which("node") and (HERE / "judge" / "node_modules").is_dir()):
        pytest.fail("the editor in Node is not installed: run `make judge`")

    figures = rage(tmp_path, small(NODE))

    assert figures.user_lost == []
    assert figures.our_lost == []
