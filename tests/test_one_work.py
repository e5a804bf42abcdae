"""One work, many addresses: one note, and every line ticked."""

from pathlib import Path

import youtube_site
from loopnet import Site, environment
from program import Program

ADDRESSES = [
    "https://www.youtube.com/watch?v={id}&t=42s",
    "https://youtu.be/{id}?si=AbCdEf",
    "https://m.youtube.com/watch?v={id}",
    "https://www.youtube.com/shorts/{id}",
    "https://www.youtube.com/watch?v={id}&list=PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf",
    "[a talk](https://www.youtube.com/embed/{id}) #embedded",
    "I liked HTTPS://YouTu.be/{id}, and you?",
]


def test_seven_addresses_dropped_at_once_give_one_note(tmp_path: Path) -> None:
    with Site() as site:
        youtube_site.play(site)
        program = Program(tmp_path, variables=environment(site))
        program.drop(*(line.format(id=youtube_site.ID) for line in ADDRESSES))

        finished = program.run("run")

        watched = site.paths().count("www.youtube.com/watch")
    [note] = program.notes()
    lines = program.lines()
    assert finished.returncode == 0, finished.stdout
    assert [line[:6] for line in lines] == ["- [x] "] * len(ADDRESSES)
    assert all(line.endswith(f" → [[{note.stem}]]") for line in lines)
    assert "- embedded" in note.read_text(encoding="utf-8")
    assert watched == 1
