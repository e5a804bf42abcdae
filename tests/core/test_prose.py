"""Code, headings and tables are told apart as a full Markdown parser does it."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultscribe.core.prose import Blocks, body_start, lines, prose

STARTS = [
    "- ",
    "* ",
    "> ",
    ">",
    "1. ",
    "2) ",
    "10. ",
    "-",
    "1.",
    "+\t",
    " ",
    "  ",
    "   ",
]
BLOCKS = [
    "```",
    "~~~",
    "````",
    "``` x",
    "# ",
    "## x",
    "#x",
    "===",
    "---",
    "***",
    "- - -",
]
WORDS = ["a", "b c", "x y", "", "", "1.x", "-x"]
INDENTS = ["    ", "\t", "      ", " \t"]

lines_of_prose = st.lists(st.sampled_from([*STARTS, *BLOCKS, *WORDS]), max_size=4).map(
    "".join
)
# Behind a blank line: CommonMark lets an indented line go on a quote's paragraph,
# markdown-it-py takes some of those for code.
lines_of_code = st.builds("\n{}{}".format, st.sampled_from(INDENTS), lines_of_prose)
notes = st.lists(st.one_of(lines_of_prose, lines_of_code), max_size=10).map("\n".join)

ROWS = ["a|b", "|a|b|", "| a |", "a", "|", "a\\|b", "```", "", "a | b | c"]
DELIMITERS = ["-|-", "|-|-|", "|---|", ":-:|--", "| - | - |", "--|--|--"]
tables = st.lists(st.sampled_from([*ROWS, *DELIMITERS]), max_size=8).map("\n".join)


@given(notes)
@example("> a\n- b\n===")
@example("-\n\n      a")
@example("- a\n - b\n  - c\n   - d\n    - e")
def test_code_and_headings_are_those_of_a_markdown_parser(text: str) -> None:
    assert hidden_lines(text) == parsed_lines(text)


@given(tables)
def test_tables_are_those_of_a_markdown_parser(text: str) -> None:
    assert hidden_lines(text) == parsed_lines(text)


def hidden_lines(text: str) -> set[int]:
    texts = [line for _, line in lines(text)]
    return {n for n in Blocks(texts).skipped() if texts[n].strip(" \t>")}


def parsed_lines(text: str) -> set[int]:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 1000})
    parser.enable("table").disable(["inline", "reference"])
    texts = [line for _, line in lines(text)]
    return {
        number
        for token in parser.parse(text)
        if token.map
        and (
            token.type in {"fence", "code_block", "table_open"}
            or (token.type == "heading_open" and token.markup != "-")
        )
        for number in range(*token.map)
        if number < len(texts) and texts[number].strip(" \t>")
    }


@given(st.text(alphabet="ab `%<!->\n\r\t\\|#=https:/\u2028\ufeff", max_size=60))
def test_blanking_moves_nothing(text: str) -> None:
    plain = prose(text)

    assert len(plain) == len(text)
    assert all(new in {old, " "} for old, new in zip(text, plain, strict=True))
    assert [start for start, _ in lines(plain)] == [start for start, _ in lines(text)]


def test_what_is_nested_without_measure_is_text() -> None:
    assert prose(f"{'> ' * 5000}# a") == f"{'> ' * 5000}# a"


def test_the_body_begins_behind_the_frontmatter() -> None:
    assert body_start("---\na: 1\n---\nb") == len("---\na: 1\n---\n")
    assert body_start("\ufeffb") == 1
    assert body_start("---\nno end") == 0
