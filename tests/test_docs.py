"""The documents are complete: every command, key and template is named in them."""

import re
from pathlib import Path

import pytest

from vaultscribe import cli, config
from vaultscribe.adapters.templates import packaged

ROOT = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])

    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)
    assert len(commands) == 8
    assert [c for c in commands if f"`vaultscribe {c}" not in text("README.md")] == []


def test_the_example_configuration_names_every_key() -> None:
    keys = [name.rpartition(".")[2] for name in config.key_names()]

    assert [key for key in keys if key not in text("config.example.toml")] == []


def test_the_documents_name_every_template() -> None:
    folder = packaged()
    names = [file.relative_to(folder).as_posix() for file in folder.rglob("*.*")]

    documents = text("docs/templates.md") + text("README.md")
    assert [name for name in names if name not in documents] == []


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
