"""Which older notes a new one links to."""

from vaultscribe.core.model import Related
from vaultscribe.core.related import LIMIT, related


def names(found: tuple[Related, ...]) -> list[str]:
    return [each.name for each in found]


def test_notes_that_share_a_tag_are_related_with_what_they_share() -> None:
    found = related(["career", "ai"], [("A", ("ai", "x")), ("B", ("x",))])

    assert found == (Related("A", ("ai",)),)


def test_who_shares_more_is_nearer() -> None:
    others = [("A", ("a",)), ("B", ("a", "b")), ("C", ("b",))]

    assert names(related(["a", "b"], others)) == ["B", "A", "C"]


def test_a_rare_tag_counts_more_than_a_common_one() -> None:
    others = [("A", ("common",)), ("B", ("common",)), ("C", ("rare",))]

    assert names(related(["common", "rare"], others)) == ["C", "A", "B"]


def test_a_note_that_repeats_a_tag_does_not_make_it_common() -> None:
    others = [("A", ("x", "X", "x")), ("B", ("y",)), ("C", ("y",))]

    assert names(related(["X", "y"], others)) == ["A", "B", "C"]


def test_tags_are_told_in_the_new_notes_spelling_and_order() -> None:
    found = related(["PyTorch", "ai"], [("A", ("AI", "pytorch"))])

    assert found == (Related("A", ("PyTorch", "ai")),)


def test_no_note_is_related_without_tags() -> None:
    assert related([], [("A", ("a",))]) == ()
    assert related(["a"], [("A", ())]) == ()
    assert related(["a"], []) == ()


def test_equally_near_notes_stand_by_name_and_no_more_than_eight() -> None:
    others = [(f"note {number}", ("a",)) for number in reversed(range(10))]

    assert names(related(["a"], others)) == [f"note {n}" for n in range(LIMIT)]
