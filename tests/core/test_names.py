"""Names of notes that every system, sync and wikilink accepts."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.model import Work
from vaultscribe.core.names import STEM_BYTES, file_stem, note_name, short_id

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
    ),
]
titles = st.one_of(
    st.lists(st.sampled_from(BITS), max_size=12).map("".join), st.text(max_size=300)
)

FORBIDDEN = set('\\/:*?"<>|#^[]%`') | {chr(code) for code in [*range(32), 127]}
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@given(titles)
def test_a_stem_is_a_name_everywhere(title: str) -> None:
    stem = file_stem(title)

    assert 0 < len(stem.encode()) <= STEM_BYTES
    assert not FORBIDDEN & set(stem)
    assert stem == stem.strip(" .~$。")
    assert not RESERVED.match(stem)
    assert unicodedata.is_normalized("NFC", stem)
    assert all(unicodedata.category(char) not in {"Cc", "Cs", "Zl"} for char in stem)


@given(titles)
def test_naming_a_name_changes_nothing(title: str) -> None:
    assert file_stem(file_stem(title)) == file_stem(title)


@given(titles, st.sampled_from([YOUTUBE, BILIBILI, PART, PAGE]))
def test_with_its_id_a_name_has_at_most_200_bytes(title: str, work: Work) -> None:
    name = note_name(title, work)

    assert len(name.encode()) <= 200
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


def test_what_belongs_to_the_character_before_is_cut_or_kept_whole() -> None:
    kept = "x" * (STEM_BYTES - 6) + "❤\ufe0f"

    assert file_stem(kept + "❤") == kept
    assert file_stem("x" + kept) == "x" + kept.removesuffix("\ufe0f")


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
