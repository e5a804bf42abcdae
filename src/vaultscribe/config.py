"""The configuration: one TOML file, checked whole, all mistakes told at once."""

import difflib
import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from vaultscribe.core.errors import ConfigError

VARIABLE = "VAULTSCRIBE_CONFIG"
"""Names the configuration file when `--config` does not."""


MONTH_S = 30 * 86_400
Seconds = Annotated[float, Field(ge=0, le=MONTH_S)]


class _Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("it holds a NUL, which no name can")
        return value


class VaultTable(_Table):
    """`[vault]`: where notes live, and in which language they speak."""

    path: str
    inbox: str = "Inbox.md"
    notes: str = "Videos"
    language: Literal["auto", "zh", "en"] = "auto"
    templates: str = ""
    covers: Literal["local", "off"] = "local"
    topics: str = "Topics"
    daily: bool = False
    vocabulary: str = "Tag vocabulary.md"


class LlmTable(_Table):
    """`[llm]`: any OpenAI-compatible server; without one, notes hold excerpts."""

    base_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    model: str = ""
    api_key_env: str = "VAULTSCRIBE_API_KEY"
    api_key: str = Field(default="", repr=False)
    timeout_s: float = Field(default=600, gt=0)
    context_tokens: int = Field(default=64_000, ge=1000)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.base_url) != bool(self.model):
            raise ValueError("`base_url` and `model` are needed together")
        return self


class MediaTable(_Table):
    """`[media]`: how yt-dlp reaches the sites."""

    cookies_file: str = ""
    proxy: str = ""
    pause_s: float = Field(default=0.75, ge=0)


class RelatedTable(_Table):
    """`[related]`: when older notes learn of newer ones."""

    catch_up: Literal["daily", "now", "off"] = "daily"


class JobsTable(_Table):
    """`[jobs]`: patience and pace."""

    settle_s: Seconds = 5
    at_once: int = Field(default=4, ge=1, le=32)
    retry_s: list[Seconds] = [
        30,
        120,
        600,
        1800,
        3600,
        10800,
        21600,
        43200,
        86400,
        86400,
    ]
    llm_retry_s: list[Seconds] = [15, 45, 120, 180, 240]
    state_folder: str = ""


class Settings(_Table):
    """The whole file; `config.example.toml` explains every key."""

    vault: VaultTable
    llm: LlmTable = LlmTable()
    media: MediaTable = MediaTable()
    related: RelatedTable = RelatedTable()
    jobs: JobsTable = JobsTable()


def config_file(named: str | None = None) -> Path:
    """Say where the configuration lies.

    As *named*, else by `$VAULTSCRIBE_CONFIG`, else in the user's configuration folder.
    """
    from platformdirs import user_config_path

    if given := named or os.environ.get(VARIABLE):
        return Path(given).expanduser()
    return user_config_path("vaultscribe") / "config.toml"


def load(file: Path) -> Settings:
    """Read and check the configuration.

    Raises:
        ConfigError: with every mistake, its line, and the nearest right name.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"there is no configuration at {file}: run `vaultscribe init VAULT`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}") from error
    try:
        settings = Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    except ValidationError as error:
        mistakes = "\n".join(f"  {each}" for each in _mistakes(error, text))
        raise ConfigError(f"{file} has mistakes:\n{mistakes}") from None
    _refuse_shared_key(settings, file)
    return settings


def resolved(folder: str, file: Path) -> Path:
    """Make a path of the configuration absolute, relative to the file's folder."""
    return (file.absolute().parent / Path(folder).expanduser()).resolve()


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie, all absolute.

    Args:
        state: this vault's folder in the user's state directory.
        lock: the same for every configuration of this vault.
    """

    vault: Path
    inbox: Path
    notes: Path
    state: Path
    lock: Path
    templates: Path | None
    cookies: Path | None

    @property
    def ledger(self) -> Path:
        return self.state / "links.sqlite"

    @property
    def index(self) -> Path:
        """The cache of what stands in the vault's notes."""
        return self.state / "index.sqlite"

    @property
    def recovery(self) -> Path:
        """For texts of the user's that could not be put back into their note."""
        return self.state / "recovery"


def places(settings: Settings, file: Path) -> Places:
    """Find all places of a configuration.

    Raises:
        ConfigError: the state folder lies in the vault, where syncing would break
            the database; inbox or notes lie outside of it; or a file that is named
            is not there.
    """
    from platformdirs import user_state_path

    table = settings.vault
    vault = resolved(table.path, file)
    key = hashlib.sha256(str(vault).encode()).hexdigest()[:12]
    root = user_state_path("vaultscribe")
    own = settings.jobs.state_folder
    state = resolved(own, file) if own else root / f"{vault.name}-{key}"
    if state.resolve().is_relative_to(vault):
        raise ConfigError(
            "`jobs.state_folder` lies inside the vault: syncing would break the"
            " database; name a folder outside of it"
        )
    for name, inside in (
        ("inbox", table.inbox),
        ("notes", table.notes),
        ("topics", table.topics),
        ("vocabulary", table.vocabulary),
    ):
        if not (vault / inside).resolve().is_relative_to(vault):
            raise ConfigError(f"`vault.{name}` leads out of the vault: {inside}")
        if any(part.startswith(".") for part in Path(inside).parts):
            raise ConfigError(f"`vault.{name}` is {inside}: Obsidian sees no dot-names")
    cookies = settings.media.cookies_file
    found = Places(
        vault=vault,
        inbox=vault / table.inbox,
        notes=vault / table.notes,
        state=state,
        lock=root / "locks" / key,
        templates=resolved(table.templates, file) if table.templates else None,
        cookies=resolved(cookies, file) if cookies else None,
    )
    for name, place in (
        ("vault.templates", found.templates),
        ("media.cookies_file", found.cookies),
    ):
        if place and not place.exists():
            raise ConfigError(f"`{name}` names {place}, which is not there")
    return found


def api_key(settings: Settings) -> str:
    """Return the key for the LLM server: from its variable, else from the file."""
    return os.environ.get(settings.llm.api_key_env) or settings.llm.api_key


def _refuse_shared_key(settings: Settings, file: Path) -> None:
    if settings.llm.api_key and os.name == "posix":
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            raise ConfigError(
                f"{file} holds `llm.api_key` and others can read it: run `chmod 600"
                f" {file}`, or put the key into ${settings.llm.api_key_env}"
            )


def _mistakes(error: ValidationError, text: str) -> Iterator[str]:
    for each in error.errors():
        path = [str(part) for part in each["loc"]]
        place = f"line {number}: " if (number := _line(text, path)) else ""
        name = ".".join(path)
        if each["type"] == "extra_forbidden":
            yield f"{place}`{name}` is not a key{_nearest(path)}"
        elif each["type"] == "missing":
            yield f"`{name}` is missing"
        elif each["type"] == "value_error":
            yield f"{place}`{name}`: {each['ctx']['error']}"
        else:
            yield f"{place}`{name}`: {each['msg']}, not {each['input']!r}"


def _nearest(path: list[str]) -> str:
    known = key_names()
    wrong = ".".join(path)
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def key_names(table: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """List the names of all tables and keys, such as `llm.model`."""
    names = []
    for name, field in table.model_fields.items():
        kind: Any = field.annotation
        names.append(prefix + name)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += key_names(kind, f"{prefix}{name}.")
    return names


def _line(text: str, path: list[str]) -> int:
    """Find the line of a key in the file; 0 when it is written in a form not seen."""
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = head[1].strip()
            if [table] == path:
                return number
        elif key := re.match(r"\s*([\w.-]+)\s*=", line):
            full = f"{table}.{key[1]}".strip(".").split(".")
            if full == path[: len(full)] and len(full) >= min(len(path), 2):
                return number
    return 0
