from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.model import Edge, Node, Segment, Summary, Transcript
from vaultscribe.core.summary import (
    Reply,
    clock,
    cut,
    from_reply,
    language_of,
    without_chatter,
)

TRANSCRIPT = Transcript(
    "captions",
    "en",
    (
        Segment(0.0, 5.0, "One."),
        Segment(5.0, 9.0, "Two."),
        Segment(9.5, 12.0, " "),
        Segment(12.0, 15.0, "Four."),
    ),
)


def reply(**given_fields: Any) -> Reply:
    known: dict[str, Any] = {
        "points": [{"text": "A point.", "segment": 0}],
        "sections": [],
        "core": "The core.",
        "view": "The view.",
        "nodes": [],
        "edges": [],
        "tags": [],
        "people": [],
        "concepts": [],
    }
    return cast("Reply", known | given_fields)


def summary(transcript: Transcript = TRANSCRIPT, **given_fields: Any) -> Summary:
    return from_reply(reply(**given_fields), transcript, "a-model", "en")


def point(text: str, segment: int) -> dict[str, object]:
    return {"text": text, "segment": segment}


def part(title: str, segment: int, text: str = "") -> dict[str, object]:
    return {"title": title, "text": text, "segment": segment}


def boxes(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "label": f"box {name}", "shape": "step"} for name in names]


def arrows(*pairs: str) -> list[dict[str, str]]:
    return [{"source": pair[0], "target": pair[1], "word": ""} for pair in pairs]


def edges(made: Summary) -> list[tuple[int, int]]:
    return [(edge.source, edge.target) for edge in made.diagram.edges]


def test_a_segment_number_becomes_its_moment() -> None:
    made = summary(points=[point("x", 3)], sections=[part("y", 1)])

    assert made.points[0].moment_s == 12.0
    assert made.sections[0].moment_s == 5.0


def test_what_cites_no_segment_is_dropped() -> None:
    numbers = [-1, 2, 4, 10**9, 1]

    made = summary(
        points=[point(f"p{number}", number) for number in numbers],
        sections=[part(f"s{number}", number) for number in numbers],
    )

    assert [each.text for each in made.points] == ["p1"]
    assert [each.title for each in made.sections] == ["s1"]


def test_points_and_sections_are_in_order_of_time() -> None:
    made = summary(
        points=[point("c", 3), point("a", 0), point("b", 1)],
        sections=[part("d", 3), part("e", 0)],
    )

    assert [each.text for each in made.points] == ["a", "b", "c"]
    assert [each.title for each in made.sections] == ["e", "d"]


def test_repeats_are_dropped() -> None:
    made = summary(
        points=[point("He failed.", 0), point("he failed", 1), point("He won.", 1)],
        sections=[part("A", 0, "x"), part("a", 1, "x"), part("A", 3, "y")],
        tags=["Career", "#career", "", "ai"],
        people=["Ann", "Ann ", "Bob"],
        concepts=["Spaced repetition", "spaced\nrepetition", " ", "遗忘曲线"],
    )

    assert [each.text for each in made.points] == ["He failed.", "He won."]
    assert [each.moment_s for each in made.sections] == [0.0, 12.0]
    assert made.tags == ("Career", "ai")
    assert made.people == ("Ann", "Bob")
    assert made.concepts == ("Spaced repetition", "遗忘曲线")


def test_everything_is_bounded() -> None:
    words = [f"w{number}" for number in range(99)]

    made = summary(
        points=[point(word, 0) for word in words],
        sections=[part(word, 0) for word in words],
        nodes=boxes(*words),
        edges=[{"source": "w0", "target": word, "word": ""} for word in words],
        tags=words,
        people=words,
        concepts=words,
    )

    sizes = [len(made.points), len(made.sections), len(made.diagram.nodes)]
    assert sizes == [20, 12, 15]
    assert [len(made.tags), len(made.people), len(made.concepts)] == [8, 12, 12]


@pytest.mark.parametrize(
    "points", [[], [point("x", 99)], [point(" ", 0)]], ids=["none", "unknown", "blank"]
)
def test_a_reply_without_a_moment_is_unusable(points: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="no moment of the recording"):
        summary(points=points)


def test_words_are_on_one_line() -> None:
    made = summary(points=[point("a\n\n# b\x00", 0)], core="c\nd")

    assert made.points[0].text == "a # b"
    assert made.core == "c d"


def test_segment_numbers_are_taken_out_of_the_words() -> None:
    made = summary(core="He won [S3] (S1, S2–S3)【S4】.", view="In 2012 (a year).")

    assert made.core == "He won."
    assert made.view == "In 2012 (a year)."


def test_a_name_that_looks_like_a_segment_number_is_kept() -> None:
    storage = Transcript("captions", "en", (Segment(0.0, 1.0, "We use S3."),))

    made = summary(storage, core="Files lie in storage (S3).")

    assert made.core == "Files lie in storage (S3)."


def test_a_diagram_gets_ids_of_its_own_and_keeps_shapes() -> None:
    made = summary(
        nodes=[
            {"id": "x", "label": "start", "shape": "turn"},
            {"id": "end", "label": "stop", "shape": "hexagon"},
        ],
        edges=[{"source": "x", "target": "end", "word": "then"}],
    )

    assert made.diagram.nodes == (Node(1, "start", "turn"), Node(2, "stop", "step"))
    assert made.diagram.edges == (Edge(1, 2, "then"),)


def test_loose_ends_of_a_diagram_are_dropped() -> None:
    made = summary(
        nodes=[*boxes("a", "b", "c", "d"), {"id": "e", "label": " ", "shape": ""}],
        edges=arrows("ab", "ab", "aa", "az", "za", "ae", "db"),
    )

    assert [node.label for node in made.diagram.nodes] == ["box a", "box b", "box d"]
    assert edges(made) == [(1, 2), (3, 2)]


def test_of_two_nodes_with_one_id_the_first_stays() -> None:
    made = summary(nodes=[*boxes("a", "b"), *boxes("a")], edges=arrows("ab"))

    assert len(made.diagram.nodes) == 2


def test_a_diagram_without_arrows_is_empty() -> None:
    made = summary(nodes=boxes("a", "b"), edges=[])

    assert made.diagram.nodes == ()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (
            "好的，这是根据您的要求从文本中提炼的核心思想和摘要。\n\n他数学差。",
            "他数学差。",
        ),
        ("好的。他数学差。", "他数学差。"),
        ("以下是视频的核心要点：他失败了。", "他失败了。"),
        ("以下是核心思想摘要\n他失败了。", "他失败了。"),
        ("作为一个AI语言模型，我总结如下。他失败了。", "他失败了。"),
        ("根据您的要求，总结如下：他失败了。", "他失败了。"),
        ("Sure, here is the note: He failed. He won.", "He failed. He won."),
        ("Sure! Here is the summary: He failed.", "He failed."),
        ("Here's a concise JSON summary of the talk.\nHe failed.", "He failed."),
        ("**Here is the summary:** He failed.", "He failed."),
        ("Okay, I'll summarise it. He failed.", "He failed."),
        ("As an AI language model, I cannot watch. He failed.", "He failed."),
        ("Here is the summary.", ""),
        ("", ""),
    ],
)
def test_leading_chatter_is_removed(text: str, rest: str) -> None:
    assert without_chatter(text) == rest
    assert summary(core=text).core == rest


@pytest.mark.parametrize(
    "text",
    [
        "好的产品来自坚持。",
        "当然，这不是全部。",
        "这是他对失败的总结：再来一次。",
        "根据数据，他错了。",
        "Here is where Lisp differs: macros.",
        "This is the note that changed him.",
        "Great ideas need time.",
        "Sure, the film says so.",
        "He failed. Here is the summary: no.",
        "OK Computer is an album.",
    ],
)
def test_words_about_the_matter_are_kept(text: str) -> None:
    assert without_chatter(text) == text


@pytest.mark.parametrize(
    ("label", "text", "language"),
    [
        ("zh", "他数学差", "zh"),
        ("", "他用 PyTorch 做了一个项目", "zh"),
        ("en", "他用 PyTorch", "zh"),
        ("zh-CN", "He failed.", "en"),
        ("", "He said 你好 and left the room at once.", "en"),
        ("ja", "数学が苦手", "en"),
        ("", "", "en"),
        ("ai-zh", "他数学差", "zh"),
    ],
)
def test_the_language_of_a_note_is_that_of_the_words(
    label: str, text: str, language: str
) -> None:
    transcript = Transcript("captions", label, (Segment(0.0, 1.0, text),))

    assert language_of(transcript) == language


def test_the_title_tells_the_language_of_an_empty_transcript() -> None:
    assert language_of(Transcript("none", "", ()), "所有人") == "zh"


@pytest.mark.parametrize(
    ("moment_s", "text"),
    [
        (0.0, "00:00"),
        (161.9, "02:41"),
        (3599.0, "59:59"),
        (3723.0, "1:02:03"),
        (-1.0, "00:00"),
        (float("nan"), "00:00"),
        (float("inf"), "00:00"),
    ],
)
def test_a_moment_is_written_like_a_clock(moment_s: float, text: str) -> None:
    assert clock(moment_s) == text


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("short", "short"),
        ("exactly 10", "exactly 10"),
        ("two words here", "two words…"),
        ("a seventeenletterword", "a sevente…"),
        ("数学差，他没有放弃，继续努力", "数学差，他没有放弃…"),
        ("数学差他没有放弃继续努力吧", "数学差他没有放弃继…"),
    ],
)
def test_a_text_is_cut_at_a_boundary(text: str, short: str) -> None:
    assert cut(text, 10) == short


@given(st.text(), st.integers(1, 30))
def test_a_cut_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


@given(st.text())
def test_chatter_is_only_ever_taken_from_the_front(text: str) -> None:
    assert text.endswith(without_chatter(text))
