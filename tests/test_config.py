"""The configuration: read whole, every mistake told with its place."""

from pathlib import Path

import pytest

from vaultscribe import config
from vaultscribe.core.errors import ConfigError

GOOD = '[vault]\npath = "vault"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_vault_is_all_that_has_to_be_given(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, GOOD))

    assert settings.vault.inbox == "Inbox.md"
    assert settings.llm.base_url == ""


def test_three_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        GOOD + '[llm]\nmodle = "x"\ntimeout_s = "long"\n[jobs]\nat_once = 0\n',
    )

    with pytest.raises(ConfigError) as caught:
        config.load(file)

    told = str(caught.value).splitlines()[1:]
    assert told == [
        "  line 5: `llm.timeout_s`: Input should be a valid number, not 'long'",
        "  line 4: `llm.modle` is not a key; did you mean `llm.model`?",
        "  line 7: `jobs.at_once`: Input should be greater than or equal to 1, not 0",
    ]


def test_a_table_that_does_not_exist_is_told_with_the_nearest_one(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, GOOD + "[job]\nat_once = 2\n")

    with pytest.raises(ConfigError, match=r"line 3: `job` .* did you mean `jobs`"):
        config.load(file)


def test_a_missing_vault_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"`vault` is missing"):
        config.load(written(tmp_path, ""))


def test_a_missing_file_names_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="vaultscribe init"):
        config.load(tmp_path / "config.toml")


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not TOML: .*line 2"):
        config.load(written(tmp_path, "[vault]\npath = vault\n"))


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD + '[llm]\napi_key = "sk-canary"\n')
    file.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600") as caught:
        config.load(file)

    assert "canary" not in str(caught.value)


def test_a_key_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD + '[llm]\napi_key = "sk-canary"\n')
    file.chmod(0o600)

    settings = config.load(file)

    assert "canary" not in repr(settings)


def test_the_key_in_the_variable_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULTSCRIBE_API_KEY", "from-the-variable")

    settings = config.load(written(tmp_path, GOOD))

    assert config.api_key(settings) == "from-the-variable"


def test_the_key_of_another_server_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    monkeypatch.delenv("VAULTSCRIBE_API_KEY", raising=False)

    settings = config.load(written(tmp_path, GOOD))

    assert config.api_key(settings) == ""


def test_a_state_folder_inside_the_vault_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD + '[jobs]\nstate_folder = "vault/.state"\n')

    with pytest.raises(ConfigError, match="inside the vault"):
        config.places(config.load(file), file)


@pytest.mark.parametrize("line", ['inbox = "../Inbox.md"', 'notes = "/tmp"'])
def test_an_inbox_or_notes_outside_the_vault_are_refused(
    tmp_path: Path, line: str
) -> None:
    file = written(tmp_path, GOOD + line + "\n")

    with pytest.raises(ConfigError, match="leads out of the vault"):
        config.places(config.load(file), file)


def test_a_server_without_a_model_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD + '[llm]\nbase_url = "http://127.0.0.1:1/v1"\n')

    with pytest.raises(ConfigError, match=r"line 3: `llm`: .* needed together"):
        config.load(file)


def test_a_cookies_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD + '[media]\ncookies_file = "cookies.txt"\n')

    with pytest.raises(ConfigError, match=r"media\.cookies_file"):
        config.places(config.load(file), file)


def test_the_example_names_every_key_with_its_default(tmp_path: Path) -> None:
    from vaultscribe.adapters.templates import example_config

    file = written(tmp_path, example_config())
    file.chmod(0o600)

    settings = config.load(file)

    assert settings == config.Settings(vault=config.VaultTable(path="~/Notes"))
    named = {line.split("=")[0].strip() for line in example_config().splitlines()}
    assert {key.rpartition(".")[2] for key in config.key_names()} <= named | {
        "vault",
        "llm",
        "media",
        "related",
        "jobs",
        "[vault]",
    }


@pytest.mark.parametrize("key", ["path", "notes", "topics", "vocabulary", "inbox"])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, key: str) -> None:
    other = "" if key == "path" else 'path = "x"\n'
    file = written(tmp_path, f'[vault]\n{other}{key} = "a\\u0000b"\n')

    with pytest.raises(ConfigError, match=f"`vault.{key}`: it holds a NUL"):
        config.load(file)
