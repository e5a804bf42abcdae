"""What `init` writes into a vault, once, and in which language."""

import re
from pathlib import Path

import pytest

from vaultscribe import chores
from vaultscribe.adapters.templates import packaged
from vaultscribe.core.errors import ConfigError

SNIPPET = ".obsidian/snippets/vaultscribe.css"


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    vault = tmp_path / "vault"
    vault.mkdir()
    return vault


def init(vault: Path) -> dict[str, bool]:
    written = chores.initialise(vault, vault.parent / "config.toml")
    return {Path(name).name: new for name, new in written}


@pytest.mark.parametrize(
    ("lc_all", "lang", "view"),
    [
        ("", "", "name: All"),
        ("", "zh_CN.UTF-8", "name: 全部"),
        ("zh_TW.UTF-8", "de_DE.UTF-8", "name: 全部"),
        ("C", "zh_CN.UTF-8", "name: All"),
    ],
)
def test_the_base_speaks_the_language_of_the_system(
    lc_all: str, lang: str, view: str, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", lc_all)
    monkeypatch.setenv("LANG", lang)

    init(vault)

    assert view in (vault / "Videos.base").read_text(encoding="utf-8")


def test_the_base_speaks_the_language_of_the_configuration(vault: Path) -> None:
    config = vault.parent / "config.toml"
    config.write_text(
        f'[vault]\npath = "{vault}"\nlanguage = "zh"\nnotes = "资料/视频"\n',
        encoding="utf-8",
    )

    init(vault)

    text = (vault / "视频.base").read_text(encoding="utf-8")
    assert "name: 全部" in text
    assert """- 'file.inFolder("资料/视频")'""" in text


def test_the_snippet_is_written_where_obsidian_is_at_home(vault: Path) -> None:
    assert "vaultscribe.css" not in init(vault)
    assert not (vault / ".obsidian").exists()

    (vault / ".obsidian").mkdir()

    assert init(vault)["vaultscribe.css"]
    assert (vault / SNIPPET).exists()
    assert [file.name for file in (vault / ".obsidian").iterdir()] == ["snippets"]


def test_what_the_user_has_changed_stays(vault: Path) -> None:
    (vault / ".obsidian/snippets").mkdir(parents=True)
    (vault / SNIPPET).write_text("/* mine */")
    (vault / "Videos.base").write_text("views: []")

    written = init(vault)

    assert (written["vaultscribe.css"], written["Videos.base"]) == (False, False)
    assert (vault / SNIPPET).read_text() == "/* mine */"
    assert (vault / "Videos.base").read_text() == "views: []"


def test_topics_outside_of_the_vault_are_refused(vault: Path) -> None:
    config = vault.parent / "config.toml"
    config.write_text(f'[vault]\npath = "{vault}"\ntopics = "../Topics"\n')

    with pytest.raises(ConfigError, match=r"`vault.topics` leads out of the vault"):
        init(vault)


def test_the_snippet_leaves_all_else_and_all_colours_to_the_theme() -> None:
    css = (packaged() / "vaultscribe.css").read_text(encoding="utf-8")
    rules = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)

    selectors = [line for line in rules.splitlines() if line.endswith("{")]
    used = set(re.findall(r"var\((--[\w-]+)\)", rules))

    assert [s for s in selectors if not s.startswith(".vaultscribe .callout[")] == []
    assert re.findall(r"#[0-9a-f]{3}|rgb|hsl|url\(|@import|!important", rules) == []
    assert "--callout-color" not in rules
    assert used == {
        "--text-muted",
        "--text-faint",
        "--text-accent-hover",
        "--font-smaller",
        "--line-height-normal",
    }
