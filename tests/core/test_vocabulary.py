"""The vocabulary note: what counts in it, and what it then says about tags."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.tags import tag_key
from vaultscribe.core.vocabulary import Vocabulary, parse

TEMPLATES = Path(__file__).parents[2] / "vault_templates"

NOTE = """\
---
aliases:
  - x = y
---
# 标签

我的词表，每月看一次。 a = b 不在列表里。

- 人工智能 = AI, artificial intelligence、机器智能
- [ ] `spaced-repetition` ＝ #SRS，间隔重复
1. PyTorch = torch
* 阅读 =
- #music
- 每月检查一次
- reading

```
- code = hidden
```

%% - comment = hidden %%
<!--
- html = hidden
-->

| table = hidden |
|---|
| - x = hidden |

## 不用的标签

- clickbait, 转发
- 抽奖

### 广告

- adverts

## Other

- **never**: vlog、日常
- free = gratis
"""


def read(*lines: str) -> Vocabulary:
    vocabulary, told = parse("\n".join(lines))
    assert told == ()
    return vocabulary


def told(*lines: str) -> tuple[str, ...]:
    return parse("\n".join(lines))[1]


def test_what_the_note_says_is_understood() -> None:
    vocabulary, sentences = parse(NOTE)

    assert sentences == ()
    assert vocabulary.names() == (
        *("人工智能", "spaced-repetition", "PyTorch", "阅读", "music", "free"),
    )
    assert {vocabulary.kept(name) for name in ("ai", "AI", "机器智能", "人工智能")} == {
        "人工智能"
    }
    assert vocabulary.kept("artificial-intelligence") == "人工智能"
    assert vocabulary.kept("间隔重复") == vocabulary.kept("srs") == "spaced-repetition"
    assert vocabulary.banned == {
        *("clickbait", "转发", "抽奖", "advert", "vlog", "日常"),
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_note_that_ships_says_nothing_and_adds_no_tags(language: str) -> None:
    text = (TEMPLATES / f"vocabulary.{language}.md").read_text("utf-8")

    assert parse(text) == (Vocabulary(), ())
    assert "[[" not in text
    assert not [word for word in text.split() if word.strip("#") not in {word, ""}]


@pytest.mark.parametrize(
    ("language", "one", "kept"),
    [("en", "AI", "artificial-intelligence"), ("zh", "机器智能", "人工智能")],
)
def test_the_examples_of_the_note_that_ships_are_right(
    language: str, one: str, kept: str
) -> None:
    text = (TEMPLATES / f"vocabulary.{language}.md").read_text("utf-8")

    vocabulary = read(text.partition("```text\n")[2].partition("```")[0])

    assert vocabulary.kept(one) == kept
    assert len(vocabulary.names()) == 2
    assert len(vocabulary.banned) == 2


def test_lines_below_the_headings_of_the_note_that_ships_count() -> None:
    text = (TEMPLATES / "vocabulary.zh.md").read_text("utf-8")
    text = text.replace("## 同义标签\n", "## 同义标签\n\n- a = b\n") + "\n- c\n"

    vocabulary = read(text)

    assert vocabulary.kept("b") == "a"
    assert vocabulary.bans("c")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("ML", "机器学习"),
        ("ml/transformers", "机器学习/transformers"),
        ("ML/NLP/bert", "语言/bert"),
        ("机器学习/nlp", "语言"),
        ("MLOps", "MLOps"),
        ("x/ml", "x/ml"),
        ("PYTORCH/Lightning", "PyTorch/Lightning"),
    ],
)
def test_a_rule_holds_for_the_tags_below_unless_they_have_one(
    name: str, kept: str
) -> None:
    vocabulary = read("- 机器学习 = ML", "- 语言 = 机器学习/NLP", "- PyTorch =")

    assert vocabulary.kept(name) == kept


def test_a_rule_that_shortens_a_tag_goes_on_to_the_end() -> None:
    assert read("- k = k/a").kept("k" + "/a" * 1500) == "k"


def test_a_ban_holds_for_the_tags_below() -> None:
    vocabulary = read("- never: spam")

    assert vocabulary.bans("spam/mail")
    assert not vocabulary.bans("mail/spam")


def test_what_becomes_a_banned_tag_is_banned() -> None:
    vocabulary, sentences = parse("- advert = promo\n- never: adverts")

    assert vocabulary.bans("promo")
    assert vocabulary.names() == ()
    assert sentences == (
        "line 1: `advert` is never used, says line 2: remove one of the two",
    )


def test_a_tag_that_becomes_one_which_becomes_another_becomes_the_last() -> None:
    one = read("- a = b", "- b = c")
    other = read("- b = c", "- a = b")

    assert one.kept("c") == other.kept("c") == "a"
    assert one.names() == other.names() == ("a",)


def test_a_circle_is_told_and_the_first_rule_holds() -> None:
    vocabulary, sentences = parse("- a = b\n- b = c\n- c = a")

    assert {vocabulary.kept(name) for name in "abc"} == {"a"}
    [sentence] = sentences
    assert sentence.startswith("line 3: `a` cannot become `c`, for line 2 says the")


def test_of_two_rules_about_a_tag_the_first_holds() -> None:
    vocabulary, sentences = parse("- a = x\n- b = x, y")

    assert (vocabulary.kept("x"), vocabulary.kept("y")) == ("a", "b")
    assert sentences == ("line 2: `x` becomes `a`, says line 1: remove one of the two",)


def test_saying_a_thing_twice_is_no_contradiction() -> None:
    assert read("- AI = ai, Ai", "- AI = A.I, ml", "- #ML", "- ai =").kept("ml") == "AI"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("- = a", "this is no rule"),
        ("- a = b = c", "this is no rule"),
        ("- a, b = c", "this is no rule"),
        ("- a = 。", "“。” can be no tag in Obsidian"),
        ("- cpp = C++", "“C++” can be no tag in Obsidian"),
        ("- C# = csharp", "“C#” can be no tag in Obsidian"),
        ("# Never\n- a = b", "what is never used becomes no other tag"),
        ("- never: a = b", "what is never used becomes no other tag"),
    ],
)
def test_a_line_that_says_nothing_clear_is_told(line: str, sentence: str) -> None:
    [only] = told("prose", line)

    number = line.count("\n") + 2
    assert only.startswith(f"line {number}: {sentence}")
    assert only.count("\n") == 0


def test_a_tag_that_loses_its_signs_takes_no_other_with_it() -> None:
    vocabulary, _ = parse("- cpp = C++, cplusplus")

    assert vocabulary.kept("C") == "C"
    assert vocabulary.kept("cplusplus") == "cpp"


@pytest.mark.parametrize(
    "line",
    [
        "- 每个标签都要想清楚",
        "- remember this",
        "- word",
        "a = b",
        "## a = b",
        "    - a = b",
        "- `a` and ``b = c``",
        "Nevertheless: x",
        "",
    ],
)
def test_all_else_is_the_users_own_business(line: str) -> None:
    assert parse(f"Text.\n\n{line}\n") == (Vocabulary(), ())


def test_a_heading_in_code_opens_no_section() -> None:
    vocabulary = read("```", "## Never", "```", "", "- a = b")

    assert vocabulary.kept("b") == "a"


def test_line_ends_of_windows_and_a_mark_at_the_beginning_are_read() -> None:
    vocabulary = read("\ufeff# Never\r", "- x\r", "# Tags\r", "- a = b\r", "")

    assert vocabulary.bans("x")
    assert vocabulary.kept("b") == "a"


NAMES = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "A",
        "a/b",
        "b/a",
        "a/b/c",
        "c/a",
        "#d",
        "人工智能",
        "ＡＩ",
        "1",
        "C++",
    ]
)
ITEMS = st.one_of(
    st.tuples(NAMES, st.lists(NAMES, max_size=3)).map(
        lambda rule: f"- {rule[0]} = {', '.join(rule[1])}"
    ),
    NAMES.map("- never: {}".format),
    st.sampled_from(["## Never", "# 标签", "```", "%%", "- = x", "- a = b = c", "---"]),
    st.text(max_size=20),
)


@given(st.one_of(st.text(), st.lists(ITEMS, max_size=12).map("\n".join)))
def test_any_text_is_read_and_what_it_says_is_settled(text: str) -> None:
    vocabulary, sentences = parse(text)

    kept = {name: vocabulary.kept(name) for name in vocabulary.merged}
    assert {name: vocabulary.kept(tag) for name, tag in kept.items()} == kept
    assert not [name for name in vocabulary.names() if vocabulary.bans(name)]
    assert all(len(sentence.splitlines()) == 1 for sentence in sentences)


@given(st.lists(ITEMS, max_size=12).map("\n".join), NAMES)
def test_spellings_of_a_tag_become_the_same(text: str, name: str) -> None:
    vocabulary, _ = parse(text)

    becomes = tag_key(vocabulary.kept(name))

    assert tag_key(vocabulary.kept(tag_key(name))) == becomes
    assert vocabulary.bans(tag_key(name)) == vocabulary.bans(name)
