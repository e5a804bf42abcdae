"""Names of daily notes, as moment.js makes them, and the line that is added."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.daily import names, with_link
from vaultscribe.core.prose import prose

DAY = dt.date(2026, 3, 7)
"""A Saturday."""


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("YYYY-MM-DD", ("2026-03-07",)),
        ("YYYYMMDD", ("20260307",)),
        ("YY.M.D", ("26.3.7",)),
        ("YYYY/MM/YYYY-MM-DD", ("2026/03/2026-03-07",)),
        ("YYYY年M月D日", ("2026年3月7日",)),
        ("[Day] D [of] MM", ("Day 7 of 03",)),
        ("[]YYYY", ("2026",)),
        ("GGGG-[W]WW-E", ("2026-W10-6",)),
        ("DDDD/Q", ("066/1",)),
        ("YYYY-MM-DD dddd", ("2026-03-07 Saturday", "2026-03-07 星期六")),
        ("ddd dd", ("Sat Sa", "周六 六")),
        ("MMMM MMM", ("March Mar", "三月 3月")),
    ],
)
def test_a_day_is_written_as_its_format_says(
    template: str, expected: tuple[str, ...]
) -> None:
    assert names(template, DAY) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 3, 8), ("2026 11", "2026 10")),
        (dt.date(2025, 12, 28), ("2026 01", "2025 52")),
        (dt.date(2026, 12, 31), ("2027 01", "2026 53")),
        (dt.date(2024, 1, 1), ("2024 01",)),
    ],
)
def test_weeks_begin_on_sunday_in_english_and_on_monday_in_chinese(
    day: dt.date, expected: tuple[str, ...]
) -> None:
    assert names("gggg ww", day) == expected


@pytest.mark.parametrize(
    "template", ["Do MMM YYYY", "YYYY-MM-DD HH:mm", "L", "LL", "YYYYY", "x", "YYYY\\M"]
)
def test_a_format_that_is_not_known_gives_no_name(template: str) -> None:
    assert names(template, DAY) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "- [[A]]\n"),
        ("# Day\n", "# Day\n- [[A]]\n"),
        ("# Day", "# Day\n- [[A]]"),
        ("- a\r\n", "- a\r\n- [[A]]\r\n"),
        ("- a\r\n- b", "- a\r\n- b\r\n- [[A]]"),
        ("---\na: 1\n---\n", "---\na: 1\n---\n- [[A]]\n"),
        ("> said\n\n", "> said\n\n- [[A]]\n"),
        ("[[AB]] [[A B]] [[B|A]]\n", "[[AB]] [[A B]] [[B|A]]\n- [[A]]\n"),
    ],
)
def test_the_line_is_added_at_the_end(text: str, expected: str) -> None:
    assert with_link(text, "A") == expected


@pytest.mark.parametrize(
    "text",
    [
        "see [[A]] today\n",
        "[[A|that film]]",
        "[[A#Key points]]",
        "![[Videos/A]]",
        "```\nnever closed\n",
        "%% never closed\n",
        "<!-- never closed\n",
    ],
)
def test_nothing_is_added_twice_or_where_nobody_sees_it(text: str) -> None:
    assert with_link(text, "A") == text


NAMES = st.text(st.sampled_from("ab 中？（）+.*'"), min_size=1).map(lambda s: f"n{s}e")


@given(st.text(), NAMES)
def test_whatever_stands_there_stays_and_a_second_time_changes_nothing(
    text: str, name: str
) -> None:
    once = with_link(text, name)

    assert once.startswith(text)
    assert once == text or f"- [[{name}]]" in prose(once)
    assert with_link(once, name) == once
