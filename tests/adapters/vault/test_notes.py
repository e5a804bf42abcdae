"""Notes are published once, found by their id, and never taken from their user."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copy2

import pytest

from fakes import LINK, MEDIA, SUMMARY, TRANSCRIPT, WORK
from vaultscribe.adapters.vault import records
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.core.errors import LinkError, NeedsUser, TransientError
from vaultscribe.core.model import Link, Media, Record, Work
from vaultscribe.core.properties import read, write

NOBODY = 65534


def plain_note(record: Record) -> str:
    """Render a note with the properties that matter here."""
    properties = {
        "title": record.media.title,
        "id": record.media.work.id,
        "timestamp": record.timestamp,
        "tags": list(record.tags),
        "related": [f"[[{each.name}]]" for each in record.related],
    }
    return write(properties, f"by {record.summary.author}")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "Inbox.md").touch()
    return tmp_path / "vault"


@pytest.fixture
def notes(vault: Path) -> Iterator[Notes]:
    made = Notes(Layout(vault, "Videos", vault.parent / "recovery"), plain_note)
    yield made
    made.close()


def record(notes: Notes, link: Link = LINK, media: Media = MEDIA) -> Record:
    return notes.compose(link, media, TRANSCRIPT, SUMMARY)


def other(number: int) -> Media:
    """Make another work with the same title."""
    return replace(MEDIA, work=Work(f"youtube:aaaaaaaaa{number:02}", "https://x"))


def test_a_note_is_published_and_found_again(notes: Notes, vault: Path) -> None:
    note = notes.put(record(notes))

    assert notes.find(WORK) == note
    assert note.path == "Videos/Me at the zoo jNQXAC9IVRw.md"
    assert read((vault / note.path).read_text(encoding="utf-8"))["tags"] == ["zoo"]


def test_publishing_twice_gives_one_note(notes: Notes, vault: Path) -> None:
    made = record(notes)

    names = {notes.put(made), notes.put(made)}

    assert len(names) == 1
    assert len(list(vault.glob("Videos/*.md"))) == 1


def test_a_note_of_the_user_with_that_name_stays(notes: Notes, vault: Path) -> None:
    mine = vault / "Videos" / "Me at the zoo jNQXAC9IVRw.md"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")

    note = notes.put(record(notes))

    assert mine.read_text(encoding="utf-8") == "mine"
    assert note.name == "Me at the zoo jNQXAC9IVRw (2)"


def test_a_moved_note_is_known_by_its_id(notes: Notes, vault: Path) -> None:
    note = notes.put(record(notes))
    (vault / "Archive").mkdir()
    (vault / note.path).rename(vault / "Archive" / "Zoo.md")

    found = notes.find(WORK)

    assert found
    assert found.path == "Archive/Zoo.md"


def test_done_again_the_note_is_renewed_and_keeps_its_timestamp(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    first = read((vault / note.path).read_text(encoding="utf-8"))["timestamp"]
    better = replace(SUMMARY, author="a-better-model")

    again = notes.compose(LINK, MEDIA, TRANSCRIPT, better)
    notes.put(again)

    text = (vault / note.path).read_text(encoding="utf-8")
    assert "by a-better-model" in text
    assert read(text)["timestamp"] == first


def test_done_again_the_users_words_stay_and_ours_are_renewed(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    with (vault / note.path).open("a", encoding="utf-8") as file:
        file.write("my thought\n")

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    text = (vault / note.path).read_text(encoding="utf-8")
    assert text.endswith("by other\nmy thought\n")


def test_a_line_that_both_changed_stays_the_users_and_the_record_says_so(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    file = vault / note.path
    file.write_text(file.read_text("utf-8").replace("by a-model", "by me"), "utf-8")

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    [kept] = vault.glob(".vaultscribe/records/*.json")
    assert file.read_text("utf-8").endswith("by me\n")
    assert json.loads(kept.read_bytes())["kept"] == ["by other"]


def test_a_tag_that_comes_while_a_note_is_made_again_is_not_lost(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    again = replace(record(notes), summary=replace(SUMMARY, author="other"))
    notes.add_tags(note, ("elephants",))

    notes.put(again)

    text = (vault / note.path).read_text(encoding="utf-8")
    assert read(text)["tags"] == ["zoo", "elephants"]
    assert "by other" in text


def test_without_the_text_last_rendered_nothing_is_rewritten(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    [base] = vault.glob(".vaultscribe/rendered/*.txt")
    [kept] = vault.glob(".vaultscribe/records/*.json")
    base.write_text("something else", encoding="utf-8")
    damaged = re.sub(rb'"base":"\w+"', b'"base":"00"', kept.read_bytes())
    kept.write_bytes(damaged)
    before = (vault / note.path).read_bytes()

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    assert (vault / note.path).read_bytes() == before


def test_a_base_that_was_lost_is_rendered_once_more(notes: Notes, vault: Path) -> None:
    note = notes.put(record(notes))
    [base] = vault.glob(".vaultscribe/rendered/*.txt")
    base.unlink()

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    assert "by other" in (vault / note.path).read_text(encoding="utf-8")


def test_a_deleted_note_stays_deleted(notes: Notes, vault: Path) -> None:
    note = notes.put(record(notes))
    (vault / note.path).unlink()

    assert notes.render_again(WORK.id) == "deleted"
    assert list(vault.glob("**/*.md")) == [vault / "Inbox.md"]


def test_new_tags_are_added_to_an_edited_note_and_nothing_else_changes(
    notes: Notes, vault: Path
) -> None:
    note = notes.put(record(notes))
    with (vault / note.path).open("a", encoding="utf-8") as file:
        file.write("my thought\n")
    before = (vault / note.path).read_text(encoding="utf-8")

    notes.add_tags(note, ("elephants", "zoo"))

    after = (vault / note.path).read_text(encoding="utf-8")
    assert read(after)["tags"] == ["zoo", "elephants"]
    assert after.replace("  - elephants\n", "") == before


def test_the_newer_note_links_to_the_older_one_that_shares_a_tag(
    notes: Notes, vault: Path
) -> None:
    older = notes.put(record(notes))
    newer = notes.put(record(notes, media=other(1)))

    before = read((vault / older.path).read_text(encoding="utf-8"))
    after = read((vault / newer.path).read_text(encoding="utf-8"))
    assert after["related"] == [f"[[{older.name}]]"]
    assert "related" not in before


def test_a_note_without_a_common_tag_is_not_linked(notes: Notes, vault: Path) -> None:
    notes.put(record(notes))
    stranger = Link("https://x", tags=("cooking",))

    note = notes.put(record(notes, link=stranger, media=other(1)))

    assert "related" not in read((vault / note.path).read_text(encoding="utf-8"))


def test_the_vaults_spelling_of_a_tag_wins(notes: Notes, vault: Path) -> None:
    (vault / "Mine.md").write_text("---\ntags:\n  - ZOO-animals\n---\n", "utf-8")
    media = replace(MEDIA, tags=("zoo animals", "unknown here"))

    made = record(notes, media=media)

    assert made.tags == ("zoo", "ZOO-animals")


def test_a_broken_record_does_not_stop_a_note(notes: Notes, vault: Path) -> None:
    notes.put(record(notes))
    [file] = vault.glob(".vaultscribe/records/*.json")
    file.write_text("{", encoding="utf-8")

    note = notes.put(record(notes))

    assert notes.find(WORK) == note


def test_a_note_whose_record_is_lost_stays_and_that_is_told(
    notes: Notes, vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    note = notes.put(record(notes))
    [file] = vault.glob(".vaultscribe/records/*.json")
    file.unlink()
    before = (vault / note.path).read_bytes()

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    assert (vault / note.path).read_bytes() == before
    assert "lost, so it stays" in caplog.text


def test_a_note_with_broken_properties_is_not_ours(notes: Notes, vault: Path) -> None:
    (vault / "Broken.md").write_text(
        f"---\nid: {WORK.id}\nid: twice\ntimestamp: x\n---\n", encoding="utf-8"
    )

    assert notes.find(WORK) is None


def test_an_empty_vault_is_taken_for_a_disk_that_is_not_mounted(
    notes: Notes, vault: Path
) -> None:
    made = record(notes)
    (vault / "Inbox.md").unlink()

    with pytest.raises(TransientError, match="mounted"):
        notes.put(made)

    assert list(vault.iterdir()) == []


def test_a_vault_that_is_gone_is_a_passing_trouble(notes: Notes, vault: Path) -> None:
    vault.rename(vault.with_name("away"))

    with pytest.raises(TransientError, match="vault"):
        notes.find(WORK)


def test_a_notes_folder_that_leads_out_of_the_vault_is_refused(
    notes: Notes, vault: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (vault / "Videos").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NeedsUser, match="out of the vault"):
        notes.put(record(notes))


@pytest.fixture
def read_only(vault: Path) -> Iterator[Path]:
    """Take the right to write away, and the powers of root with it."""
    is_root = os.geteuid() == 0
    vault.parent.chmod(0o755)
    vault.chmod(0o555)
    parents = [p for p in vault.parents if p.stat().st_uid == 0 and is_root]
    modes = {p: p.stat().st_mode for p in parents}
    for each in parents:
        each.chmod(modes[each] | 0o055)
    os.seteuid(NOBODY if is_root else os.geteuid())
    yield vault
    os.seteuid(os.getuid())
    for each in parents:
        each.chmod(modes[each])
    vault.chmod(0o755)


def test_a_read_only_vault_is_told_in_one_sentence(
    notes: Notes, read_only: Path
) -> None:
    made = record(notes)

    with pytest.raises(LinkError, match=r"Videos|vault|written|folder"):
        notes.put(made)

    assert [file.name for file in read_only.iterdir()] == ["Inbox.md"]


def test_after_a_crash_between_two_writes_a_note_is_still_renewed(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Notes(Layout(vault, "Videos", vault.parent / "recovery"), plain_note)
    note = made.put(record(made))
    made.close()
    changed = Notes(
        Layout(vault, "Videos", vault.parent / "recovery"),
        lambda each: plain_note(each).replace("by ", "said by "),
    )
    with monkeypatch.context() as crash:
        crash.setattr(records, "encode", stop)
        with pytest.raises(KeyboardInterrupt):
            changed.render_again(WORK.id)

    outcomes = [changed.render_again(WORK.id) for _ in range(2)]

    changed.close()
    assert outcomes == ["as it was", "as it was"]
    assert "\nsaid by a-model\n" in (vault / note.path).read_text("utf-8")
    assert len([*vault.glob(".vaultscribe/rendered/*")]) == 1


def stop(*_: object) -> str:
    """Do what a kill does: nothing more."""
    raise KeyboardInterrupt


def test_after_a_crash_what_we_took_out_is_not_taken_for_the_users_wish(
    notes: Notes, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = notes.put(record(notes))
    note = notes.put(record(notes, media=other(1)))
    file = vault / older.path
    file.write_text(file.read_text("utf-8").replace("- zoo", "- cooking"), "utf-8")
    with monkeypatch.context() as crash:
        crash.setattr(records, "encode", stop)
        with pytest.raises(KeyboardInterrupt):
            notes.render_again("youtube:aaaaaaaaa01")
    unlinked = read((vault / note.path).read_text("utf-8"))

    file.write_text(file.read_text("utf-8").replace("- cooking", "- zoo"), "utf-8")
    notes.render_again("youtube:aaaaaaaaa01")

    linked = read((vault / note.path).read_text("utf-8"))
    assert "related" not in unlinked
    assert linked["related"] == [f"[[{older.name}]]"]


def test_a_base_that_comes_back_serves_again(notes: Notes, vault: Path) -> None:
    note = notes.put(record(notes))
    [base] = vault.glob(".vaultscribe/rendered/*.txt")
    text = base.read_bytes()
    [kept] = vault.glob(".vaultscribe/records/*.json")
    kept.write_bytes(kept.read_bytes().replace(b"a-model", b"other-model"))
    base.write_text("not synced yet", encoding="utf-8")
    notes.put(replace(record(notes), summary=replace(SUMMARY, author="newer")))
    base.write_bytes(text)

    notes.put(replace(record(notes), summary=replace(SUMMARY, author="newer")))

    assert "\nby newer\n" in (vault / note.path).read_text("utf-8")


def test_what_gave_way_is_recorded_for_as_long_as_it_does(
    notes: Notes, vault: Path
) -> None:
    older = notes.put(record(notes))
    note = notes.put(record(notes, media=other(1)))
    file = vault / note.path
    file.write_text(file.read_text("utf-8").replace("by a-model", "by me"), "utf-8")
    summary = replace(SUMMARY, author="other")
    notes.put(replace(record(notes, media=other(1)), summary=summary))
    text = file.read_text("utf-8").replace(f'related:\n  - "[[{older.name}]]"\n', "")
    file.write_text(text, encoding="utf-8")

    notes.render_again("youtube:aaaaaaaaa01")
    notes.add_tags(note, ("elephants",))

    [kept] = vault.glob(".vaultscribe/records/youtube-aaaaaaaaa01*.json")
    assert json.loads(kept.read_bytes())["kept"] == ["by other"]


def test_a_banned_tag_that_was_written_all_the_same_stays(
    notes: Notes, vault: Path
) -> None:
    (vault / "Tag vocabulary.md").write_text("- never: hype, fuss\n", "utf-8")
    note = notes.put(record(notes, link=replace(LINK, tags=("zoo", "hype"))))
    notes.add_tags(note, ("fuss",))

    notes.render_again(WORK.id)

    text = (vault / note.path).read_text("utf-8")
    assert read(text)["tags"] == ["zoo", "hype", "fuss"]


def test_a_note_that_its_user_put_back_to_an_old_text_stays_so(
    notes: Notes, vault: Path, tmp_path: Path
) -> None:
    note = notes.put(record(notes))
    old = (vault / note.path).read_bytes()
    [base] = vault.glob(".vaultscribe/rendered/*.txt")
    copy2(base, tmp_path / "kept")
    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))
    copy2(tmp_path / "kept", base)  # as if a crash had come before it was removed
    (vault / note.path).write_bytes(old)

    notes.add_tags(note, ("elephants",))
    notes.put(replace(record(notes), summary=replace(SUMMARY, author="other")))

    text = (vault / note.path).read_text("utf-8")
    assert text.replace("  - elephants\n", "") == old.decode()
    assert "elephants" in text
