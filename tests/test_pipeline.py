"""The journey, every branch, with fakes."""

import asyncio
from dataclasses import replace

from fakes import LINK, WORK, FakeInbox, FakeLlm, FakeMedia, FakeWorld, plain
from vaultscribe.core.errors import NeedsUser, PermanentError, TransientError
from vaultscribe.core.model import Link, Record, Summary
from vaultscribe.pipeline import Outcome, process_link


def walk(world: FakeWorld, link: Link = LINK) -> Outcome:
    return asyncio.run(process_link(link, world.world, plain))


def world_with(*links: Link) -> FakeWorld:
    return FakeWorld(inbox=FakeInbox(lines={link.address: "" for link in links}))


def test_a_link_becomes_a_note_and_its_line_is_ticked() -> None:
    world = world_with(LINK)

    outcome = walk(world)

    assert outcome == "done"
    assert world.inbox.lines[LINK.address] == "[[Me at the zoo]]"
    assert world.vault.notes[WORK.id].summary.author == "a-model"


def test_a_line_that_was_deleted_is_cancelled_before_anything_is_read() -> None:
    world = world_with()

    outcome = walk(world)

    assert outcome == "cancelled"
    assert world.media.calls == []


def test_a_private_video_is_told_in_the_inbox() -> None:
    world = world_with(LINK)
    world.media.errors["describe"] = [NeedsUser("private video: sign in")]

    outcome = walk(world)

    assert outcome == "failed"
    assert world.inbox.lines[LINK.address] == "❌ private video: sign in"
    assert world.vault.notes == {}


def test_a_known_work_is_ticked_with_its_note_and_not_read_again() -> None:
    world = world_with(LINK)
    world.vault.notes[WORK.id] = _some_record()

    outcome = walk(world)

    assert outcome == "done"
    assert world.inbox.lines[LINK.address] == "[[Known]]"
    assert world.vault.tags == ["zoo"]
    assert "describe" not in world.media.calls


def test_an_unticked_link_is_read_again_although_its_note_exists() -> None:
    again = replace(LINK, again=True)
    world = world_with(again)
    world.vault.notes[WORK.id] = _some_record()

    outcome = walk(world, again)

    assert outcome == "done"
    assert world.vault.notes[WORK.id].summary.author == "a-model"


def test_a_second_address_of_a_work_under_way_is_ticked_by_the_first() -> None:
    other = Link("https://m.youtube.com/watch?v=jNQXAC9IVRw", tags=("elephants",))
    world = world_with(LINK, other)
    world.claims.owners[WORK.id] = LINK

    followed = walk(world, other)
    outcome = walk(world)

    assert (followed, outcome) == ("following", "done")
    assert world.inbox.lines[other.address] == "[[Me at the zoo]]"
    assert world.vault.tags == ["zoo", "elephants"]


def test_a_second_address_hears_of_the_failure_too() -> None:
    other = Link("https://m.youtube.com/watch?v=jNQXAC9IVRw")
    world = world_with(LINK, other)
    world.claims.followers = [other]
    world.media.errors["describe"] = [PermanentError("removed by its uploader")]

    walk(world)

    assert world.inbox.lines[other.address] == "❌ removed by its uploader"


def test_a_video_without_captions_is_listened_to() -> None:
    world = world_with(LINK)
    world.media = FakeMedia(transcript=None)

    outcome = walk(world)

    assert outcome == "done"
    assert world.speech.calls == ["transcribe"]


def test_captions_no_sends_the_link_to_the_speech_engine() -> None:
    link = replace(LINK, captions=False)
    world = world_with(link)

    walk(world, link)

    assert world.speech.calls == ["transcribe"]


def test_without_an_llm_the_note_holds_excerpts() -> None:
    world = world_with(LINK)
    world.llm = FakeLlm(summary=None)

    walk(world)

    assert _summary(world).author == "excerpts"
    assert _summary(world).reason == ""


def test_an_llm_that_stays_away_leaves_excerpts_and_the_reason() -> None:
    world = world_with(LINK)
    world.llm.errors["summarise"] = [TransientError("a-model does not answer")]

    outcome = walk(world)

    assert outcome == "done"
    assert _summary(world).author == "excerpts"
    assert _summary(world).reason == "a-model does not answer"


def test_a_refused_key_costs_the_summary_but_not_the_note() -> None:
    world = world_with(LINK)
    world.llm.errors["summarise"] = [NeedsUser("the key is refused: check it")]

    outcome = walk(world)

    assert outcome == "done"
    assert _summary(world).reason == "the key is refused: check it"


def _summary(world: FakeWorld) -> Summary:
    return world.vault.notes[WORK.id].summary


def _some_record() -> Record:
    world = world_with(LINK)
    walk(world)
    return world.vault.notes[WORK.id]
