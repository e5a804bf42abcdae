"""Notes find each other; what their user took apart stays apart."""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import MEDIA, SUMMARY, TRANSCRIPT
from vaultscribe.adapters.vault.catch_up import DAY_S, CatchingUp, CatchUp
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.core.model import Link, Media, Note, Record, Work
from vaultscribe.core.properties import read, write

NOW_S = 2_000_000_000.0


def plain_note(record: Record) -> str:
    targets = {each.name: each.target for each in record.linked}
    return write(
        {
            "id": record.media.work.id,
            "timestamp": record.timestamp,
            "tags": list(record.tags),
            "people": [
                f"[[{targets[name]}]]" if name in targets else name
                for name in record.summary.people
            ],
            "channel": record.media.channel,
            "related": [f"[[{each.name}]]" for each in record.related],
        },
        "\n".join(f"- [[{each.name}]]: {each.shared}" for each in record.related),
    )


class Vault:
    """A vault with notes of films, each made some days after the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "vault"
        self.folder.mkdir()
        self.write("Inbox.md", "#zoo")
        self.notes = Notes(
            Layout(self.folder, "Videos", folder / "recovery"), plain_note
        )
        self._count = 0

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def film(
        self, *tags: str, people: tuple[str, ...] = (), media: Media = MEDIA
    ) -> Note:
        self._count += 1
        work = Work(f"youtube:aaaaaaaaa{self._count:02}", "https://x")
        record = self.notes.compose(
            Link("https://x", tags=tags),
            replace(media, work=work),
            TRANSCRIPT,
            replace(SUMMARY, people=people),
        )
        day = f"2025-11-{self._count:02}T07:45:14"
        return self.notes.put(replace(record, timestamp=day))

    def file(self, note: Note) -> Path:
        return self.folder / note.path

    def related(self, note: Note) -> list[str]:
        found = read(self.file(note).read_text("utf-8")).get("related", [])
        return [each.strip("[]") for each in found]

    def people(self, note: Note) -> list[str]:
        return list(read(self.file(note).read_text("utf-8"))["people"])

    def age(self, note: Note, seconds: float) -> None:
        os.utime(self.file(note), (NOW_S - seconds,) * 2)

    def replace(self, note: Note, old: str, new: str) -> None:
        file = self.file(note)
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = Vault(tmp_path)
    yield made
    made.notes.close()


def caught_up(vault: Vault, mode: CatchUp, now_s: float = NOW_S) -> int:
    return CatchingUp(vault.notes, mode, lambda: now_s).go_on()


def test_the_users_own_notes_are_linked_to(vault: Vault) -> None:
    vault.write("Thoughts.md", "on #career")

    film = vault.film("career")

    assert vault.related(film) == ["Thoughts"]


def test_the_inbox_is_not_linked_to(vault: Vault) -> None:
    film = vault.film("zoo")

    assert vault.related(film) == []


def test_what_obsidian_leaves_aside_is_not_linked_to(vault: Vault) -> None:
    vault.write(
        ".obsidian/app.json", '{"userIgnoreFilters": ["Templates/", "/daily.*/"]}'
    )
    vault.write("Templates/t.md", "#career")
    vault.write("x/daily note.md", "#career")

    film = vault.film("career")

    assert vault.related(film) == []


def test_who_is_named_in_both_relates_two_notes(vault: Vault) -> None:
    one = vault.film("a", people=("Ada",))

    other = vault.film("b", people=("Ada",))

    assert vault.related(other) == [one.name]


def test_a_channel_alone_relates_no_notes(vault: Vault) -> None:
    vault.film("a", media=replace(MEDIA, channel="A channel"))

    other = vault.film("b", media=replace(MEDIA, channel="A channel"))

    assert vault.related(other) == []


def test_a_link_that_the_user_removed_does_not_come_back(vault: Vault) -> None:
    one = vault.film("career")
    film = vault.film("career")
    vault.replace(film, f"- [[{one.name}]]: ('career',)\n", "")

    vault.notes.render_again("youtube:aaaaaaaaa02", newer=True)
    vault.notes.render_again("youtube:aaaaaaaaa02", newer=True)

    assert vault.related(film) == []
    assert one.name not in vault.file(film).read_text("utf-8")


def test_a_link_of_the_users_own_stays(vault: Vault) -> None:
    one = vault.film("career")
    film = vault.film("career")
    vault.replace(
        film, f'  - "[[{one.name}]]"\n', f'  - "[[{one.name}]]"\n  - "[[Mine]]"\n'
    )

    third = vault.film("career")
    vault.notes.render_again("youtube:aaaaaaaaa02", newer=True)

    assert vault.related(film) == [one.name, "Mine", third.name]


def test_a_tag_that_the_user_took_out_relates_no_more(vault: Vault) -> None:
    film = vault.film("career")
    vault.replace(film, "  - career\n", "  - cooking\n")
    other = vault.film("career")

    third = vault.film("cooking")

    assert vault.related(other) == []
    assert vault.related(third) == [film.name]


def test_a_person_with_a_page_becomes_a_link(vault: Vault) -> None:
    vault.write("People/杨立昆.md", "---\naliases: [Yann LeCun]\n---\n")

    film = vault.film("a", people=("Yann LeCun", "Ada"))

    assert vault.people(film) == ["[[杨立昆]]", "Ada"]


def test_a_person_whom_three_notes_name_becomes_a_link_in_them_all(
    vault: Vault,
) -> None:
    films = [vault.film(tag, people=("Ada",)) for tag in "abc"]
    before = [vault.people(film) for film in films]
    for film in films:
        vault.age(film, 2 * DAY_S)

    caught_up(vault, "now")

    assert before == [["Ada"], ["Ada"], ["[[Ada]]"]]
    assert [vault.people(film) for film in films] == [["[[Ada]]"]] * 3


def test_an_older_note_catches_up_with_a_newer_one(vault: Vault) -> None:
    older, newer = vault.film("career"), vault.film("career")
    before = vault.related(older)

    caught_up(vault, "now")

    assert before == []
    assert vault.related(older) == [newer.name]


def test_a_note_that_was_edited_in_the_last_hour_is_left_alone(vault: Vault) -> None:
    older, newer = vault.film("career"), vault.film("career")
    with vault.file(older).open("a", encoding="utf-8") as file:
        file.write("a thought\n")
    vault.age(older, 3000)

    caught_up(vault, "now")
    soon = vault.related(older)
    caught_up(vault, "now", NOW_S + 1000)

    assert soon == []
    assert vault.related(older) == [newer.name]
    assert "a thought\n" in vault.file(older).read_text("utf-8")


def test_a_note_that_was_just_made_is_left_alone(vault: Vault) -> None:
    older = vault.film("career")
    vault.film("career")
    minutes_later = dt.datetime(2025, 11, 1, 7, 50).astimezone()

    caught_up(vault, "now", minutes_later.timestamp())

    assert vault.related(older) == []


def test_older_notes_catch_up_once_a_day_at_most(vault: Vault) -> None:
    older, newer = vault.film("career"), vault.film("career")
    batches = CatchingUp(vault.notes, "daily", iter(days(0, 0.9, 1.1, 1.2)).__next__)

    seen = []
    for _ in range(3):
        batches.go_on()
        seen.append(vault.related(older))
    third = vault.film("career")
    batches.go_on()

    assert seen == [[], [], [newer.name]]
    assert third.name not in vault.related(older)


def days(*numbers: float) -> list[float]:
    return [NOW_S + number * DAY_S for number in numbers]


def test_older_notes_do_not_catch_up_when_they_are_not_to(vault: Vault) -> None:
    older = vault.film("career")
    vault.film("career")

    caught_up(vault, "off")

    assert vault.related(older) == []


def test_a_note_that_cannot_be_read_now_catches_up_another_time(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = vault.film("career"), vault.film("career")
    vault.age(older, 2 * DAY_S)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as locked:  # root may read everything
        locked.setattr(vault.notes, "render_again", refused)
        caught_up(vault, "now")
    caught_up(vault, "now")

    assert vault.related(older) == [newer.name]


def test_a_deleted_note_does_not_catch_up(vault: Vault) -> None:
    older = vault.film("career")
    vault.film("career")
    vault.file(older).unlink()

    caught_up(vault, "now")

    assert not vault.file(older).exists()
    assert vault.notes.owed() == []


def test_a_note_is_linked_by_the_name_that_its_user_gave_it(vault: Vault) -> None:
    one = vault.film("career")
    vault.file(one).rename(vault.folder / "Renamed.md")

    film = vault.film("career")

    assert vault.related(film) == ["Renamed"]


def test_tags_are_shared_whatever_their_case(vault: Vault) -> None:
    one = vault.film("Career")

    film = vault.film("career")

    assert vault.related(film) == [one.name]


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"]
)
def test_a_timestamp_at_the_end_of_time_stops_nobody(vault: Vault, moment: str) -> None:
    older, newer = vault.film("career"), vault.film("career")
    vault.replace(older, "2025-11-01T07:45:14", moment)
    vault.age(older, 2 * DAY_S)

    caught_up(vault, "now")

    assert vault.related(older) == [newer.name]


def test_a_note_that_cannot_be_read_stops_no_other(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, open_, newer = (vault.film("career") for _ in range(3))

    def refuse(path: Path) -> bytes:
        if path == vault.file(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return path.read_bytes()

    # The tests may run as root, who may read everything.
    monkeypatch.setattr("vaultscribe.adapters.vault.notes.whole", refuse)
    caught_up(vault, "now")

    assert newer.name in vault.related(open_)
    assert vault.notes.owed() == ["youtube:aaaaaaaaa01"]


def unlink(vault: Vault, film: Note, other: Note) -> None:
    """Take the line of a related note out, as a user would."""
    vault.replace(film, f"- [[{other.name}]]: ('career',)\n", "")


def rename(vault: Vault, note: Note, path: str, linking: Note) -> Note:
    """Move a note as Obsidian does, which renames the links in another one."""
    new = Note(path.rpartition("/")[2].removesuffix(".md"), path)
    vault.file(note).rename(vault.folder / path)
    vault.replace(linking, f"[[{note.name}]]", f"[[{new.name}]]")
    return new


def test_a_link_that_was_removed_does_not_come_back_under_a_new_name(
    vault: Vault,
) -> None:
    one, film = vault.film("career"), vault.film("career")
    unlink(vault, film, one)
    vault.notes.render_again("youtube:aaaaaaaaa02")
    rename(vault, one, "Renamed.md", film)

    vault.notes.render_again("youtube:aaaaaaaaa02")

    assert vault.related(film) == []


def test_a_link_removed_while_its_note_was_renamed_does_not_come_back(
    vault: Vault,
) -> None:
    one, film = vault.film("career"), vault.film("career")
    unlink(vault, film, one)
    rename(vault, one, "Renamed.md", film)

    vault.notes.render_again("youtube:aaaaaaaaa02")
    vault.notes.render_again("youtube:aaaaaaaaa02")

    assert vault.related(film) == []


def test_a_link_that_was_removed_does_not_come_back_when_another_has_its_name(
    vault: Vault,
) -> None:
    vault.write("mine/Thoughts.md", "on #career")
    film = vault.film("career")
    vault.replace(film, "- [[Thoughts]]: ('career',)\n", "")
    vault.notes.render_again("youtube:aaaaaaaaa01")
    vault.write("Thoughts.md", "on cooking")

    vault.notes.render_again("youtube:aaaaaaaaa01")

    assert vault.related(film) == []


def test_a_renamed_note_was_not_removed_and_its_line_is_still_ours(
    vault: Vault,
) -> None:
    older, newer = vault.film("career", "memory"), vault.film("career")
    vault.notes.render_again("youtube:aaaaaaaaa01", newer=True)
    renamed = rename(vault, newer, "Videos/Renamed.md", older)
    vault.notes.add_tags(renamed, ("memory",))

    vault.notes.add_tags(older, ("cooking",))

    text = vault.file(older).read_text("utf-8")
    assert vault.related(older) == ["Renamed"]
    assert text.endswith("\n- [[Renamed]]: ('career', 'memory')\n")
    assert text.count("- [[") == 1


def test_of_a_note_and_its_copy_it_is_always_the_note_that_is_renewed(
    vault: Vault,
) -> None:
    film = vault.film("career")
    copy = vault.write(f"Videos/{film.name} 1.md", vault.file(film).read_text("utf-8"))
    before = copy.read_bytes()
    newer = vault.film("career")
    vault.replace(film, "career", "career")  # now it is the one edited last

    vault.notes.render_again("youtube:aaaaaaaaa01", newer=True)

    assert vault.related(film) == [newer.name]
    assert vault.related(newer) == [film.name]
    assert copy.read_bytes() == before


def test_a_link_that_found_no_place_in_the_text_was_not_removed(vault: Vault) -> None:
    vault.film("career")
    film = vault.film("career")
    text = vault.file(film).read_text("utf-8")
    head = text[: text.index("\n---\n") + 5]
    vault.file(film).write_text(head, encoding="utf-8")  # no body: and so it stays
    newer = vault.film("career")

    first = vault.notes.render_again("youtube:aaaaaaaaa02", newer=True)
    second = vault.notes.render_again("youtube:aaaaaaaaa02", newer=True)

    assert vault.related(film) == [newer.name]
    assert (first, second) == ("renewed", "as it was")


def test_a_line_that_the_user_made_theirs_is_not_doubled(vault: Vault) -> None:
    one, film = vault.film("career"), vault.film("career", "zoo")
    vault.replace(film, "('career',)\n", "('career',), and it is great\n")
    vault.replace(one, "- career", "- cooking")
    vault.notes.render_again("youtube:aaaaaaaaa02")
    vault.replace(one, "- cooking", "- career")

    vault.notes.render_again("youtube:aaaaaaaaa02")

    text = vault.file(film).read_text("utf-8")
    assert text.endswith(f"\n- [[{one.name}]]: ('career',), and it is great\n")
    assert text.count("\n- [[") == 1
