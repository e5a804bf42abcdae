"""A note is rendered anew, and every edit that its reader made stays."""

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vaultscribe.core.merge import UNREADABLE, Merged, merge
from vaultscribe.core.properties import MAX_BYTES, read, write
from vaultscribe.core.splice import entries, split

PROPERTIES: dict[str, Any] = {
    "title": "成功: 背后的挣扎",
    "aliases": ["成功"],
    "url": "https://a.b/c",
    "timestamp": "2025-11-24T07:45:14",
    "status": "partial",
    "duration": "3:37",
    "duration_seconds": 217,
    "channel": "挣扎与光",
    "summary": "excerpts",
    "tags": ["career", "人工智能/pytorch"],
    "people": ["Soumith Chintala"],
    "related": ["[[PyTorch 的十年]]", "[[Why we sleep]]"],
}
DIAGRAM = "```mermaid\nflowchart TD\n    n1[二本院校]\n    n1 --> n2\n```\n"
BODY = f"""\
> [!abstract] 核心思想
> 被拒十二年的青年造出 PyTorch。

## 要点

- 毕业于一所二本院校。
- 申请 12 所大学。
- 2017 年发布 PyTorch。

## 概念图

{DIAGRAM}
## 相关笔记

- [[PyTorch 的十年]]: 同有 #career
- [[Why we sleep]]: 同有 #career

## 我的笔记


> [!quote]- 字幕
> 他数学很差。
>
> 他申请了大学。
"""
BASE = write(PROPERTIES, BODY)


def body(text: str) -> str:
    return split(text)[1]


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def render(body: str = BODY, **changes: Any) -> str:
    """Render the note anew with some properties changed."""
    return write({**PROPERTIES, **changes}, body)


def edit(text: str, old: str, new: str) -> str:
    """Change the one place where *old* stands."""
    assert text.count(old) == 1
    return text.replace(old, new)


# ---- when only one side has changed anything ----


def test_a_note_that_nobody_edited_becomes_ours() -> None:
    ours = render("anew\n", status="success", tags=[], people=["A", "B"])

    assert merge(BASE, BASE, ours) == Merged(ours, ())


def test_a_note_stays_as_it_is_where_we_change_nothing() -> None:
    theirs = "\ufeff" + BASE.replace("\n", "\r\n", 20).rstrip() + "\udcff"

    assert merge(BASE, theirs, BASE) == Merged(theirs, ())


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
def test_a_note_of_other_line_ends_keeps_them(bom: str, end_of_line: str) -> None:
    ours = render("> anew\n", status="success", channel=None, tags=["x"])

    merged = merge(BASE, bom + BASE.replace("\n", end_of_line), ours)

    assert merged == Merged(bom + ours.replace("\n", end_of_line), ())


def test_lines_of_ours_take_the_line_end_that_most_lines_have() -> None:
    theirs = BASE.replace("\n", "\r\n").replace("\r\n\r\n## 要点", "\n\n## 要点")
    ours = edit(BASE, "## 我的笔记\n", "- [[新]]\n\n## 我的笔记\n")

    merged = merge(BASE, theirs, ours)

    assert merged.text == edit(
        theirs, "## 我的笔记\r\n", "- [[新]]\r\n\r\n## 我的笔记\r\n"
    )


def test_a_line_behind_a_last_line_without_an_end_gets_its_own() -> None:
    ours = render(BODY + ">\n> 最后。\n")

    merged = merge(BASE, BASE.rstrip("\n"), ours)

    assert merged == Merged(ours, ())


def test_bytes_that_are_no_text_stay() -> None:
    theirs = edit(BASE, "## 我的笔记\n", "## 我的笔记\n\udcff\u2028 x\r y\n")
    ours = render(edit(BODY, "他数学很差。", "他的数学很差。"))

    merged = merge(BASE, theirs, ours)

    assert merged.text == edit(theirs, "他数学很差。", "他的数学很差。")


# ---- lines ----


def test_edits_in_different_places_are_all_there() -> None:
    theirs = edit(BASE, "## 我的笔记\n", "## 我的笔记\n\n我的话。My words.\n")
    theirs = edit(theirs, "- 申请 12 所大学。", "- 申请 12 所大学。(!)")
    ours = render(edit(BODY, "他数学很差。", "他的数学很差。"), status="success")

    merged = merge(BASE, theirs, ours)

    wanted = edit(theirs, "他数学很差。", "他的数学很差。")
    assert merged == Merged(edit(wanted, "partial", "success"), ())


def test_edits_of_neighbouring_lines_are_both_there() -> None:
    theirs = edit(BASE, "- 申请 12 所大学。", "- 申请了 12 所！")
    ours = edit(BASE, "- 2017 年发布 PyTorch。", "- 2016 年发布。")

    merged = merge(BASE, theirs, ours)

    assert merged == Merged(
        edit(theirs, "- 2017 年发布 PyTorch。", "- 2016 年发布。"), ()
    )


def test_a_line_that_both_changed_stays_theirs_and_is_told() -> None:
    theirs = edit(BASE, "- 申请 12 所大学。", "- 申请了 12 所！")
    ours = edit(BASE, "- 申请 12 所大学。", "- 被 12 所大学拒绝。")

    assert merge(BASE, theirs, ours) == Merged(theirs, ("- 被 12 所大学拒绝。",))


def test_what_both_changed_alike_comes_once() -> None:
    theirs = edit(BASE, "- 申请 12 所大学。", "- A\n- B")

    assert merge(BASE, theirs, theirs) == Merged(theirs, ())


def test_a_section_that_the_user_deleted_stays_deleted() -> None:
    section = BODY[BODY.index("## 相关笔记") : BODY.index("## 我的笔记")]
    theirs = edit(BASE, section, "")
    ours = render(edit(BODY, "- [[Why we sleep]]", "- [[新]]: x\n- [[Why we sleep]]"))

    assert merge(BASE, theirs, ours) == Merged(theirs, ("- [[新]]: x",))


def test_new_sections_come_behind_what_they_replace_where_that_was_edited() -> None:
    base = "> [!info] 摘录\n> x\n\n## 摘录\n\n- a\n- b\n\n## 我的笔记\n"
    theirs = edit(base, "- b\n", "- b ← 重要！\n")
    points = "> [!tip] 观点\n> y\n\n## 要点\n\n- c\n\n"
    ours = f"> [!info] 摘录\n> x\n\nlost\n\n{points}## 我的笔记\n"

    merged = merge(base, theirs, ours)

    assert merged.text == edit(theirs, "## 我的", points + "## 我的")
    assert merged.kept == ("lost",)
    assert merge(base, merged.text, ours).text == merged.text


def test_an_item_for_a_section_that_is_gone_does_not_come_alone() -> None:
    base = "## A\n\ntext\n\n## B\n- b\n"

    merged = merge(base, "## A\n\ntext\n\n", base + "- c\n")

    assert merged == Merged("## A\n\ntext\n\n", ("- c",))


def test_a_section_of_ours_comes_where_the_user_deleted_its_neighbour() -> None:
    base = "## A\n\ntext\n\n## B\n- b\n"

    merged = merge(base, "## A\n\ntext\n\n", base + "## C\n- c\n")

    assert merged == Merged("## A\n\ntext\n\n## C\n- c\n", ())


def test_a_body_that_the_user_emptied_stays_empty() -> None:
    theirs = split(BASE)[0] + "\n"

    merged = merge(BASE, theirs, render("anew\n" + BODY, status="success"))

    assert merged == Merged(edit(theirs, "partial", "success"), ("anew",))


def test_a_body_behind_a_fence_without_a_line_end_gets_a_line() -> None:
    merged = merge("---\na: 1\n---\n", "---\nb: 1\n---", "---\na: 1\n---\nbody\n")

    assert merged.text == "---\nb: 1\n---\nbody\n"


@pytest.mark.parametrize(
    ("mine", "new", "both"),
    [
        ("- [[甲]]", "- [[乙]]", "- [[甲]]\n- [[乙]]"),
        ("- [[甲]]", "- [[甲]]", "- [[甲]]"),
        ("- [[甲]]", "- [[甲]]\n- [[乙]]", "- [[甲]]\n- [[乙]]"),
        ("- [[甲]]\n- [[乙]]", "- [[乙]]", "- [[甲]]\n- [[乙]]"),
        ("> mine", "> new", "> mine\n> new"),
        ("> mine", "> [!tip] new\n> x", "> mine\n\n> [!tip] new\n> x"),
        ("mine", "new", "mine\n\nnew"),
        ("> mine", "new", "> mine\n\nnew"),
        ("mine\n", "new", "mine\n\nnew"),
        ("mine", "\nnew", "mine\n\nnew"),
    ],
)
def test_what_both_inserted_at_one_place_comes_theirs_first(
    mine: str, new: str, both: str
) -> None:
    base = "## A\n- x\n## B\n"

    merged = merge(
        base,
        edit(base, "- x\n", f"- x\n{mine}\n"),
        edit(base, "- x\n", f"- x\n{new}\n"),
    )

    assert merged == Merged(edit(base, "- x\n", f"- x\n{both}\n"), ())


def test_what_the_user_has_put_elsewhere_does_not_come_again() -> None:
    base = "## A\n- x\n## B\n- y\n"

    merged = merge(base, base + "- [[乙]]\n", edit(base, "- x\n", "- x\n- [[乙]]\n"))

    assert merged == Merged(base + "- [[乙]]\n", ())


# ---- fenced blocks ----


def test_a_diagram_that_both_changed_stays_theirs_as_a_whole() -> None:
    theirs = edit(BASE, "n1[二本院校]", "n1[我的母校]")
    ours = edit(BASE, "    n1 --> n2\n", "    n1 --> n2\n    n2 --> n3\n")

    merged = merge(BASE, theirs, ours)

    assert merged.text == theirs
    assert "    n2 --> n3" in merged.kept


def test_a_diagram_that_only_we_changed_becomes_ours() -> None:
    ours = edit(BASE, "    n1 --> n2\n", "    n1 --> n2\n    n2 --> n3\n")
    theirs = edit(BASE, "## 概念图\n", "## 概念图\n\n看这里：\n")

    merged = merge(BASE, theirs.replace("\n", "\r\n"), ours)

    assert lines(merged.text) == lines(
        edit(ours, "## 概念图\n", "## 概念图\n\n看这里：\n")
    )


@pytest.mark.parametrize(
    "block",
    [
        "> ```mermaid\n> a\n> b\n> ```\n",
        "- ~~~mermaid\n  a\n  b\n  ~~~\n",
        "````md\n```\na\nb\n```\n````\n",
    ],
)
def test_blocks_are_whole_in_quotes_and_lists_and_within_others(block: str) -> None:
    base = f"x\n\n{block}\ny\n"

    merged = merge(base, edit(base, "a\n", "mine\n"), edit(base, "b\n", "new\n"))

    assert merged.text == edit(base, "a\n", "mine\n")


@pytest.mark.parametrize(
    "opener", ["```mermaid\nx\n", "> ```mermaid\n> x\n\n", "``` a ` b\n"]
)
def test_a_block_without_an_end_holds_nothing_up(opener: str) -> None:
    base = f"x\n{opener}\na\nb\nc\n"

    merged = merge(base, edit(base, "a\n", "mine\n"), edit(base, "c\n", "new\n"))

    assert merged.text == edit(edit(base, "a\n", "mine\n"), "c\n", "new\n")


# ---- properties ----


def head(*rows: str) -> str:
    return "---\n" + "".join(f"{row}\n" for row in rows) + "---\n\nbody\n"


MINE = head(
    "# mine", "title: '成功: 背后的挣扎'   # t", "status: partial", "", "own: [a, b]"
)


def test_a_value_of_ours_is_changed_in_place() -> None:
    theirs = edit(BASE, "status: partial", "# 我的注释\nstatus: 'partial' # why?")
    ours = render(status="success", people=["A: B"])

    merged = merge(BASE, theirs, ours)

    wanted = edit(theirs, "'partial'", "success")
    assert merged == Merged(edit(wanted, '"Soumith Chintala"', '"A: B"'), ())


def test_a_value_that_obsidian_wrote_anew_counts_as_unchanged() -> None:
    theirs = obsidian(BASE)
    ours = render(duration="3:38", title="新: 标题", related=["[[新]]"])

    merged = merge(BASE, theirs, ours)

    assert "duration: 3:37\n" in theirs
    assert merged.kept == ()
    assert read(merged.text) == read(ours)


def test_what_obsidian_wrote_anew_stays_where_we_change_something_else() -> None:
    theirs = obsidian(edit(BASE, "channel: 挣扎与光", "channel: 我的频道"))
    ours = render(status="success")

    merged = merge(BASE, theirs, ours)

    assert merged == Merged(edit(theirs, "partial", "success"), ())


def test_a_new_property_stands_behind_the_one_before_it() -> None:
    theirs = edit(obsidian(BASE), "channel:", "# c\nchannel:")
    ours = render(related=PROPERTIES["related"])
    ours = edit(ours, "channel:", "cover: x\nlanguage: zh\nchannel:")

    merged = merge(BASE, theirs, ours)

    assert merged == Merged(edit(theirs, "# c\n", "cover: x\nlanguage: zh\n# c\n"), ())


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "merged", "kept"),
    [
        # both changed
        ("title: a", "title: mine", "title: b", "title: mine", ["title: b"]),
        ("title: a", "title: b # c", "title: b", "title: b # c", []),
        ("status: a", "status: mine # c", "status: b", "status: b # c", []),
        ("Status: a", "STATUS: mine", "Status: b", "STATUS: b", []),
        ("title: a", "title:", "title: b", "title:", ["title: b"]),
        ("status: a", "status: # c", "status: b", "status: b # c", []),
        ("x: 1", "x: '1'", "x: 2", "x: '1'", ["x: 2"]),
        # deleted
        ("title: a", "", "title: b", "", ["title: b"]),
        ("status: a", "", "status: b", "", ["status: b"]),
        ("title: a", "Title: 'a'", "", "", []),
        ("title: a", "title: mine", "", "title: mine", []),
        ("status: a", "status: mine", "", "status: mine", []),
        ("title: a", "title: a # mine", "", "title: a # mine", []),
        # new
        ("", "", "title: b", "title: b", []),
        ("", "title: mine", "title: b", "title: mine", ["title: b"]),
        ("", "tags: [mine]", "tags:\n  - b", "tags: [mine, b]", []),
        # long texts
        ("t: a b", "t: >-\n  a\n  b", "t: c", "t: c", []),
        ('t: "a\\n"', "t: |\n  a\n  # b", "t: c", "t: |\n  a\n  # b", ["t: c"]),
        ('t: "a"', 't: "a" # "b"', "t: c", 't: c # "b"', []),
        # lists
        ("tags:\n  - a", "tags: [a]", "tags:\n  - b", "tags:\n  - b", []),
        (
            "tags:\n  - a\n  - b",
            "tags: # c\n- b\n- a # d",
            "tags:\n  - a\n  - n",
            "tags: # c\n- a # d\n- n",
            [],
        ),
        (
            "tags:\n  - a",
            "tags: [mine, a]",
            "tags:\n  - a\n  - Mine\n  - b",
            "tags: [mine, a, b]",
            [],
        ),
        (
            "tags:\n  - a\n  - b\n  - c",
            "tags: [b, mine, a]",
            "tags:\n  - c\n  - n",
            "tags: [mine, n]",
            [],
        ),
        (
            "tags:\n  - a",
            "tags:\n  - A",
            "tags:\n  - a\n  - b",
            "tags:\n  - A\n  - b",
            [],
        ),
        ("tags:\n  - a", "tags: mine", "tags:\n  - b", "tags: [mine, b]", []),
        ("tags:\n  - a", "tags:", "tags:\n  - a\n  - b", "tags:\n  - b", []),
        ("tags:\n  - a", "tags: []", "tags:\n  - a", "tags: []", []),
        ("tags:\n  - a", "tags: a", "", "", []),
        ("tags:\n  - a", "tags: [a, x]", "", "tags: [x]", []),
        ("tags:\n  - a", "tags:\n  - a # x", "", "tags:\n  - a # x", []),
        ("tags:\n  - a", "", "tags:\n  - b", "", ["tags: b"]),
        (
            "tags:\n  - a",
            "tags: {x: y}",
            "tags:\n  - a\n  - b",
            "tags: {x: y}",
            ["tags: b"],
        ),
        (
            'related:\n  - "[[a]]"',
            'related:\n  - "[[a|甲]]"\n  - "[[m]]"',
            'related:\n  - "[[a]]"\n  - "[[b]]"',
            'related:\n  - "[[a|甲]]"\n  - "[[m]]"\n  - "[[b]]"',
            [],
        ),
        # what cannot be changed in place
        ("t: a", "t: &x a\nu: *x", "t: b", "t: &x a\nu: *x", ["t: b"]),
    ],
)
def test_properties_merge_one_by_one(
    base: str, theirs: str, ours: str, merged: str, kept: list[str]
) -> None:
    first, last = "first: 1", "last: 2 # behind"

    result = merge(
        head(first, *base.splitlines(), "last: 2"),
        head(first, *theirs.splitlines(), last),
        head(first, *ours.splitlines(), "last: 2"),
    )

    assert result.text == head(first, *merged.splitlines(), last)
    assert result.kept == tuple(kept)


@pytest.mark.parametrize(
    "block",
    [
        "---\nstatus: partial\nstatus: mine\n---\n",
        "---\nstatus: partial\nStatus: mine\n---\n",
        "---\nstatus: [partial\n---\n",
        "---\n{status: partial}\n---\n",
        "---\n- status\n---\n",
        f"---\nstatus: partial\na: {'x' * MAX_BYTES}\n---\n",
    ],
)
def test_a_block_that_cannot_be_read_stays_and_the_body_is_merged(block: str) -> None:
    ours = render(edit(BODY, "他数学很差。", "他的数学很差。"), status="success")

    merged = merge(BASE, block + body(BASE), ours)

    assert merged.text == block + body(ours)
    assert merged.kept == (UNREADABLE, "status: success")


def test_a_block_that_the_user_removed_stays_removed() -> None:
    ours = render(edit(BODY, "他数学很差。", "他的数学很差。"), status="success")

    merged = merge(BASE, body(BASE), ours)

    assert merged == Merged(body(ours), ("status: success",))


@pytest.mark.parametrize("block", ["---\n---\n", "---\n# mine\n---\n"])
def test_properties_that_were_all_deleted_stay_so_and_new_ones_come(
    block: str,
) -> None:
    merged = merge(BASE, block + body(BASE), render(status="success", cover="x"))

    assert merged.text == block[:-4] + "cover: x\n---\n" + body(BASE)
    assert merged.kept == ("status: success",)


# ---- any edit and any rendering ----

slowly = settings(max_examples=40, deadline=None)
MARK = "✍"
"""Stands in every line that a user wrote, and in none of ours."""


def obsidian(text: str, *, with_comments: bool = True) -> str:
    """Write a note's frontmatter as Obsidian does when one value is edited in it.

    It parses and writes the whole block by npm `yaml`: quotes only where YAML 1.2
    needs them, lists as blocks, comments at their property.
    """
    rows = []
    for entry in entries(text).values():
        above = re.search(r"(?:^[ \t]*#.*\n)*\Z", text[: entry.at], re.MULTILINE)
        rows += [above[0] if above and with_comments else "", f"{entry.name}:"]
        values = entry.value if isinstance(entry.value, list) else [entry.value]
        before = "\n  - " if isinstance(entry.value, list) else " "
        rows += [before + plain(value) for value in values]
        rows += ["" if values else " []", "\n"]
    return "---\n" + "".join(rows) + "---\n" + body(text)


def plain(value: Any) -> str:
    """Quote a text only where it would be read as something else."""
    written = str(value) if isinstance(value, str) else json.dumps(value)
    is_plain = read(f"---\nx: {written}\n---\n") == {"x": value}
    return written if is_plain else json.dumps(value, ensure_ascii=False)


few = st.integers(0, 4)
words = st.sampled_from(
    ["成功", "again: yes", "3:37", "a", "B", "no", "#x", "[[链接]]"]
)
some = st.lists(words, min_size=1, max_size=3, unique_by=str.casefold)
blocks = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["title", "channel", "status", "duration", "summary"], words),
        **dict.fromkeys(["tags", "related"], some),
    },
).filter(bool)


@st.composite
def renderings(draw: st.DrawFn, *versions: str) -> str:
    """Draw a note whose lines are of one of the *versions* each."""
    either = st.sampled_from(versions)
    points = "".join(f"- point {n} {draw(either)}\n" for n in range(draw(few)))
    said = "".join(f"> said {n} {draw(either)}\n>\n" for n in range(draw(few)))
    text = f"""\
> [!tip] core
> {draw(either)}

## Points

{points}
## Map

```mermaid
a
  n1 {draw(either)}
  n2
```

## Mine


> [!quote]- words
{said}"""
    return write(draw(blocks), text)


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """Draw what a user makes of a note."""
    block, rest = split(text)
    rewritten = draw(st.sampled_from([None, True, False]))
    if rewritten is not None:
        block = split(obsidian(block, with_comments=rewritten))[0]
    rows = block.splitlines()
    for number in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, len(rows) - 1))
        rows.insert(at, draw(st.sampled_from(["# ", f"own{number}: ", "# c "])) + MARK)
    body_rows = rest.splitlines()
    for number in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body_rows)))
        size = draw(st.integers(0, 3))
        new = st.sampled_from(["", "- ", "> ", "## ", "\n", "  "])
        mine = draw(st.lists(new, max_size=2))
        body_rows[at : at + size] = [f"{start}{MARK}{number}" for start in mine]
    return "\n".join([*rows, *body_rows, ""])


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, str, str]:
    base, ours = draw(renderings("v1")), draw(renderings("v1", "v2"))
    return base, draw(edited(base)), ours


def marked(text: str) -> list[str]:
    return [line for line in lines(text) if MARK in line]


def diagrams(text: str) -> list[str]:
    return re.findall(r"```mermaid\n.*?\n```", text, re.DOTALL)


@slowly
@given(stories())
def test_every_word_of_the_user_stays_once_and_in_order(
    story: tuple[str, str, str],
) -> None:
    base, theirs, ours = story

    assert marked(merge(base, theirs, ours).text) == marked(theirs)


@slowly
@given(stories())
def test_no_line_that_the_user_deleted_comes_back(story: tuple[str, str, str]) -> None:
    base, theirs, ours = (set(lines(body(text))) for text in story)

    merged = set(lines(body(merge(*story).text)))

    separators = {"", ">"}  # of which we may have added more
    assert merged & (base - theirs) <= separators
    assert merged <= theirs | (ours - base) | separators


@slowly
@given(stories())
def test_diagrams_are_wholly_theirs_or_wholly_ours(
    story: tuple[str, str, str],
) -> None:
    base, theirs, ours = story
    assume(theirs.count("```") == 2)

    merged = merge(base, theirs, ours).text

    assert diagrams(merged) in (diagrams(theirs), diagrams(ours))


@slowly
@given(stories())
def test_what_the_user_could_read_as_properties_can_still_be_read(
    story: tuple[str, str, str],
) -> None:
    base, theirs, ours = story

    merged = read(merge(base, theirs, ours).text)

    own = {k: v for k, v in read(theirs).items() if k.startswith("own")}
    assert own.items() <= merged.items()
    assert set(merged) <= set(read(theirs)) | set(read(ours))


@slowly
@given(stories())
def test_merging_a_second_time_changes_nothing(story: tuple[str, str, str]) -> None:
    base, theirs, ours = story

    once = merge(base, theirs, ours)

    assert merge(ours, once.text, ours).text == once.text
    assert merge(base, once.text, ours).text == once.text


@slowly
@given(stories())
def test_one_side_alone_decides(story: tuple[str, str, str]) -> None:
    base, theirs, ours = story

    assert merge(base, theirs, base) == Merged(theirs, ())
    assert merge(base, base, ours) == Merged(ours, ())
    assert merge(base, ours, ours).text == ours


@slowly
@given(stories())
def test_line_ends_make_no_difference(story: tuple[str, str, str]) -> None:
    base, theirs, ours = story

    merged = merge(base, "\ufeff" + theirs.replace("\n", "\r\n"), ours)

    plain = merge(base, theirs, ours)
    assert merged.text == "\ufeff" + plain.text.replace("\n", "\r\n")
    assert merged.kept == plain.kept


KEEP, CHANGE, DELETE = "keep", "change", "delete"
actions = st.sampled_from([KEEP, CHANGE, DELETE])
OUTCOMES = {
    (KEEP, KEEP): "old",
    (KEEP, CHANGE): "new",
    (KEEP, DELETE): "",
    (CHANGE, KEEP): MARK,
    (CHANGE, CHANGE): MARK,
    (CHANGE, DELETE): MARK,
    (DELETE, KEEP): "",
    (DELETE, CHANGE): "",
    (DELETE, DELETE): "",
}
"""What stands there in the end, by what the user did and what we did."""


@slowly
@given(st.lists(st.tuples(actions, actions), max_size=8))
def test_each_section_is_merged_for_itself(done: list[tuple[str, str]]) -> None:
    def note(stands: list[str]) -> str:
        return "".join(map(section, range(len(stands)), stands))

    mine = {KEEP: "old", CHANGE: MARK, DELETE: ""}
    ours = {KEEP: "old", CHANGE: "new", DELETE: ""}

    merged = merge(
        note(["old" for _ in done]),
        note([mine[user] for user, _ in done]),
        note([ours[we] for _, we in done]),
    )

    assert merged.text == note([OUTCOMES[each] for each in done])


def section(number: int, stands: str) -> str:
    items = f"- {stands} {number} a\n- {stands} {number} b\n" if stands else ""
    return f"## {number}\n\n{items}\n"


@slowly
@given(st.lists(st.tuples(actions, actions), max_size=6), st.booleans())
def test_each_property_is_merged_for_itself(
    done: list[tuple[str, str]],
    is_rewritten: bool,  # noqa: FBT001 - drawn
) -> None:
    def note(stands: list[str], comment: str = "") -> str:
        rows = [
            f'{comment}k{number}: "{each}"\n'
            for number, each in enumerate(stands)
            if each
        ]
        return f"---\nfirst: 1\n{''.join(rows)}---\n"

    mine = {KEEP: "old", CHANGE: MARK, DELETE: ""}
    ours = {KEEP: "old", CHANGE: "new", DELETE: ""}
    theirs = note([mine[user] for user, _ in done], f"# {MARK}\n")

    merged = merge(
        note(["old" for _ in done]),
        obsidian(theirs) if is_rewritten else theirs,
        note([ours[we] for _, we in done]),
    )

    wanted = note([OUTCOMES[each] for each in done])
    assert read(merged.text) == read(wanted)
    assert merged.text.count(f"# {MARK}\n") == theirs.count(f"# {MARK}\n")
