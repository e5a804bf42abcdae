"""The user's copies win while they work; a note is made in any case."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaultscribe.adapters.templates import Templates
from vaultscribe.core.errors import ConfigError
from vaultscribe.demo.sample import sample

EN, ZH = sample("en"), sample("zh")
GOOD = "Mine: {{ media.title | inline }}\n"
BROKEN = "Mine:\n\n{{ media.titel }}\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def templates(own: Path, tmp_path: Path) -> Templates:
    return Templates(own, tmp_path / "state" / "templates")


@pytest.fixture(autouse=True)
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING):
        yield caplog


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def body(templates: Templates) -> str:
    return templates.render(EN, "en").split("\n---\n", 1)[1].strip()


OURS = body(Templates())


def test_without_copies_the_note_is_made_with_ours(templates: Templates) -> None:
    assert body(templates) == OURS


def test_a_copy_wins(templates: Templates, own: Path) -> None:
    write(own, "note.md.j2", GOOD)

    assert body(templates) == f"Mine: {EN.media.title}"


def test_a_copy_is_read_again_when_it_has_changed(
    templates: Templates, own: Path
) -> None:
    write(own, "note.md.j2", GOOD)
    before = body(templates)
    write(own, "note.md.j2", GOOD.replace("Mine", "Here"))

    assert (before[:4], body(templates)[:4]) == ("Mine", "Here")


def test_a_copy_that_is_gone_gives_way_to_ours(templates: Templates, own: Path) -> None:
    write(own, "note.md.j2", GOOD)
    body(templates)
    (own / "note.md.j2").unlink()

    assert body(templates) == OURS


def test_instead_of_a_broken_copy_the_last_one_that_worked_is_used(
    templates: Templates, own: Path, warnings: pytest.LogCaptureFixture
) -> None:
    write(own, "note.md.j2", GOOD)
    good = body(templates)
    write(own, "note.md.j2", BROKEN)

    assert [body(templates), body(templates)] == [good, good]
    [said] = warnings.messages
    assert f"{own}: note.md.j2 line 3: 'Media object' has no attribute" in said
    assert "your copy that last worked" in said


def test_the_last_copy_that_worked_outlives_the_program(
    templates: Templates, own: Path, tmp_path: Path
) -> None:
    write(own, "note.md.j2", "{% include 'parts/head.j2' %}")
    write(own, "parts/head.j2", GOOD)
    good = body(templates)
    write(own, "note.md.j2", BROKEN)
    (own / "parts/head.j2").unlink()

    later = Templates(own, tmp_path / "state" / "templates")

    assert body(later) == good


def test_a_copy_that_never_worked_gives_way_to_ours(
    templates: Templates, own: Path, warnings: pytest.LogCaptureFixture
) -> None:
    write(own, "note.md.j2", BROKEN)

    assert body(templates) == OURS
    assert "until then notes are made with ours" in warnings.text


def test_a_fault_is_told_again_when_a_change_has_not_mended_it(
    templates: Templates, own: Path, warnings: pytest.LogCaptureFixture
) -> None:
    write(own, "note.md.j2", BROKEN)
    body(templates)
    write(own, "note.md.j2", "\n" + BROKEN)
    body(templates)

    assert ["line 3" in warnings.messages[0], "line 4" in warnings.messages[1]] == [
        True, True
    ]  # fmt: skip


def test_a_mended_copy_is_used_at_once(templates: Templates, own: Path) -> None:
    write(own, "note.md.j2", BROKEN)
    body(templates)
    write(own, "note.md.j2", GOOD)

    assert body(templates) == f"Mine: {EN.media.title}"


def test_a_copy_that_works_for_some_notes_only_gives_way_for_the_others(
    templates: Templates, own: Path
) -> None:
    write(own, "note.md.j2", "{{ {'en': 'yes'}[summary.language] }}")

    assert "核心思想" in templates.render(ZH, "zh")
    assert body(templates) == "yes"


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("words.en.toml", b'core = "x"\nview: "y"\n', "words.en.toml line 2: not TOML"),
        ("words.en.toml", b'core = "x"\n\nview =', "words.en.toml line 3: not TOML"),
        ("words.en.toml", b"core = 1\n", "words.en.toml: `core` has to be a text"),
        ("words.en.toml", b'core = "\xff"\n', "words.en.toml cannot be read"),
        ("note.md.j2", b"\xff\xfe", "note.md.j2 cannot be read"),
        ("note.md.j2", b"", "note.md.j2: it writes nothing"),
        ("note.md.j2", b"\n{% if x %}\n", "note.md.j2 line 2: "),
        ("note.md.j2", b"{% include 'prompts/a.j2' %}", "there is no template prompts"),
        ("note.md.j2", b"{% include 'a/b/c.j2' %}", "there is no template a/b/c.j2"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file(
    templates: Templates, own: Path, name: str, data: bytes, fault: str
) -> None:
    write(own, "prompts/a.j2", "x")
    (own / name).write_bytes(data)

    with pytest.raises(ConfigError) as caught:
        templates.check(EN, "en")

    assert f"the templates in {own}: " in str(caught.value)
    assert fault in str(caught.value)
    assert body(templates) == OURS


def test_a_file_beside_the_folder_is_out_of_reach(
    templates: Templates, own: Path
) -> None:
    write(own.parent, "secret.j2", "secret")
    write(own, "note.md.j2", "{% include '../secret.j2' %}")

    with pytest.raises(ConfigError, match="there is no template"):
        templates.check(EN, "en")


def test_words_that_a_copy_lacks_are_ours(templates: Templates, own: Path) -> None:
    write(own, "words.en.toml", 'core = "In short"\nextra = "for my template"\n')

    note = body(templates)

    assert note == OURS.replace("The gist", "In short")
    assert note != OURS


def test_a_file_of_a_windows_editor_is_read(templates: Templates, own: Path) -> None:
    write(own, "words.en.toml", '\ufeffcore = "In short"\r\n')
    write(own, "note.md.j2", "\ufeffx\r\n{{ words.core }}\r\n")

    assert body(templates) == "x\nIn short"


def test_a_copy_may_extend_ours(templates: Templates, own: Path) -> None:
    write(
        own,
        "note.md.j2",
        "{% extends 'default/note.md.j2' %}{% block transcript %}{% endblock %}",
    )

    assert body(templates) == OURS.partition("> [!quote]-")[0].strip()


def test_a_folder_that_is_gone_stops_no_note(
    own: Path, tmp_path: Path, warnings: pytest.LogCaptureFixture
) -> None:
    own.rmdir()

    assert body(Templates(own, tmp_path / "kept")) == OURS
    assert "the folder is not there" in warnings.text


def test_a_folder_that_cannot_be_kept_stops_no_note(
    own: Path, tmp_path: Path, warnings: pytest.LogCaptureFixture
) -> None:
    write(own, "note.md.j2", GOOD)
    (tmp_path / "kept").touch()
    templates = Templates(own, tmp_path / "kept" / "templates")

    assert body(templates) == f"Mine: {EN.media.title}"
    assert "cannot keep your templates" in warnings.text


def test_a_prompt_of_the_users_own_wins(templates: Templates, own: Path) -> None:
    write(own, "prompts/summary.md.j2", "mine")

    assert templates.text("prompts/summary.md.j2") == "mine"
    assert Templates().text("prompts/summary.md.j2") != "mine"
