"""The texts that users may change: the note, its words, the prompts.

A user's copy of a file, in the folder that `vault.templates` names, wins over ours.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vaultscribe.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Templates:
    """The files of one folder, the user's or ours."""

    folder: Path | None = None

    def text(self, name: str) -> str:
        """Return the text of a template, such as `note.md.j2`.

        Raises:
            ConfigError: the user's copy cannot be read.
        """
        own = self.folder / name if self.folder else None
        try:
            file = own if own and own.exists() else packaged() / name
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the template {name} cannot be read: {error}") from error

    def words(self, language: str) -> dict[str, str]:
        """Return a note's own words in *language*, `zh` or `en`.

        Raises:
            ConfigError: the user's copy is not TOML.
        """
        name = f"words.{language}.toml"
        try:
            return {
                key: str(word) for key, word in tomllib.loads(self.text(name)).items()
            }
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"the template {name} is not TOML: {error}") from error


def example_config() -> str:
    """Return `config.example.toml`, from which `init` writes the user's own."""
    return (packaged().parent / "config.example.toml").read_text(encoding="utf-8")


@cache
def packaged() -> Path:
    """Find our own templates: beside the package when installed, else in the source."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "vault_templates"
    return installed if installed.is_dir() else package.parents[1] / "vault_templates"
