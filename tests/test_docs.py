"""The documents are complete: every command, key and template is named in them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from vaultscribe import cli, config
from vaultscribe.adapters.templates import Templates, packaged
from vaultscribe.core import render
from vaultscribe.core.model import (
    Linked,
    Media,
    Point,
    Record,
    Related,
    Summary,
    Transcript,
)
from vaultscribe.demo.sample import sample

ROOT = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])

    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert len(commands) == 10
    assert [c for c in commands if f"`vaultscribe {c}" not in text("README.md")] == []


def test_the_example_configuration_names_every_key() -> None:
    keys = [name.rpartition(".")[2] for name in config.key_names()]

    assert [key for key in keys if key not in text("config.example.toml")] == []


def test_the_documents_name_every_template() -> None:
    folder = packaged()
    names = [file.relative_to(folder).as_posix() for file in folder.rglob("*.*")]

    documents = text("docs/templates.md") + text("README.md")
    assert [name for name in names if name not in documents] == []


def test_the_guide_to_templates_names_all_that_they_may_use() -> None:
    names = [*render.FILTERS, *render.FUNCTIONS, *render.values(sample("en"), {})]
    blocks = re.findall(r"{% block (\w+) %}", (packaged() / render.BODY).read_text())
    data = [
        field.name
        for kind in (Record, Media, Summary, Transcript, Related, Linked, Point)
        for field in fields(kind)
    ]

    known = re.findall(r"`[^`\n]+`", text("docs/templates.md"))
    words = {word for each in known for word in re.findall(r"\w+", each)}
    assert [name for name in (*names, *blocks, *data) if name not in words] == []
    assert len(blocks) == 7


def test_the_guide_to_templates_names_nothing_else() -> None:
    rows = re.findall(r"(?m)^\| `([^`]*)` \| ", text("docs/templates.md"))
    filters = [each.split("\\| ")[1] for each in rows if " \\| " in each]

    assert {each for each in filters if each.isidentifier()} == set(render.FILTERS)


def test_the_example_in_the_guide_to_templates_works(tmp_path: Path) -> None:
    example = re.search(r"(?s)    {% extends .*?\n\n(?=\|)", text("docs/templates.md"))
    assert example
    copy = re.sub(r"(?m)^ {4}", "", example[0])
    (tmp_path / render.BODY).write_text(copy, encoding="utf-8")

    note = Templates(tmp_path).check(sample("en"), "en")

    assert "## My notes\n\n- [ ] watch it again on Sunday\n" in note
    assert "> [!quote]" not in note


def test_links_in_the_documents_lead_somewhere() -> None:
    files = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    links = [
        (file.parent / target, file.name)
        for file in files
        for target in re.findall(
            r"\]\((?!http)([^)#…?]+)\)", re.sub("`.*?`", "", file.read_text("utf-8"))
        )
    ]

    assert [link for link in links if not link[0].exists()] == []
    assert links
