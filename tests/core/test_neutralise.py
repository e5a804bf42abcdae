"""Text from outside does nothing in a note, and reads as itself."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultscribe.core.neutralise import (
    LABEL_LIMIT,
    callout,
    clean,
    display,
    heading,
    inline,
    mermaid_label,
    one_line,
    paragraphs,
    property_text,
    sentence,
    table_cell,
    wikilink,
)

BITS = [
    *("#标签", "# 标题", "## x", "#1", "#a/b", "C#", "＃全角", "#", "#-"),
    *("[[链接]]", "![[嵌入.png]]", "[[a|b#c]]", "[", "]", "(", ")", "!", "!["),
    *("%%", "%", "100%", "<% tp.x() %>", "<%* alert(1) %>", "{{title}}", "{% x %}"),
    *("`= this.file.name`", "`$= dv.pages()`", "```dataviewjs", "```", "`", "``"),
    *("~~~", "~~删~~", "~", "==亮==", "==", "=", "===", "$$x^2$$", "$5 和 $6", "$"),
    *("<script>alert(1)</script>", "<iframe src=x>", "<!--", "-->", "<", ">", "</b>"),
    *("<img src=x onerror=alert(1)>", "&lt;b&gt;", "&amp;", "&", "&#35;x", "&#x23;"),
    *("^abc", " ^block-id", "^", "^[脚注]", "[^1]", "[^1]: 定义", "[x]: http://e.com"),
    *(
        "- [ ] 任务",
        "- x",
        "* x",
        "+ x",
        "1. 一",
        "2) 二",
        "---",
        "***",
        "___",
        "- - -",
    ),
    *("> [!danger] 逃", "> 引", "| a | b |", "|-|-|", "--|--", ":-:"),
    *("key:: value", "[k:: v]", "(k:: v)", ":", "::", ":::"),
    *(
        "https://a.b/c_d?x=1#y",
        "http://例子.com/路",
        "https://a.b/?a=1&lt;=2",
        "https://",
    ),
    *(
        "https://a.b/$x$y",
        "https://a.b/x::y",
        "https://a.b/%%",
        "https://a.b/(c)*d*",
        "HTTPS://A.B/C",
    ),
    *("javascript:alert(1)", "obsidian://open?vault=x", "file:///etc/passwd"),
    *("![](https://t.example/p.png)", "[x](javascript:alert(1))", "a@b.example"),
    *(
        "\\",
        "\\#",
        "\\[#逃",
        "\\\\",
        "*强*",
        "**强**",
        "_斜_",
        "a_b",
        "__x__",
        "_",
        "*",
    ),
    *(
        "中文，标点。",
        "“引号”",
        "😀👨\u200d👩\u200d👧",
        "\t缩进",
        "    code",
        "\n",
        "\r",
        " ",
    ),
    *(
        "e\u202a\u0301",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\x00",
        "\x0b",
        "\u3000",
        "\ud800",
    ),
    *("//a.example", "mailto:a@b.example", "ftp://a.b", "and//or", "x #", "a\\|b"),
    *("。", "a", "1", "1.", "-", "@x", '"', "'", "x"),
]

hostile = st.one_of(
    st.lists(st.sampled_from(BITS), max_size=14).map("".join),
    st.lists(st.sampled_from(BITS), max_size=10).map(" ".join),
    st.text(max_size=60),
)


class Parser(MarkdownIt):
    """Leaves addresses as they are written."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - markdown-it's name
        return link


PARSER = Parser("commonmark").enable(["table", "strikethrough"])


def parsed(text: str) -> list[Any]:
    """Read *text* with a Markdown parser that is not ours."""
    return PARSER.parse(text)


def shape(text: str) -> list[str]:
    return [token.type for token in parsed(text)]


def seen(text: str) -> str:
    """Read what a reader sees of *text*, if it is text and plain links only."""
    inner = [child for token in parsed(text) for child in token.children or ()]
    kinds = {child.type for child in inner}
    assert kinds <= {"text", "text_special", "link_open", "link_close"}, kinds
    assert all(child.info == "auto" for child in inner if child.type == "link_open")
    return "".join(child.content for child in inner)


ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
AUTOLINK = re.compile(r"<https?://[^\s<>]+>", re.IGNORECASE)
ACTS_IN_OBSIDIAN = re.compile(
    r"[#]\S | \[\[ | !\[ | \]\( | %% | [$`*] | <(?!https?://[^\s<>]+>) | :: | == | ~~"
    r"| \^\[ | \^[A-Za-z0-9-]*$ | <% | %> | (?<!<http)(?<!<https)://",
    re.VERBOSE | re.IGNORECASE,
)
"""What a Markdown parser does not know of, once escapes are taken out."""


def acting(text: str) -> list[str]:
    # Behind an escape a tag can begin: https://github.com/obsidianmd #816.
    left = AUTOLINK.sub(" ", ESCAPED.sub(" ", text))
    return [found.group() for found in ACTS_IN_OBSIDIAN.finditer(left)]


PARAGRAPH = ["paragraph_open", "inline", "paragraph_close"]


# ---- inline ----


@given(hostile)
def test_text_is_one_paragraph_that_reads_as_itself(text: str) -> None:
    line = inline(text)

    assert "\n" not in line
    assert shape(line) == (PARAGRAPH if one_line(text) else [])
    assert seen(line) == one_line(text)


@given(hostile)
def test_nothing_in_text_acts_in_obsidian(text: str) -> None:
    assert acting(inline(text)) == []


@given(hostile)
def test_text_stays_in_its_list_item(text: str) -> None:
    item = f"- x\n- {inline(text)} [00:01](https://a.b)\n- y"

    assert shape(item).count("list_item_open") == 3
    assert shape(item).count("paragraph_open") == 3
    assert set(shape(item)) == {
        *("bullet_list_open", "list_item_open", *PARAGRAPH),
        *("list_item_close", "bullet_list_close"),
    }


@pytest.mark.parametrize("bit", BITS)
def test_each_nasty_bit_is_inert_alone(bit: str) -> None:
    assert acting(inline(bit)) == []
    assert seen(inline(bit)) == one_line(bit)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("所有取得成功的人，背后都有你看不到的挣扎。", None),
        ("It's 100% done, isn't it? (Yes!)", None),
        ("snake_case stays", None),
        ("C# or F#", "C# or F\\#"),
        ("#tag", "\\#tag"),
        ("[[x]]", "\\[\\[x\\]\\]"),
        ("%%x%%", "\\%\\%x\\%\\%"),
        ("<% x %>", "\\<\\% x \\%\\>"),
        ("a:: b", "a:\\: b"),
        ("end ^id", "end \\^id"),
        ("1. one", "1\\. one"),
        ("---", "\\---"),
        ("see https://a.b/c.", "see <https://a.b/c>."),
        ("https://a.b/c看", "<https://a.b/c>看"),
        ("https://@a.b/c", "https:\\//@a.b/c"),
        ("mailto:a@b.example", "mailto\\:a@b.example"),
        ("obsidian://x", "obsidian:\\//x"),
        ("and//or 1/2", "and//or 1/2"),
    ],
)
def test_as_little_as_needed_is_escaped(text: str, line: str | None) -> None:
    assert inline(text) == (line or text)


@given(hostile)
def test_each_line_becomes_a_paragraph(text: str) -> None:
    wanted = [one_line(line) for line in clean(text).split("\n")]

    assert [seen(line) for line in paragraphs(text)] == [
        line for line in wanted if line
    ]


# ---- clean ----


@given(hostile)
def test_cleaning_twice_is_the_same_as_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)
    assert unicodedata.is_normalized("NFC", clean(text))


def test_what_nobody_sees_is_taken_out() -> None:
    assert clean("a\u202eb\ufeffc\u2028d\x00e\ud800f\x85g") == "abcdefg"


def test_line_ends_and_blanks_are_made_plain() -> None:
    assert clean("a\r\nb\rc\td") == "a\nb\nc d"
    assert one_line(" a \u3000\n b ") == "a b"


def test_letters_written_in_two_ways_are_one() -> None:
    assert clean("Cafe\u0301") == clean("Café")


# ---- callout ----


@given(hostile, st.lists(hostile, max_size=3), st.sampled_from(["", "-", "+"]))
def test_nothing_leaves_its_callout(title: str, texts: list[str], fold: str) -> None:
    blocks = [line for text in texts for line in paragraphs(text)]

    wrapped = callout("quote", title, blocks, fold)

    assert all(line.startswith(">") for line in wrapped.split("\n"))
    assert re.match(rf"> \[!quote\]{re.escape(fold)}(?: |$)", wrapped, re.MULTILINE)
    assert shape(f"{wrapped}\n\nbehind") == [
        "blockquote_open",
        *PARAGRAPH * (1 + bool(blocks[1:]) * len(blocks[1:])),
        "blockquote_close",
        *PARAGRAPH,
    ]


def test_a_callout_looks_as_obsidian_wants_it() -> None:
    wrapped = callout("tip", "Title", ["one\ntwo", "three"], "-")

    assert wrapped == "> [!tip]- Title\n> one\n> two\n>\n> three"


def test_a_callout_may_have_no_title() -> None:
    assert callout("tip", "", ["x"]) == "> [!tip]\n> x"


# ---- display ----


@given(hostile)
def test_the_text_of_a_wikilink_cannot_leave_it(text: str) -> None:
    shown = display(text)

    assert not set(shown) & set("[]|^#\\`<>$*\n")
    assert not re.search(r"~~|==|%%|::|\b__|\b_\b(?<=\s_)", shown)
    assert display(shown) == shown


def test_signs_that_act_only_in_pairs_stay_where_they_are_alone() -> None:
    assert display("100% a_b a=b ~5: x") == "100% a_b a=b ~5: x"
    assert display("%% _a_ == ~~ k::") == "％％ ＿a＿ ＝＝ ～～ k：："


# ---- wikilinks ----


@given(hostile)
def test_a_link_is_one_link_or_plain_text(name: str) -> None:
    link = wikilink(name, "words [x]")

    assert link in {f"[[{clean(name)}|words ［x］]]", "words \\[x\\]"}
    assert (
        link.startswith("[[")
        or re.search(r"[\[\]|#^\\`<>]|%%|::|\s", name)
        or (not name or clean(name) != unicodedata.normalize("NFC", name))
    )


@pytest.mark.parametrize(
    ("name", "text", "link"),
    [
        ("Talk", "", "[[Talk]]"),
        ("Talk", "Talk", "[[Talk]]"),
        ("Cafe\u0301", "", "[[Café]]"),
        ("People/李 明", "李明", "[[People/李 明|李明]]"),
        ("$5 a_b", "C# | F#", "[[$5 a_b|C＃ ｜ F＃]]"),
        ("C#", "", "C\\#"),
        ("a|b", "", "a|b"),
        ("[x]", "", "\\[x\\]"),
        ("a^b", "words", "words"),
        ("50%%", "", "50\\%\\%"),
        ("k:: v", "", "k:\\: v"),
        ("a#:", "", "a\\#："),
        ("two\nlines", "", "two lines"),
        ("turned\u202e", "", "turned"),
        ("", "", ""),
    ],
)
def test_what_cannot_be_linked_to_is_text(name: str, text: str, link: str) -> None:
    assert wikilink(name, text) == link


def test_a_property_has_text_of_its_own_kind_where_there_can_be_no_link() -> None:
    assert wikilink("Talk", plain=property_text) == "[[Talk]]"
    assert wikilink("[[C#]]", plain=property_text) == "［［C#］］"


# ---- properties ----


@given(hostile)
def test_a_property_is_no_link_and_no_code(text: str) -> None:
    value = property_text(text)

    assert not re.fullmatch(r"!?\[\[.*\]\]|!?\[.*\]\(.*\)", value)
    assert not re.match(r"(?!https?://)[a-z][a-z0-9+.-]*://", value, re.IGNORECASE)
    assert not re.search("<%|%>", value)
    assert unicodedata.normalize("NFKC", value) == unicodedata.normalize(
        "NFKC", one_line(text)
    )
    assert property_text(value) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[MV] Song (live)", "[MV] Song (live)"),
        ("see [[x]]", "see [[x]]"),
        ("[[x]]", "［［x］］"),
        ("![[x]]", "!［［x］］"),
        ("[x](y)", "［x］(y)"),
        ("Re:Zero: #1 %%", "Re:Zero: #1 %%"),
        ("https://a.b", "https://a.b"),
        ("obsidian://open", "obsidian：//open"),
        ("javascript:alert(1)", "javascript：alert(1)"),
        ("<% x %>", "＜% x %＞"),
        ("<%>", "＜%＞"),
    ],
)
def test_as_little_as_needed_is_changed_in_a_property(text: str, value: str) -> None:
    assert property_text(text) == value


# ---- headings and tables ----


@given(hostile)
def test_a_heading_reads_as_itself(text: str) -> None:
    line = f"## {heading(text)}"

    assert shape(line) == ["heading_open", "inline", "heading_close"]
    assert seen(line) == one_line(text)
    assert acting(heading(text)) == []


@given(hostile)
def test_a_cell_reads_as_itself_and_does_not_leave_its_column(text: str) -> None:
    rows = f"| {table_cell(text)} | b |\n|---|---|\n| {table_cell(text)} | b |"

    cells = [token.content for token in parsed(rows) if token.type == "inline"]
    assert len(cells) == 4
    assert shape(rows).count("td_open") == shape(rows).count("th_open") == 2
    assert seen(rows) == f"{one_line(text)}b" * 2
    assert acting(table_cell(text)) == []


# ---- sentence ----


@given(hostile)
def test_a_sentence_of_ours_does_nothing_that_it_quotes(text: str) -> None:
    left = re.sub(rf"{ESCAPED.pattern}|`[^`=$][^`]*`", " ", sentence(text))

    assert "\n" not in left
    assert not re.search(
        r"#\S|\[\[|!\[|\]\(|\[\^|%%|<[A-Za-z/!?%]|::|\^[A-Za-z0-9-]*$|[`$]", left
    )


def test_a_sentence_of_ours_is_readable_as_it_is_written() -> None:
    told = 'install it: pip install "vaultscribe[speech]", set `a_b = "<x>"` (50% done)'

    assert sentence(told) == told


# ---- mermaid ----

LABEL = re.compile(r'"(?:[^"#;<>&`\\%$*_~\[\]\n]|#(?:quot|lt|gt|amp|\d+);)+"')


@given(hostile.filter(one_line), st.integers(1, 100))
def test_a_label_is_one_quoted_string(text: str, limit: int) -> None:
    label = mermaid_label(text, limit)

    assert LABEL.fullmatch(label)
    assert "://" not in label
    assert len(re.sub(r"#\w+;", "x", label)) <= limit + 2


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("PyTorch 发布 (2017)", '"PyTorch 发布 (2017)"'),
        ('say "hi"', '"say #quot;hi#quot;"'),
        ("1. one", '"1、one"'),
        ("- one", '"· one"'),
        ("---", '"———"'),
        ("`x`", '"#96;x#96;"'),
        ("%%{init}%%", '"#37;#37;{init}#37;#37;"'),
        ("x" * 100, '"' + "x" * (LABEL_LIMIT - 1) + '…"'),
    ],
)
def test_labels_read_as_the_text_without_its_markdown(text: str, label: str) -> None:
    assert mermaid_label(text) == label
