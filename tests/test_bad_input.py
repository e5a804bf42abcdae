"""Bad input costs one sentence each, no data, and none of the other links."""

import json
import unicodedata
from pathlib import Path

import pytest

from llm_server import LlmServer
from loopnet import Site, environment
from program import Program
from vaultscribe.core.properties import read

VTT = "WEBVTT\n\n00:00.000 --> 00:09.000\nOne thing is said here, and then another.\n"
LLM = '[llm]\nbase_url = "{url}"\nmodel = "loopback"\n[jobs]\nsettle_s = 0\n'
LLM += "retry_s = [600]\nllm_retry_s = []\n"
TALK = "https://talks.example/good"

HOSTILE_TITLES = [
    "../../x",
    "a: b",
    "[[x]] and ![[y]]",
    "-->",
    "长" * 300,
    "CON",
    "😀👨‍👩‍👧 emoji",
    "---",
    "%% hidden %% #tag `code` $x$",
    "<script>alert(1)</script>",
    "> [!danger] out",
    "yes",
    "<% tp.file.title %> {{ title }} {% raw %}",
]


def page(title: str, captions: str = "/cap.vtt") -> str:
    """Write a page from which yt-dlp reads a title, a duration and captions."""
    setup = {
        "playlist": [
            {
                "title": title,
                "duration": 9,
                "sources": [{"file": "/talk.m4a", "type": "audio/mp4"}],
                "tracks": [{"file": captions, "kind": "captions", "label": "en"}],
            }
        ]
    }
    call = f'jwplayer("x").setup({json.dumps(setup)});'.replace("</", "<\\/")
    return f"<html><body><script>{call}</script></body></html>"


def play(site: Site) -> None:
    site.on("https://talks.example/cap.vtt", VTT)
    site.on(TALK, page("A good talk"))


@pytest.fixture
def site() -> object:
    with Site() as made:
        play(made)
        yield made


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    return Program(tmp_path, variables=environment(site))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"# mine\r\n%s\r\nrest\r\n", b"# mine\r\n- [x] %s -> [[N]]\r\nrest\r\n"),
        (b"\xef\xbb\xbf%s\n", b"\xef\xbb\xbf- [x] %s -> [[N]]\n"),
        (b"- [ ] %s", b"- [x] %s -> [[N]]"),
        (b"bad \x80\xff\n- %s\n", b"bad \x80\xff\n- [x] %s -> [[N]]\n"),
        (b"a\rb\r\n%s\n", b"a\rb\r\n- [x] %s -> [[N]]\n"),
    ],
    ids=["crlf", "bom", "no last newline", "invalid utf-8", "mixed line ends"],
)
def test_all_bytes_of_the_inbox_outside_the_line_stay(
    program: Program, before: bytes, after: bytes
) -> None:
    program.inbox.write_bytes(before.replace(b"%s", TALK.encode()))

    finished = program.run("run")

    [note] = program.notes()
    arrow = f"→ [[{note.stem}]]".encode()
    expected = after.replace(b"%s", TALK.encode()).replace(b"-> [[N]]", arrow)
    assert finished.returncode == 0
    assert program.inbox.read_bytes() == expected


def test_an_inbox_that_is_no_text_is_told_once_and_left_alone(
    program: Program,
) -> None:
    data = f"- [ ] {TALK}\n".encode("utf-16")
    program.inbox.write_bytes(data)

    finished = program.run("run")

    assert finished.returncode == 1
    assert program.inbox.read_bytes() == data
    assert "Inbox.md" in finished.stdout + finished.stderr


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def test_hostile_titles_make_good_notes(program: Program, site: Site) -> None:
    for number, title in enumerate(HOSTILE_TITLES):
        site.on(f"https://talks.example/{number}", page(title))
        program.drop(f"https://talks.example/{number}")

    finished = program.run("run")

    notes = [read(note.read_text(encoding="utf-8")) for note in program.notes()]
    titles = {str(note["id"]).rpartition("/")[2]: note["title"] for note in notes}
    assert finished.returncode == 0, finished.stdout
    # What would act in a property stands there in full width, which search folds.
    found = [folded(titles[str(n)]) for n in range(len(HOSTILE_TITLES))]
    assert found == [folded(title) for title in HOSTILE_TITLES]
    assert not any("<%" in title or title.startswith("[[") for title in titles.values())
    assert all(line.count("[[") == 1 for line in program.lines())
    assert [file.name for file in program.folder.glob("*.md")] == []


def test_a_captions_file_of_garbage_is_told_and_the_others_go_on(
    program: Program, site: Site
) -> None:
    site.on("https://talks.example/bad", page("Bad", "/bad.vtt"))
    site.on("https://talks.example/bad.vtt", b"\x00\x01\xff" * 1000)
    program.drop("https://talks.example/bad", TALK)

    finished = program.run("run")

    assert finished.returncode == 1
    assert "→ ❌ no captions" in program.lines()[0]
    assert "→ [[A good talk" in program.lines()[1]


@pytest.mark.parametrize("behaviour", ["garbage", "html", "empty", "cut", "length"])
def test_a_useless_model_costs_the_summary_but_not_the_note(
    tmp_path: Path, site: Site, behaviour: str
) -> None:
    with LlmServer(behaviour) as llm:
        program = Program(tmp_path, LLM.format(url=llm.base_url), environment(site))
        program.drop(TALK)

        finished = program.run("run")

    [note] = program.notes()
    text = note.read_text(encoding="utf-8")
    assert finished.returncode == 0
    assert read(text)["status"] == "partial"
    assert "One thing is said here" in text
    assert "I would rather" not in text


def test_the_key_stands_in_no_file_and_goes_to_no_other_server(
    tmp_path: Path, site: Site
) -> None:
    canary = "sk-canary-0123456789"
    with LlmServer("echo", "right") as llm:
        program = Program(
            tmp_path,
            LLM.format(url=llm.base_url).replace("[]", "[0.1, 0.1]"),
            {
                **environment(site),
                "VAULTSCRIBE_API_KEY": canary,
                "OPENAI_API_KEY": "sk-of-another-server",
            },
        )
        program.drop(TALK)

        finished = program.run("run")

        keys = {asked.headers["authorization"] for asked in llm.questions}
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert keys == {f"Bearer {canary}"}
    assert [file for file in files if canary.encode() in file.read_bytes()] == []
    assert canary not in finished.stdout + finished.stderr
    assert all(canary not in str(asked.headers) for asked in site.asked)


def test_a_recording_in_the_vault_says_what_it_needs(program: Program) -> None:
    program.drop("![[Recording 20261122.m4a]] #meeting")

    finished = program.run("run")

    [line] = program.lines()
    assert finished.returncode == 1
    assert line.startswith("- [ ] ![[Recording 20261122.m4a]] #meeting → ❌ no capt")


def test_a_vault_that_is_gone_is_told_and_not_made(program: Program) -> None:
    away = program.folder / "away"
    program.vault.rename(away)

    finished = program.run("run")

    assert finished.returncode == 2
    assert "is not there" in finished.stderr
    assert not program.vault.exists()


def test_a_notes_folder_that_cannot_be_made_keeps_the_link(program: Program) -> None:
    (program.vault / "Videos").write_text("a file in its place", encoding="utf-8")
    program.drop(TALK)

    finished = program.run("run")

    assert finished.returncode == 1
    assert "Videos" in finished.stdout
    assert program.lines() == [f"- [ ] {TALK} → ⏳"]


def test_a_link_without_captions_says_what_it_needs_and_is_kept(
    program: Program, site: Site
) -> None:
    site.on("https://talks.example/mute", page("Mute", "").replace('"tracks"', '"x"'))
    program.drop("https://talks.example/mute #keep me")

    finished = program.run("run")

    assert finished.returncode == 1
    [line] = program.lines()
    assert line == (
        "- [ ] https://talks.example/mute #keep me → ❌ no captions: install a speech"
        ' engine with `pip install "vaultscribe[speech]"`, then remove this arrow'
    )
