"""Which tags a note gets, and which of the vault's the model is shown."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.model import Summary
from vaultscribe.core.tagging import FEW, LIMIT, NEW_LIMIT, choose, offered
from vaultscribe.core.tags import is_valid, tag, tag_key
from vaultscribe.core.vocabulary import Vocabulary, parse

VOCABULARY, _ = parse("- 人工智能 = AI, 机器智能\n- 阅读 =\n- never: clickbait, 转发\n")


def summary(*tags: str) -> Summary:
    return Summary("a-model", "en", tags=tags)


def chosen(
    *proposed: str,
    own: tuple[str, ...] = (),
    source: tuple[str, ...] = (),
    vault: tuple[str, ...] = (),
    vocabulary: Vocabulary = VOCABULARY,
) -> tuple[str, ...]:
    return choose(
        own=own,
        summary=summary(*proposed),
        source=source,
        vault=dict.fromkeys(vault, 1),
        vocabulary=vocabulary,
    )


# ---- the tags of a note ----


def test_the_users_tags_come_first_then_known_ones_then_new_ones() -> None:
    tags = chosen("new", "Known", "mine", own=("mine",), vault=("known",))

    assert tags == ("mine", "known", "new")


@pytest.mark.parametrize(
    ("proposed", "vault", "kept"),
    [
        ("pytorch", ("PyTorch",), "PyTorch"),
        ("Machine Learning", ("machine_learning",), "machine_learning"),
        ("language models", ("LanguageModel",), "LanguageModel"),
        ("人工智能/pytorch", ("人工智能/PyTorch",), "人工智能/PyTorch"),
        ("Tools", ("tool/Editors",), "tool"),
        ("成功，他说", ("成功，他说",), "成功，他说"),
        ("a b", ("a b",), "a-b"),
    ],
)
def test_the_spelling_of_the_vault_is_kept(
    proposed: str, vault: tuple[str, ...], kept: str
) -> None:
    assert chosen(proposed, vault=vault) == (kept,)
    assert chosen(own=(proposed,), vault=vault) == (kept,)


def test_of_two_spellings_in_the_vault_the_most_used_is_kept() -> None:
    vault = {"Note": 1, "notes": 5, "NOTE": 2}

    tags = choose(own=(), summary=summary("note"), source=(), vault=vault)

    assert tags == ("notes",)


def test_the_vocabulary_merges_what_anybody_proposes() -> None:
    vault = ("AI", "machine-intelligence")

    assert chosen("ai", "机器智能/聊天", vault=vault) == ("人工智能", "人工智能/聊天")
    assert chosen(own=("AI",), vault=vault) == ("人工智能",)
    assert chosen(source=("ＡＩ",)) == ("人工智能",)


def test_a_banned_tag_is_dropped_unless_the_user_wrote_it() -> None:
    vault = ("clickbait", "转发")

    assert chosen("Clickbait", "转发/抽奖", vault=vault) == ()
    assert chosen(source=("转发",), vault=vault) == ()
    assert chosen("转发", own=("clickbait",), vault=vault) == ("clickbait",)


def test_new_tags_are_rare_where_a_note_has_known_ones() -> None:
    known = ("k1", "k2", "k3", "阅读")

    assert chosen(*("a", "b", "c", "d", "e")) == ("a", "b", "c", "d")
    assert chosen("a", "k1", "b", "c", "d", vault=known) == ("k1", "a", "b", "c")
    assert chosen("a", "b", "c", *known, vault=known) == (*known, "a", "b")
    assert chosen("a", "b", "c", own=known) == (*known, "a", "b")


def test_without_a_model_only_what_the_user_knows_is_taken_from_the_source() -> None:
    tags = chosen(source=("career", "viral", "阅读"), vault=("Career",))

    assert tags == ("Career", "阅读")


def test_what_the_source_says_does_not_count_beside_a_model() -> None:
    assert chosen("ai", source=("career",), vault=("career",)) == ("人工智能",)


def test_what_a_model_proposes_is_made_valid() -> None:
    assert chosen("#deep learning", "。", "2024") == ("deep-learning", "y2024")


def test_a_note_gets_eight_tags_but_all_of_the_users() -> None:
    names = tuple(f"t{number}x" for number in range(20))

    assert len(chosen(*names, own=("mine",), vault=names)) == LIMIT
    assert chosen("more", own=names) == names


NAMES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            *("a", "A", "as", "b/a", "b/A", "c-s", "c_s", "CS", "2024", "a//b"),
            *("clickbait", "#转发", "ai", "AI/x", "机器智能", "阅读"),
        ]
    ),
)
LISTS = st.lists(NAMES, max_size=12)
NOTES = st.lists(
    st.tuples(st.sampled_from(["- {} = {}", "- never: {}, {}"]), NAMES, NAMES).map(
        lambda rule: rule[0].format(rule[1], rule[2])
    ),
    max_size=6,
).map("\n".join)


@given(LISTS, LISTS, LISTS, st.dictionaries(NAMES, st.integers(0, 9)), NOTES)
def test_the_tags_of_a_note_are_few_valid_and_wanted(
    own: list[str],
    proposed: list[str],
    source: list[str],
    vault: dict[str, int],
    note: str,
) -> None:
    vocabulary, _ = parse(note)

    tags = choose(
        own=own,
        summary=summary(*proposed),
        source=source,
        vault=vault,
        vocabulary=vocabulary,
    )

    mine = choose(
        own=own, summary=summary(), source=(), vault=vault, vocabulary=vocabulary
    )
    keys = [tag_key(name) for name in tags]
    assert tags[: len(mine)] == mine
    assert len(tags) <= max(LIMIT, len(mine))
    assert len(set(keys)) == len(keys)
    assert all(is_valid(name) for name in tags)
    assert not [name for name in tags[len(mine) :] if vocabulary.bans(name)]
    wanted = [name if is_valid(name) else tag(name) for name in own]
    assert {tag_key(vocabulary.kept(name)) for name in wanted} - {""} <= set(keys)


@given(LISTS, st.dictionaries(NAMES, st.integers(0, 9)))
def test_new_tags_are_never_more_than_a_few(
    proposed: list[str], vault: dict[str, int]
) -> None:
    tags = choose(own=(), summary=summary(*proposed), source=(), vault=vault)

    keys = {tag_key(name) for name in vault} | {
        tag_key(name.rpartition("/")[0]) for name in vault
    }
    new = [name for name in tags if tag_key(name) not in keys]
    assert len(new) <= max(NEW_LIMIT, FEW - (len(tags) - len(new)))


# ---- the tags on offer ----


def test_tags_that_are_said_come_first_then_the_most_used() -> None:
    vault = {
        "cooking": 90,
        "career": 3,
        "人工智能/PyTorch": 1,
        "坚韧": 1,
        "gardens": 50,
    }

    tags = offered(vault, "他的职业：坚韧，career 和pytorch的故事。Career!")

    assert tags == ("career", "人工智能/PyTorch", "坚韧", "cooking", "gardens")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("spaced-repetition", "On spaced repetition."),
        ("SpacedRepetition", "Why Spaced-Repetition works"),
        ("note", "Notes, and more notes"),
        ("间隔重复", "谈谈间隔重复的方法"),
        ("大模型LLM", "大模型 LLMs 是什么"),
        ("gpt-3-5", "GPT-3.5 is old"),
        ("ＭＬ", "ml"),
        ("方法/卡片盒", "卡片盒笔记"),
        ("人工智能", "All about AI."),
        ("阅读", "阅读"),
    ],
)
def test_a_tag_is_found_in_words_of_either_language(name: str, words: str) -> None:
    vault = {name: 1, "something-else": 99}

    assert offered(vault, words, VOCABULARY)[0] == name


@pytest.mark.parametrize(
    ("name", "words"),
    [("art", "start a party"), ("spaced-repetition", "spaced out"), ("ai", "said")],
)
def test_a_part_of_a_word_does_not_tell_of_a_tag(name: str, words: str) -> None:
    assert offered({name: 1, "most-used": 2}, words) == ("most-used", name)


def test_banned_tags_are_not_offered_and_merged_ones_under_their_kept_name() -> None:
    vault = {"clickbait": 9, "转发/抽奖": 9, "AI": 2, "机器智能": 2, "x": 3}

    assert offered(vault, "", VOCABULARY) == ("人工智能", "x", "阅读")


def test_no_more_tags_are_offered_than_asked_for() -> None:
    vault = {f"tag-{number}x": number for number in range(100)}

    assert len(offered(vault, "")) == 60
    assert offered(vault, "tag 5x", limit=2) == ("tag-5x", "tag-99x")


def test_what_is_no_tag_is_not_offered() -> None:
    vault = {"a b": 1, "</tags>": 1, "。": 1, "": 1, "-": 1, "l" * 61: 1, "2024": 1}

    assert set(offered(vault, "")) == {"a-b", "tags", "y2024"}


def test_of_a_huge_vault_and_a_long_transcript_a_few_are_found_at_once() -> None:
    vault = {f"topic-{number}x/主题{number}": 1 for number in range(20_000)}
    words = "我们今天来谈谈主题7和别的主题 and so on. " * 4000 + "主题19"

    began_s = time.process_time()
    tags = offered(vault, words)
    took_s = time.process_time() - began_s

    assert tags[:2] == ("topic-7x/主题7", "topic-19x/主题19")
    assert len(words.encode()) > 200_000
    assert took_s < 10


@given(st.dictionaries(NAMES, st.integers(0, 9)), st.text(), NOTES)
def test_what_is_offered_is_what_a_note_would_get(
    vault: dict[str, int], words: str, note: str
) -> None:
    vocabulary, _ = parse(note)

    tags = offered(vault, words, vocabulary, limit=7)

    assert len(tags) <= 7
    assert not [name for name in tags if re.search(r"[<>\s,]", name)]
    for_note = choose(
        own=(), summary=summary(*tags), source=(), vault=vault, vocabulary=vocabulary
    )
    assert for_note == tags
