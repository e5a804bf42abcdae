"""Topic notes in a real vault: written on request, once."""

from pathlib import Path

import pytest

from vaultscribe.adapters.vault.topics import TopicNotes, all_notes
from vaultscribe.core.errors import ConfigError


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    for number in range(3):
        text = f"---\ntags: [Career, AI/torch{number}]\n---\nwords\n"
        (tmp_path / f"{number}.md").write_text(text, encoding="utf-8")
    return tmp_path


def notes(vault: Path) -> TopicNotes:
    return TopicNotes(
        vault / "My/Topics", lambda: all_notes(vault), "about {}\n".format
    )


def test_a_tag_lacks_a_topic_note_until_it_is_written(vault: Path) -> None:
    before = notes(vault).wanting()

    written = list(notes(vault).write(["#career"]))

    file = vault / "My/Topics/Career.md"
    assert before == [("AI", 3), ("Career", 3)]
    assert written == [(file, True)]
    assert file.read_text() == "about Career\n"
    assert notes(vault).wanting() == [("AI", 3)]


def test_a_topic_note_is_never_written_over(vault: Path) -> None:
    [(file, _)] = notes(vault).write(["ai/torch1"])
    file.write_text("mine")

    assert list(notes(vault).write(["AI/torch1"])) == [(file, False)]
    assert file.name == "AI／torch1.md"
    assert file.read_text() == "mine"


@pytest.mark.parametrize("wrong", ["carer", "", "#", "../../x", "2024"])
def test_a_tag_that_no_note_carries_is_refused_before_anything_is_written(
    wrong: str, vault: Path
) -> None:
    with pytest.raises(ConfigError, match="no note carries the tag"):
        list(notes(vault).write(["career", wrong]))

    assert not (vault / "My").exists()
