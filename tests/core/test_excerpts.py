import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.excerpts import excerpts
from vaultscribe.core.model import Chapter, Diagram, Media, Segment, Transcript, Work

WORK = Work("test:1", "https://example.org/1")
MEDIA = Media(WORK, "How notes work, and why most of them are never read again", 600.0)
SENTENCES = (
    "Welcome back everybody to the show.",
    "A good note is linked to other notes in the vault.",
    "Um, yeah.",
    "The key is that a note without links is never read again.",
    "My dog barked this morning.",
    "Because links are how a reader comes back to a note in the vault.",
    "Thank you and good night.",
    "So in conclusion, link every note in the vault to other notes.",
)


def spoken(*texts: str, every_s: float = 10.0, language: str = "en") -> Transcript:
    segments = tuple(
        Segment(number * every_s, (number + 1) * every_s, text)
        for number, text in enumerate(texts)
    )
    return Transcript("captions", language, segments)


def picks(transcript: Transcript, media: Media = MEDIA) -> list[str]:
    return [point.text for point in excerpts(transcript, media, "no server").points]


def test_what_the_film_is_about_is_picked_before_small_talk() -> None:
    picked = picks(spoken(*SENTENCES))

    assert picked == [SENTENCES[1], SENTENCES[3], SENTENCES[5], SENTENCES[7]]


def test_chinese_is_scored_without_knowing_its_words() -> None:
    texts = (
        "大家好欢迎收看",
        "坚持开源项目让他进入研究院",
        "嗯嗯",
        "他把开源项目写成邮件发给研究院",
        "今天天气不错",
        "终于研究院看到了他的开源项目",
        "谢谢观看",
        "所以坚持开源项目最重要",
    )

    picked = picks(spoken(*texts, language="zh"))

    assert picked == [texts[1], texts[3], texts[5], texts[7]]


def test_a_whole_sentence_is_picked_before_its_catchword() -> None:
    whole = "Every note in the vault is linked to another note of that vault somehow."

    assert picks(spoken("note vault", whole, "note vault", every_s=0.0)) == [whole]


def test_a_sentence_that_announces_its_weight_is_picked() -> None:
    plain = "Each note inside this vault links another vault note somewhere else."
    heavy = "Each note inside this vault links another vault note; the key point."

    assert picks(spoken(plain, heavy, plain, heavy, every_s=0.0)) == [heavy]


def test_a_new_thought_is_picked_before_one_said_again() -> None:
    said = "Each note inside this vault links another vault note."
    again = "Each note inside this vault links another vault note, too."
    new = "Readers remember pictures, and pictures bring readers closer."
    last = "Readers remember pictures best when pictures bring readers closer."

    picked = picks(spoken(said, "Hi.", "Hi.", "Hi.", again, new, "Hi.", last))

    assert picked == [said, new, last]


def test_small_talk_is_not_picked_even_where_nothing_else_is_said() -> None:
    picked = picks(spoken("Um.", "Note the vault.", "Um.", "Um.", "Note the links."))

    assert picked == ["Note the vault.", "Note the links."]


def test_excerpts_say_what_they_are() -> None:
    made = excerpts(spoken(*SENTENCES), MEDIA, "no LLM is configured")

    assert (made.author, made.language) == ("excerpts", "en")
    assert made.reason == "no LLM is configured"
    assert (made.core, made.view, made.tags, made.people) == ("", "", (), ())


@pytest.mark.parametrize(
    ("minutes", "count"), [(3, 4), (10, 5), (20, 6), (30, 7), (40, 8), (300, 8)]
)
def test_a_longer_film_gives_more_picks(minutes: int, count: int) -> None:
    texts = [f"sentence number {number} of the film" for number in range(minutes * 6)]

    assert len(picks(spoken(*texts))) == count


def test_picks_are_spread_over_the_film() -> None:
    texts = [f"note vault link {number}" for number in range(40)]

    made = excerpts(spoken(*texts), MEDIA, "")

    quarters = [int(point.moment_s // 100) for point in made.points]
    assert quarters == [0, 1, 2, 3]


def test_the_same_words_are_picked_once() -> None:
    picked = picks(spoken(*["All my notes are in the vault."] * 8))

    assert picked == ["All my notes are in the vault."]


def test_the_words_of_a_pick_are_not_touched() -> None:
    text = "  Notes\u00a0are [[written]]  once \n"

    assert picks(spoken(text)) == [text]


def test_an_empty_transcript_gives_no_points() -> None:
    made = excerpts(Transcript("none", "", ()), MEDIA, "nothing is said")

    assert made.points == ()
    assert made.diagram == Diagram()
    assert made.reason == "nothing is said"


def test_silence_is_not_picked() -> None:
    assert picks(spoken(" ", "", "\n")) == []


def test_the_map_is_a_chain_from_the_title_through_the_picks() -> None:
    diagram = excerpts(spoken(*SENTENCES), MEDIA, "").diagram

    assert [node.label for node in diagram.nodes] == [
        "How notes work, and why most of them are never…",
        "A good note is linked to other notes in the…",
        "The key is that a note without links is never…",
        "Because links are how a reader comes back to a…",
        "So in conclusion, link every note in the vault…",
    ]
    assert [(each.source, each.target, each.word) for each in diagram.edges] == [
        (1, 2, "00:10"),
        (2, 3, "00:30"),
        (3, 4, "00:50"),
        (4, 5, "01:10"),
    ]


def test_chapters_make_the_sections_and_the_map() -> None:
    chapters = (
        Chapter(0.0, "Why"),
        Chapter(65.0, " How \n"),
        Chapter(70.0, " "),
        Chapter(9999.0, "After the end"),
    )

    made = excerpts(spoken(*SENTENCES), Media(WORK, "T", 80.0, chapters=chapters), "")

    assert [(each.title, each.moment_s) for each in made.sections] == [
        ("Why", 0.0),
        ("How", 65.0),
    ]
    assert [node.label for node in made.diagram.nodes] == ["T", "Why", "How"]
    assert [edge.word for edge in made.diagram.edges] == ["00:00", "01:05"]


def test_a_map_of_many_chapters_stays_small() -> None:
    chapters = tuple(Chapter(float(number), f"c{number}") for number in range(100))

    made = excerpts(spoken(*SENTENCES), Media(WORK, "T", 600.0, chapters=chapters), "")

    assert len(made.sections) == 30
    assert len(made.diagram.nodes) == 15
    assert made.diagram.nodes[1].label == "c0"


def test_a_film_without_a_title_is_named_by_its_id() -> None:
    made = excerpts(spoken(*SENTENCES), Media(WORK, " "), "")

    assert made.diagram.nodes[0].label == "test:1"


GAPS = st.floats(0, 900, allow_nan=False)
WORDS = st.text(max_size=12) | st.sampled_from(SENTENCES)


@given(st.lists(st.tuples(GAPS, WORDS), max_size=30))
def test_picks_are_segments_of_the_transcript_in_order(
    spans: list[tuple[float, str]],
) -> None:
    starts = [sum(gap for gap, _ in spans[: place + 1]) for place in range(len(spans))]
    segments = tuple(
        Segment(start_s, start_s + 1, text)
        for start_s, (_, text) in zip(starts, spans, strict=True)
    )
    transcript = Transcript("captions", "", segments)

    made = excerpts(transcript, MEDIA, "")

    said = [(segment.text, segment.start_s) for segment in segments]
    picked = [(point.text, point.moment_s) for point in made.points]
    assert set(picked) <= set(said)
    assert [moment for _, moment in picked] == sorted(moment for _, moment in picked)
    assert len(picked) <= 8
    assert bool(picked) == any(text.strip() for text, _ in said)
    assert made == excerpts(transcript, MEDIA, "")
