"""The sample shows every part of a note, and says only what its talk says."""

import re
from dataclasses import fields

import pytest

from vaultscribe.adapters.templates import Templates, packaged
from vaultscribe.core.captions import parse
from vaultscribe.core.model import Summary
from vaultscribe.demo.sample import sample, samples
from vaultscribe.demo.site import CHINESE, ENGLISH, Talk

both = pytest.mark.parametrize(("language", "talk"), [("zh", CHINESE), ("en", ENGLISH)])


@both
def test_each_moment_is_one_at_which_the_talk_says_something(
    language: str, talk: Talk
) -> None:
    starts = {segment.start_s for segment in parse(talk.captions(), "vtt")}
    summary = sample(language).summary

    said = [each.moment_s for each in summary.points]
    said += [each.moment_s for each in summary.sections]
    assert [moment for moment in said if moment not in starts] == []
    assert said


@both
def test_nothing_but_the_reason_of_a_failure_is_missing(
    language: str, talk: Talk
) -> None:
    record = sample(language)

    empty = [f.name for f in fields(Summary) if not getattr(record.summary, f.name)]
    assert empty == ["reason"]
    assert [record.media.title, record.summary.language] == [talk.title, language]


@both
def test_the_note_has_every_heading_of_its_language(language: str, talk: Talk) -> None:
    words = (packaged() / f"words.{language}.toml").read_text(encoding="utf-8")

    note = Templates().check(sample(language), language)

    keys = ("points", "sections", "map", "related", "mine")
    headings = [re.search(rf'(?m)^{key} = "(.*)"', words)[1] for key in keys]  # type: ignore[index]
    assert re.findall(r"(?m)^## (.*)", note) == headings


def test_samples_are_full_and_bare_in_both_languages() -> None:
    found = [
        (s.summary.language, s.summary.author, s.transcript.origin) for s in samples()
    ]

    assert len({*found}) == 6
    assert [len(each.media.title) > 0 for each in samples()] == [True] * 6
