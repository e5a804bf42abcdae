"""A map is kept as narrow as the column in which it is read."""

from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.layout import arrange

LABEL = "Forgetting begins within the hour"

places = st.integers(0, 14)
maps = st.lists(st.tuples(places, places, st.just("leads to")), max_size=25)


def test_a_chain_runs_down() -> None:
    chain = [(n, n + 1, "") for n in range(14)]

    assert arrange([LABEL] * 15, chain) == ("TD", [])


def test_a_star_runs_to_the_right() -> None:
    star = [(0, n, "") for n in range(1, 15)]

    assert arrange([LABEL] * 15, star) == ("LR", [])


def test_short_labels_need_no_change() -> None:
    star = [(0, n, "") for n in range(1, 8)]

    assert arrange(["因"] * 8, star) == ("TD", [])


def test_what_leads_nowhere_is_stacked_when_neither_way_is_narrow() -> None:
    star = [(0, n, "") for n in range(1, 7)]
    chain = [(n, n + 1, "") for n in range(7, 14)]

    found = arrange([LABEL] * 15, [*star, (0, 7, ""), *chain])

    assert found == ("TD", [(1, 2), (2, 3), (4, 5), (5, 6)])


@given(maps)
def test_what_is_kept_apart_makes_no_circle(
    arrows: list[tuple[int, int, str]],
) -> None:
    _, apart = arrange([LABEL] * 15, arrows)

    assert len(set(apart)) == len(apart)
    assert all(above != below for above, below in apart)
    assert all((below, above) not in apart for above, below in apart)
