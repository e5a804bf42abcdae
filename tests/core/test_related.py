"""Which notes belong with a note, why, and which of its names become links."""

from vaultscribe.core.model import Linked, Related
from vaultscribe.core.related import LIMIT, Facts, keys, linked, related, removed

Others = list[tuple[str, Facts]]


def tagged(*pairs: tuple[str, tuple[str, ...]]) -> Others:
    return [(name, Facts(tags=tags)) for name, tags in pairs]


def found(mine: Facts, others: Others) -> tuple[Related, ...]:
    """Choose as in a vault that holds just *others*."""
    uses = dict.fromkeys(keys(mine), 0)
    for _, facts in others:
        uses |= {key: uses[key] + 1 for key in keys(facts) if key in uses}
    return related(mine, others, uses, len(others))


def names(chosen: tuple[Related, ...]) -> list[str]:
    return [each.name for each in chosen]


def test_notes_that_share_a_tag_are_related_with_what_they_share() -> None:
    others = tagged(("A", ("ai", "x")), ("B", ("x",)))

    assert found(Facts(tags=("career", "ai")), others) == (Related("A", ("ai",)),)


def test_who_shares_more_is_nearer() -> None:
    others = tagged(("A", ("a",)), ("B", ("a", "b")), ("C", ("b",)))

    assert names(found(Facts(tags=("a", "b")), others)) == ["B", "A", "C"]


def test_a_rare_tag_counts_more_than_a_common_one() -> None:
    others = tagged(("A", ("common",)), ("B", ("common",)), ("C", ("rare",)))

    assert names(found(Facts(tags=("common", "rare")), others)) == ["C", "A", "B"]


def test_a_note_that_repeats_a_tag_does_not_make_it_common() -> None:
    others = tagged(("A", ("x", "X", "x")), ("B", ("y",)), ("C", ("y",)))

    assert names(found(Facts(tags=("X", "y")), others)) == ["A", "B", "C"]


def test_tags_are_told_in_the_notes_own_spelling_and_order() -> None:
    others = tagged(("A", ("AI", "machine_learning")))

    chosen = found(Facts(tags=("Machine-Learning", "ai")), others)

    assert chosen == (Related("A", ("Machine-Learning", "ai")),)


def test_who_is_named_in_both_is_told() -> None:
    others = [("A", Facts(named=("yann lecun", "FAIR")))]

    chosen = found(Facts(named=("Yann LeCun", "Ada")), others)

    assert chosen == (Related("A", (), named=("Yann LeCun",)),)


def test_a_series_comes_before_a_tag() -> None:
    others = [("A", Facts(tags=("a",))), ("B", Facts(series="Talks"))]

    chosen = found(Facts(tags=("a",), series="Talks"), others)

    assert chosen == (Related("B", (), series="Talks"), Related("A", ("a",)))


def test_a_channel_helps_but_relates_no_notes_alone() -> None:
    others = [
        ("A", Facts(tags=("a",))),
        ("B", Facts(tags=("a",), channel="Ch")),
        ("C", Facts(channel="Ch")),
    ]

    chosen = found(Facts(tags=("a",), channel="Ch"), others)

    assert chosen == (Related("B", ("a",), channel="Ch"), Related("A", ("a",)))


def test_no_note_is_related_without_anything_in_common() -> None:
    assert found(Facts(), tagged(("A", ("a",)))) == ()
    assert found(Facts(tags=("a",)), tagged(("A", ()))) == ()
    assert found(Facts(tags=("a",)), []) == ()


def test_equally_near_notes_stand_by_name_and_no_more_than_eight() -> None:
    others = tagged(*((f"note {n}", ("a",)) for n in reversed(range(10))))

    chosen = found(Facts(tags=("a",)), others)

    assert names(chosen) == [f"note {n}" for n in range(LIMIT)]


def test_a_name_becomes_a_link_where_it_has_a_page_or_three_notes_name_it() -> None:
    pages = {"Yann LeCun": "杨立昆"}
    uses = {"Ada": 3, "Bob": 2}

    chosen = linked(
        ["Yann LeCun", "Ada", "Bob"],
        lambda name: pages.get(name, ""),
        lambda name: uses.get(name, 0),
    )

    assert chosen == (Linked("Yann LeCun", "杨立昆"), Linked("Ada", "Ada"))


def test_a_name_that_no_link_can_hold_stays_text() -> None:
    names = ["a|b", "a#b", "[a]", "50%%", "C:", "a^b", "two\nlines"]

    assert linked(names, lambda _: "", lambda _: 9) == ()


def test_a_link_that_is_gone_was_removed_and_a_renamed_alias_was_not() -> None:
    base = "[[One]] [[Two]] [[One more]]"

    gone = removed(base, "[[One|as I call it]] [[One more#part]]", {"One": 0, "Two": 0})

    assert gone == ("Two",)


def test_a_link_taken_out_of_one_of_two_places_was_removed() -> None:
    assert removed("[[One]] and [[One]]", "[[One]]", {"One": 0}) == ("One",)
