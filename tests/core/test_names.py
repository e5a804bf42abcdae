"""Names of notes that every system, sync and wikilink accepts."""

import re
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.model import Work
from vaultscribe.core.names import (
    STEM_BYTES,
    file_stem,
    name_key,
    note_name,
    short_id,
)
from vaultscribe.core.neutralise import wikilink

YOUTUBE = Work("youtube:jNQXAC9IVRw", "https://www.youtube.com/watch?v=jNQXAC9IVRw")
BILIBILI = Work(
    "bilibili:115596091988925_part1", "https://www.bilibili.com/video/BV1sQUwBKEmg"
)
PART = Work(
    "bilibili:115596091988925_part9999",
    "https://www.bilibili.com/video/BV1sQUwBKEmg?p=9999",
)
PAGE = Work("url:https://example.org/a", "https://example.org/a")

BITS = [
    *(
        "../",
        "..\\",
        "/",
        "C:",
        "CON",
        "nul",
        "com1.",
        "aux ",
        "[[x]]",
        "a|b",
        "#",
        "^",
    ),
    *(
        "%%",
        "`",
        "<% x %>",
        "?",
        "*",
        '"',
        ".",
        "..",
        "。",
        " ",
        "~",
        "$",
        "\u3000",
        "-",
    ),
    *(
        "标题",
        "é",
        "e\u0301",
        "😀",
        "👨\u200d👩\u200d👧",
        "❤\ufe0f",
        "\u200b",
        "\u00a0",
    ),
    *(
        "\ufeff",
        "\u202e",
        "\u2028",
        "\n",
        "\r",
        "\x00",
        "\x7f",
        "\ud800",
        "한",
        "x" * 50,
        "🇩🇪",
        "🇩",
        "\u200d",
        "👍🏽",
        "क\u094dष",
        "\u0301" * 20,
        ".nosync",
        ".tmp",
        "_vti_",
        "~$",
        "\u200f",
        "\u2066",
        "\U000e0067",
        "\ue000",
        "\u0378",
        "中" * 9,
        "::",
        "<",
    ),
]
titles = st.one_of(
    st.lists(st.sampled_from(BITS), max_size=12).map("".join), st.text(max_size=300)
)

FORBIDDEN = set('\\/:*?"<>|#^[]%`') | {chr(code) for code in [*range(32), 127]}
RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(?:\.|$)",
    re.IGNORECASE,
)


MOST_BYTES = len("（Conflicted copy Some-MacBook-Pro 202511240745）".encode())
"""What the copies of a sync append, the longest that is known."""


def is_name(stem: str) -> bool:
    """Do Windows, macOS, Linux, Android and their syncs take *stem* for a name?"""
    return (
        0 < len(stem.encode()) <= STEM_BYTES
        and not FORBIDDEN & set(stem)
        and stem == stem.strip(" .~$。")
        and not RESERVED.match(stem)
        and not re.search(r"\.nosync|_vti_", stem, re.IGNORECASE)
        and unicodedata.is_normalized("NFC", stem)
        and not stem.endswith("\u200d")
        and all(
            unicodedata.category(char)[0] != "C" or char == "\u200d" for char in stem
        )
    )


@given(titles)
def test_a_stem_is_a_name_everywhere(title: str) -> None:
    assert is_name(file_stem(title))


def test_twenty_thousand_hostile_titles_are_names_that_can_be_linked_to() -> None:
    dice = Random(1885)  # noqa: S311 - hostile, not secret
    titles = ["".join(dice.choices(BITS, k=dice.randint(1, 20))) for _ in range(20_000)]

    stems = [file_stem(title) for title in titles]

    names = [f"{stem} {short_id(PART)}" for stem in stems]
    refused = [stem for stem in stems if not is_name(stem)]
    assert refused == []
    assert [name for name in names if wikilink(name) != f"[[{name}]]"] == []
    assert max(len(f"{name}.md".encode()) for name in names) <= 143
    assert max(len(f"{name} (99).md".encode()) for name in names) + MOST_BYTES <= 255


@given(titles)
def test_naming_a_name_changes_nothing(title: str) -> None:
    assert file_stem(file_stem(title)) == file_stem(title)


@given(titles, st.sampled_from([YOUTUBE, BILIBILI, PART, PAGE]))
def test_with_its_id_a_name_fits_into_an_encrypted_folder(
    title: str, work: Work
) -> None:
    name = note_name(title, work)

    assert len(f"{name}.md".encode()) <= 143
    assert name.endswith(f" {short_id(work)}")


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("../../etc/passwd", "／..／etc／passwd"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt¹", "_Lpt¹"),
        ("Contact", "Contact"),
        ("a: b", "a： b"),
        ("[[x]]", "［［x］］"),
        ("100%%", "100％％"),
        ("C# | F#", "C＃ ｜ F＃"),
        ("How? *Why*", "How？ ＊Why＊"),
        ("  two  \n lines ", "two lines"),
        ("the end...", "the end"),
        ("挣扎。", "挣扎"),
        (".hidden", "hidden"),
        ("~$lock", "lock"),
        ("a\u00a0b\u202fc", "a b c"),
        ("a\u200fb\u200bc\u00add", "abcd"),
        ("CON .x", "_CON .x"),
        ("CONOUT$ x", "CONOUT$ x"),
        ("conin$", "conin"),
        ("conin$.x", "_conin$.x"),
        ("x.nosync", "x．nosync"),
        ("a_vti_b", "a＿vti_b"),
        ("x.tmp", "x.tmp"),
        ("x (conflicted copy) 2", "x (conflicted copy) 2"),
        ("😀👨\u200d👩\u200d👧", "😀👨\u200d👩\u200d👧"),
        ("a\u200db \u200d😀\u200d", "ab 😀"),
        ("\ue000\u0378x\U000e0041", "x"),
        ("a → b", "a → b"),
        ("", "untitled"),
        ("...", "untitled"),
        ("\ufeff\u200b", "untitled"),
    ],
)
def test_a_stem_still_reads_as_the_title(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_a_long_chinese_title_is_cut_between_characters() -> None:
    assert file_stem("长" * 300) == "长" * (STEM_BYTES // 3)


@pytest.mark.parametrize(
    "whole",
    [
        "❤\ufe0f",
        "👨\u200d👩\u200d👧",
        "🇩🇪",
        "👍🏽",
        "e\u0316\u0317",
        "क\u094dष",
        "1\ufe0f\u20e3",
    ],
)
def test_what_readers_see_as_one_character_is_cut_or_kept_whole(whole: str) -> None:
    room = STEM_BYTES - len(whole.encode())

    assert file_stem("x" * room + whole + "yz") == "x" * room + whole
    assert file_stem("x" * (room + 1) + whole + "yz") == "x" * (room + 1)


def test_the_second_of_two_flags_is_not_cut_in_half() -> None:
    room = STEM_BYTES - 12

    assert file_stem("x" * room + "🇩🇪🇫🇷") == "x" * room + "🇩🇪"


def test_a_letter_with_too_many_accents_is_still_a_name() -> None:
    assert file_stem("a" + "\u0316" * 300).startswith("a\u0316")


def test_titles_that_look_alike_get_one_name() -> None:
    assert file_stem("Cafe\u0301") == file_stem("Café")
    assert file_stem("\u1112\u1161\u11ab") == "한"


@pytest.mark.parametrize(
    ("work", "key"),
    [
        (YOUTUBE, "jNQXAC9IVRw"),
        (Work("youtube:-a_b-c.d..-", "x"), "-a_b-c.d..-"),
        (BILIBILI, "BV1sQUwBKEmg"),
        (PART, "BV1sQUwBKEmg p9999"),
    ],
)
def test_known_sites_lend_their_own_id(work: Work, key: str) -> None:
    assert short_id(work) == key


def test_other_works_get_an_id_that_depends_on_all_of_theirs() -> None:
    other = Work("url:https://example.org/b", "https://example.org/b")

    assert re.fullmatch(r"[0-9a-f]{8}", short_id(PAGE))
    assert short_id(PAGE) != short_id(other)


def test_two_works_with_one_title_have_two_names() -> None:
    assert note_name("A talk", YOUTUBE) == "A talk jNQXAC9IVRw"
    assert note_name("A talk", BILIBILI) == "A talk BV1sQUwBKEmg"


# ---- names that some system takes for one ----


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Talk jNQXAC9IVRw", "talk JNQXAC9ivrW"),
        ("Cafe\u0301", "café"),
        ("STRASSE", "straße"),
        ("Σ", "ς"),
        ("ſ", "S"),
        ("a\u00a0b", "A b"),
        ("\u1112\u1161\u11ab", "한"),
        ("a\u200db", "ab"),
        ("Ａ", "ａ"),
        ("\u212b", "å"),
    ],
)
def test_twins_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a", "b"), ("é", "e"), ("Ａ", "A"), ("a b", "ab"), ("x", "x 2")]
)
def test_names_that_differ_have_two_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=20))
def test_a_key_does_not_depend_on_case_or_form(name: str) -> None:
    twins = {name_key(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")} | {
        name_key(name_key(name))
    }

    assert twins == {name_key(name)}
