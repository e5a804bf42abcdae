"""A note is a function of its record, and nothing in a record can act in it."""

import math
import re
import tomllib
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from golden import compare
from vaultscribe.core.captions import join
from vaultscribe.core.errors import ConfigError
from vaultscribe.core.model import (
    Diagram,
    Edge,
    Media,
    Node,
    Point,
    Record,
    Related,
    Section,
    Segment,
    Summary,
    Transcript,
    Work,
)
from vaultscribe.core.neutralise import one_line
from vaultscribe.core.properties import read
from vaultscribe.core.render import BODY, paragraphs, properties, render

fewer = settings(max_examples=25, deadline=None)
"""Each renders a note and parses it; a template is compiled at the first."""

NOTES = Path(__file__).parents[1] / "data/notes"
TEMPLATES = Path(__file__).parents[2] / "vault_templates"
TEMPLATE = (TEMPLATES / "note.md.j2").read_text(encoding="utf-8")
WORDS = {
    language: tomllib.loads(
        (TEMPLATES / f"words.{language}.toml").read_text(encoding="utf-8")
    )
    for language in ("en", "zh")
}

BILIBILI = Work(
    "bilibili:115596091988925_part1", "https://www.bilibili.com/video/BV1sQUwBKEmg"
)
YOUTUBE = Work("youtube:jNQXAC9IVRw", "https://www.youtube.com/watch?v=jNQXAC9IVRw")
FILE = Work("url:https://example.org/a.mp3", "https://example.org/a.mp3")

SUMMARY = Record(
    media=Media(
        BILIBILI,
        "所有取得成功的人，背后都有你看不到的挣扎。",
        duration_s=217.4,
        channel="挣扎与光",
        published="2025-11-20",
        language="zh",
    ),
    address="https://b23.tv/0C9FMgg",
    timestamp="2025-11-24T07:45:14",
    transcript=Transcript(
        "captions",
        "zh",
        (
            Segment(0.0, 4.0, "他数学很差，"),
            Segment(4.0, 9.5, "在印度读了一所二本院校。"),
            Segment(14.0, 20.0, "他申请了 12 所大学，"),
            Segment(20.0, 24.0, "全部被拒。"),
            Segment(161.0, 170.0, "2017 年 PyTorch 发布。"),
        ),
    ),
    summary=Summary(
        "deepseek-chat",
        "zh",
        core="一个数学差的青年，经历十二年的拒绝，最终带领小团队造出 PyTorch。",
        view="成功来自被拒绝之后“再试一次”。",
        points=(
            Point("毕业于一所二本院校。", 4.0),
            Point("申请 12 所大学，全部被拒。", 14.0),
            Point("2017 年发布 PyTorch。", 161.0),
        ),
        sections=(
            Section("早期困境", "学校和公司一次次拒绝他。", 0.0),
            Section("逆袭", "", 161.0),
        ),
        diagram=Diagram(
            (
                Node(1, "二本院校"),
                Node(2, "12 次被拒", "turn"),
                Node(3, "PyTorch (2017)", "outcome"),
            ),
            (Edge(1, 2, "申请"), Edge(2, 3)),
        ),
        tags=("坚韧",),
        people=("Soumith Chintala", "杨立昆"),
    ),
    tags=("career", "人工智能/pytorch"),
    related=(
        Related("PyTorch 的十年 BV1xx411c7mD", ("人工智能/pytorch", "career")),
        Related("Why we sleep jNQXAC9IVRw", ("career",)),
    ),
    focus="how did he get into FAIR?",
)

EXCERPTS = Record(
    media=Media(YOUTUBE, "Me at the zoo: elephants", duration_s=3725.0),
    address="https://youtu.be/jNQXAC9IVRw",
    timestamp="2025-11-24T08:00:00",
    transcript=Transcript(
        "whisperx",
        "en",
        (
            Segment(1.0, 4.0, "All right, so here we are"),
            Segment(4.0, 8.0, "in front of the elephants."),
            Segment(3700.0, 3710.0, "They have really long trunks."),
        ),
    ),
    summary=Summary(
        "excerpts",
        "en",
        points=(
            Point("Here we are in front of the elephants.", 1.0),
            Point("They have really long trunks.", 3700.0),
        ),
        reason="the server at http://127.0.0.1:1 did not answer: is it running?",
    ),
)


def rendered(record: Record, template: str = TEMPLATE) -> str:
    return render(record, {BODY: template}, WORDS[record.summary.language])


def body(note: str) -> str:
    return note.split("\n---\n", 1)[1]


# ---- whole notes ----


def test_a_summary_in_chinese(request: pytest.FixtureRequest) -> None:
    compare(rendered(SUMMARY), NOTES / "summary-zh.md", request)


def test_excerpts_in_english(request: pytest.FixtureRequest) -> None:
    compare(rendered(EXCERPTS), NOTES / "excerpts-en.md", request)


def test_a_record_of_nothing_is_a_note_all_the_same() -> None:
    record = Record(
        Media(FILE, "a"), "x", "2025-11-24T08:00:00", Transcript("none", "", ()),
        Summary("excerpts", "en"),
    )  # fmt: skip

    note = rendered(record)

    assert WORDS["en"]["no_llm"] in note
    assert re.findall(r"(?m)^## .*", note) == ["## My notes"]


# ---- frontmatter ----


def test_properties_stand_in_the_order_of_the_design() -> None:
    assert list(read(rendered(SUMMARY))) == [
        *("title", "aliases", "url", "id", "timestamp", "status", "duration"),
        *("duration_seconds", "channel", "published", "language", "transcript"),
        *("summary", "tags", "people", "related", "cssclasses"),
    ]


def test_properties_have_the_types_that_obsidian_expects() -> None:
    found = read(rendered(SUMMARY))

    assert found["duration"] == "3:37"
    assert found["duration_seconds"] == 217
    assert found["timestamp"] == "2025-11-24T07:45:14"
    assert found["published"] == "2025-11-20"
    assert found["tags"] == ["career", "人工智能/pytorch"]
    assert found["related"][1] == "[[Why we sleep jNQXAC9IVRw]]"


@pytest.mark.parametrize(
    ("record", "status"), [(SUMMARY, "success"), (EXCERPTS, "partial")]
)
def test_only_a_summary_is_a_success(record: Record, status: str) -> None:
    assert read(rendered(record))["status"] == status


@pytest.mark.parametrize("duration_s", [None, 0.0, -1.0, math.nan, math.inf])
def test_a_duration_that_is_not_known_is_left_out(duration_s: float | None) -> None:
    media = replace(SUMMARY.media, duration_s=duration_s)

    found = read(rendered(replace(SUMMARY, media=media)))

    assert not {"duration", "duration_seconds"} & set(found)


@pytest.mark.parametrize("day", ["", "2025-02-30", "yesterday", "2025-13-01"])
def test_a_day_that_is_none_is_left_out(day: str) -> None:
    media = replace(SUMMARY.media, published=day)

    assert "published" not in read(rendered(replace(SUMMARY, media=media)))


# ---- moments and times ----


@pytest.mark.parametrize(
    ("work", "moment"),
    [
        (BILIBILI, "[02:41](https://www.bilibili.com/video/BV1sQUwBKEmg?t=161)"),
        (YOUTUBE, "[02:41](https://www.youtube.com/watch?v=jNQXAC9IVRw&t=161s)"),
        (FILE, "[02:41](https://example.org/a.mp3#t=161)"),
        (Work("url:x", "https://a.b/(x)$y$?z=1%%20::"),
         "[02:41](https://a.b/%28x%29%24y%24?z=1%25%20%3A%3A#t=161)"),
        (Work("url:x", "https://a.b/x) [[y]] <z> `w`\n"),
         "[02:41](https://a.b/x%29%20%5B%5By%5D%5D%20%3Cz%3E%20%60w%60%0A#t=161)"),
    ],
)  # fmt: skip
def test_each_point_ends_in_its_moment(work: Work, moment: str) -> None:
    record = replace(SUMMARY, media=replace(SUMMARY.media, work=work))

    assert f"- 2017 年发布 PyTorch。 {moment}\n" in rendered(record)


# ---- the transcript ----


def transcript(*segments: tuple[float, float, str]) -> Transcript:
    return Transcript("captions", "en", tuple(Segment(*each) for each in segments))


def test_a_silence_ends_a_paragraph() -> None:
    found = paragraphs(transcript((0, 1, "a"), (1, 2, "b"), (5, 6, "c")))

    assert found == [(0, "a b"), (5, "c")]


def test_a_long_paragraph_ends_without_a_silence() -> None:
    segments = [(float(n), float(n + 1), str(n)) for n in range(100)]

    starts = [start for start, _ in paragraphs(transcript(*segments))]

    assert starts == [0, 46, 92]


def test_no_words_are_no_paragraphs() -> None:
    assert paragraphs(transcript()) == []


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (["here we", "are"], "here we are"),
        (["他申请了", "全部被拒"], "他申请了全部被拒"),
        (["用", "PyTorch", "写"], "用 PyTorch 写"),
        (["他说：“好。”", "然后"], "他说：“好。”然后"),
        (["привет", "мир"], "привет мир"),
        (["café", "où"], "café où"),
        (["안녕", "하세요"], "안녕 하세요"),
        (["こんにちは", "世界"], "こんにちは世界"),
        (["a", "", "b"], "a b"),
        ([], ""),
    ],
)
def test_pieces_are_joined_as_their_script_asks(pieces: list[str], whole: str) -> None:
    assert reduce(join, pieces, "") == whole


# ---- templates ----


def test_text_is_never_taken_for_a_template() -> None:
    text = "{{ 7 * 7 }} {% raise %} {# x #} ${x} {{ record }}"
    summary = replace(SUMMARY.summary, core=text, points=(Point(text, 1.0),))
    media = replace(SUMMARY.media, title=text, channel=text)

    note = rendered(replace(SUMMARY, summary=summary, media=media))

    assert read(note)["title"] == text
    assert "49" not in note
    assert note.count("{{ 7 \\* 7 }} {% raise %} {# x \\#} \\${x} {{ record }}") == 2


def test_a_template_of_the_users_own_is_used() -> None:
    template = "{{ media.title | inline }}, {{ 61 | clock }}, {{ 'a' | link }}"

    assert body(rendered(SUMMARY, template)) == (
        "\n所有取得成功的人，背后都有你看不到的挣扎。, 1:01, [[a]]\n"
    )


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("a\n{% if %}\n", "line 2: Expected an expression"),
        ("{{ summry.core }}", "line 1: 'summry' is undefined"),
        ("\n\n{{ summary.cre }}", "line 3: 'Summary object' has no attribute 'cre'"),
        ("\n{{ summary.core | inlin }}", "line 2: No filter named 'inlin'"),
        ("\n{{ media.duration_s | inline }}", "line 2: 'float' object has no"),
        ("{% if summary %}\n{{ none | moment }}\n{% endif %}", "line 2: must be real"),
        ("\n{% include 'no.j2' %}", "line 2: there is no template no.j2"),
        ("\n{{ words.nothing }}", "line 2: 'dict object' has no attribute 'nothing'"),
        ("\n{{ none * 2 }}", "line 2: unsupported operand"),
        ("{% for a in 'b' %}" * 30 + "{% endfor %}" * 30, f"{BODY}: too many static"),
        ("{# nothing #}\n  \n", "it writes nothing"),
        ("{{ '\\ud800' }}", "it writes a sign that no file can hold"),
    ],
)
def test_a_template_with_a_mistake_says_where(template: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rendered(SUMMARY, template)

    assert str(caught.value).startswith(BODY)
    assert fault in str(caught.value)


@pytest.mark.parametrize("part", ["\n\n{{ 1 // 0 }}", "\n\n{% endfor %}"])
def test_a_mistake_in_an_included_file_names_that_file(part: str) -> None:
    templates = {BODY: "{% include 'part.j2' %}", "part.j2": part}

    with pytest.raises(ConfigError, match=r"^part\.j2 line 3: "):
        render(SUMMARY, templates, WORDS["zh"])


@pytest.mark.parametrize(
    "template",
    [
        "{{ words.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ callout.__globals__ }}",
        "{{ '{0.__class__}'.format(words) }}",
        "{% include '../../../../../../etc/passwd' %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ self.__init__ }}",
    ],
)
def test_a_template_reaches_nothing_but_the_record(template: str) -> None:
    with pytest.raises(ConfigError, match=r"unsafe|there is no template"):
        rendered(SUMMARY, template)


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        f"{'{% for i in range(10**5) %}' * 3}{'{% endfor %}' * 3}",
        f"{'{% for p in paragraphs * 100 %}' * 9}{'{% endfor %}' * 9}",
        "{% for i in range(3000) %}{{ 'x' * 1000 }}{% endfor %}",
        "{{ 'x' * 10**9 }}",
        "{{ 10**9 * [0] }}",
        "{{ (9**300)**300 }}",
        "{{ 2.0**99999 }}",
        f"{{% set big = 2**1000 %}}{{{{ {' * '.join(['big'] * 99)} }}}}",
        f"{{% extends '{BODY}' %}}",
        f"{{% include '{BODY}' %}}",
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% macro m(n) %}{{ m(n - 1) ~ m(n - 1) if n }}{% endmacro %}{{ m(60) }}",
        "{% for i in [[1]] recursive %}{{ loop(i) }}{% endfor %}",
        f"{'(' * 5000}{{{{ {'(' * 5000}1{')' * 5000} }}}}",
    ],
)
def test_a_template_that_is_a_bomb_is_refused(bomb: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{re.escape(BODY)}"):
        rendered(SUMMARY, bomb)


def test_what_a_template_may_reckon_is_reckoned() -> None:
    template = "{{ 60 * 60 }} {{ 2 * 1.5 }} {{ 2**10 }} {{ 2**0.5 > 1 }} {{ '-' * 3 }}"

    assert body(rendered(SUMMARY, template)) == "\n3600 3.0 1024 True ---\n"


def test_loops_know_their_ends() -> None:
    template = (
        "{% for start, text in paragraphs if start %}{{ loop.index }}/"
        "{{ loop.length }}{{ '.' if loop.last }}{% else %}none{% endfor %}"
    )

    assert body(rendered(SUMMARY, template)) == "\n1/22/2.\n"


def test_the_longest_record_has_room_in_our_template() -> None:
    words = "<" * 5_000_000  # each sign is escaped
    segments = tuple(
        Segment(n * 9.0, n * 9.0 + 1, words[n * 100 : n * 100 + 100])
        for n in range(20_000)
    )
    talk = Transcript("captions", "en", segments)

    note = rendered(replace(SUMMARY, transcript=talk))

    assert note.count("?t=") == 20_000 + 5


def test_a_copy_may_change_one_block_only() -> None:
    copy = (
        '{% extends "default/note.md.j2" %}\n'
        "{% block mine %}\n## {{ words.mine }}\n\n- [ ] read\n{% endblock %}\n"
    )
    templates = {BODY: copy, f"default/{BODY}": TEMPLATE}

    note = render(SUMMARY, templates, WORDS["zh"])

    room = "## 我的笔记\n\n"
    assert note == rendered(SUMMARY).replace(f"{room}\n", f"{room}- [ ] read\n")


def test_a_macro_of_another_file_knows_moments() -> None:
    templates = {
        BODY: "{% import 'm.j2' as m %}{{ m.at(161) }}",
        "m.j2": "{% macro at(s) %}{{ s | moment }}{% endmacro %}",
    }

    note = render(SUMMARY, templates, WORDS["zh"])

    assert (
        body(note) == "\n[02:41](https://www.bilibili.com/video/BV1sQUwBKEmg?t=161)\n"
    )


def test_a_template_serves_one_record_after_another() -> None:
    template = "{{ 1 | moment }}"

    first, second = rendered(SUMMARY, template), rendered(EXCERPTS, template)

    assert "bilibili" in body(first)
    assert "youtube" in body(second)


@given(st.text(st.sampled_from("-{}%#\n: a\r[]`~\ud800"), max_size=30))
@fewer
def test_whatever_a_template_writes_the_properties_stay_whole(text: str) -> None:
    template = "x{% raw %}" + text.replace("%", "") + "{% endraw %}"
    with suppress(ConfigError):
        note = rendered(SUMMARY, template)

        assert read(note)["id"] == BILIBILI.id
        assert list(read(note)) == list(read(rendered(SUMMARY)))


# ---- words and reasons ----


def test_both_languages_have_the_same_words_and_none_is_empty() -> None:
    assert list(WORDS["en"]) == list(WORDS["zh"])
    assert all(word.strip() for each in WORDS.values() for word in each.values())


def test_the_template_uses_each_word_and_has_none_of_its_own() -> None:
    used = set(re.findall(r"\bwords\.(\w+)", TEMPLATE))
    comments_gone = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", TEMPLATE)

    assert used == set(WORDS["en"])
    assert re.findall(r"\w+", comments_gone) == ["mermaid", "quote"]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", ("- [[X]]: shares #work, #工作/信 · both name Ada, Meta · same channel:"
               " 挣扎与光 · same series: On work")),
        ("zh", ("- [[X]]：同有 #work, #工作/信 · 都提到 Ada、Meta · 同一频道：挣扎与光"
               " · 同一系列：On work")),
    ],
)  # fmt: skip
def test_a_related_note_is_linked_with_all_its_reasons(
    language: str, line: str
) -> None:
    related = Related("X", ("work", "工作/信"), ("Ada", "Meta"), "挣扎与光", "On work")
    summary = replace(SUMMARY.summary, language=language)

    note = rendered(replace(SUMMARY, summary=summary, related=(related,)))

    assert f"\n{line}\n" in note


@pytest.mark.parametrize(
    ("related", "line"),
    [
        (Related("X", ()), "- [[X]]"),
        (Related("X", ("a",)), "- [[X]]：同有 #a"),
        (Related("X", (), ("Meta",)), "- [[X]]：都提到 Meta"),
        (Related("X", (), (), "c"), "- [[X]]：同一频道：c"),
        (Related("X", (), (), "", "s"), "- [[X]]：同一系列：s"),
        (Related("X", ("a",), ("#b", "#"), "#c", "#"),
         "- [[X]]：同有 #a · 都提到 \\#b、\\# · 同一频道：\\#c · 同一系列：\\#"),
        (Related("X", (), ("#", "b")), "- [[X]]：都提到 \\#、b"),
    ],
)  # fmt: skip
def test_only_the_reasons_that_there_are_are_told(related: Related, line: str) -> None:
    assert f"\n{line}\n" in rendered(replace(SUMMARY, related=(related,)))


# ---- hostile records ----

BITS = [
    *(
        "> [!danger] 逃",
        "\n\nout",
        "\n> x",
        "\n---\n",
        "---",
        "-->",
        "<!--",
        "===",
        "\r\r",
    ),
    *(
        "```",
        "~~~",
        "`",
        "%%",
        "[[x]]",
        "![[x]]",
        "](x)",
        "[",
        "#tag",
        "# x",
        "- [ ] x",
    ),
    *(
        "1. x",
        "| a | b |",
        "|-|-|",
        "<script>",
        "</div>",
        "$x$",
        "a:: b",
        " ^id",
        "**",
        "_",
    ),
    *(
        "{{ x }}",
        "{% x %}",
        '"',
        "'",
        "\\",
        ": ",
        "&x",
        "*x",
        "!x",
        "@x",
        "https://a.b",
    ),
    *(
        "文字",
        "a",
        "😀",
        " ",
        "\u2028",
        "\u202e",
        "\ud800",
        "\x00",
        "\ufeff",
        "e\u0301",
    ),
]
texts = st.lists(st.sampled_from(BITS), min_size=1, max_size=7).map("".join)
hostile = texts.filter(one_line)
moments = st.floats(0, 9000)
summaries = st.builds(
    Summary,
    author=hostile,
    language=st.sampled_from(["en", "zh"]),
    core=hostile,
    view=hostile,
    points=st.tuples(st.builds(Point, hostile, moments)),
    sections=st.tuples(*[st.builds(Section, hostile, hostile, moments)] * 2),
    diagram=st.builds(
        lambda label, word: Diagram((Node(1, label),), (Edge(1, 1, word),)),
        texts, texts,
    ),
    people=st.lists(hostile, max_size=2).map(tuple),
    reason=texts,
)  # fmt: skip
records = st.builds(
    Record,
    media=st.builds(
        Media,
        work=st.sampled_from([BILIBILI, YOUTUBE, FILE]),
        title=texts,
        duration_s=st.one_of(st.none(), moments),
        channel=texts,
        published=st.sampled_from(["", "2025-11-20"]),
    ),
    address=texts,
    timestamp=st.just("2025-11-24T07:45:14"),
    transcript=st.builds(
        lambda *each: Transcript("captions", "en", each),
        st.builds(Segment, st.just(0.0), st.just(1.0), hostile),
        st.builds(Segment, st.just(9.0), st.just(10.0), hostile),
    ),
    summary=summaries,
    tags=st.just(("career",)),
    related=st.tuples(
        st.builds(
            Related,
            st.just("Another note"),
            st.sampled_from([(), ("career",)]),
            st.lists(texts, max_size=2).map(tuple),
            texts,
            texts,
        )
    ),
    focus=texts,
)  # fmt: skip


def outline(note: str) -> list[str]:
    """List the note's blocks as a Markdown parser that is not ours sees them."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(body(note))
    return [token.type for token in tokens if token.level == 0 and token.nesting >= 0]


def headings(note: str) -> list[str]:
    return re.findall(r"(?m)^#+ .*", note)


@given(records)
@fewer
def test_whatever_a_record_says_its_note_has_the_same_blocks(record: Record) -> None:
    note = rendered(record)
    words = WORDS[record.summary.language]

    assert outline(note) == [
        *(["blockquote_open"] * (2 + (record.summary.author == "excerpts"))),
        *("heading_open", "bullet_list_open", "heading_open", "bullet_list_open"),
        *("heading_open", "fence", "heading_open", "bullet_list_open"),
        *("heading_open", "blockquote_open"),
    ]
    assert headings(note) == [
        f"## {words[key]}" for key in ("points", "sections", "map", "related", "mine")
    ]


@given(records)
@fewer
def test_each_line_of_a_callout_begins_with_its_mark(record: Record) -> None:
    lines = body(rendered(record)).rstrip("\n").split("\n")
    callouts = [line for line in lines if line.startswith("> [!")]
    quote = lines.index(next(line for line in lines if line.startswith("> [!quote]- ")))

    assert [re.match(r"> \[!\w+\]", line)[0] for line in callouts] == [  # type: ignore[index]
        "> [!abstract]", "> [!tip]", "> [!quote]"
    ]  # fmt: skip
    assert all(line.startswith(">") for line in lines[quote:])
    assert len(lines[quote:]) == 4  # its head, two paragraphs, a line between them


@given(records)
@fewer
def test_properties_are_read_back_from_any_note(record: Record) -> None:
    found = read(rendered(record))

    wanted = {k: v for k, v in properties(record).items() if v is not None and v != []}
    assert found == {key: as_yaml(value) for key, value in wanted.items()}


def as_yaml(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@given(records)
@fewer
def test_sections_are_bold_and_points_keep_their_moment(record: Record) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [t for t in parser.parse(body(rendered(record))) if t.type == "inline"]
    inner = [child.type for token in tokens for child in token.children or ()]
    summary = record.summary

    assert inner.count("strong_open") == len(summary.sections)
    assert inner.count("link_open") >= len(summary.points) + len(summary.sections) + 2
    assert not {"html_inline", "code_inline", "em_open", "image"} & set(inner)
