"""The texts that users may change: the note, its words, the prompts.

A user's copy of a file, in the folder that `vault.templates` names, wins over ours,
as long as it works. Where it does not, a note is made all the same: with the
user's files that last made one, else with ours.
"""

import logging
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from vaultscribe.core.errors import ConfigError
from vaultscribe.core.model import Record
from vaultscribe.core.render import render

log = logging.getLogger(__name__)

LANGUAGES = ("en", "zh")
"""Of a note's own words; the first serves where another is asked for."""

OURS = "default/"
"""Stands before the name of a template of ours, for a user's copy to extend it."""

PATTERNS = ("*.j2", "*/*.j2", "words.*.toml")
"""The files of a note in a user's folder. No deeper: it may be a home folder."""
PROMPTS = "prompts/"

_Files = Mapping[str, str]
"""Texts by the files' names, relative to their folder, with `/`."""


class Templates:
    """Our templates, and the user's.

    Args:
        folder: the user's; None without one.
        kept: a folder of ours outside the vault, for the user's files that last
            made a note; None keeps none.
    """

    def __init__(self, folder: Path | None = None, kept: Path | None = None) -> None:
        self._folder = folder
        self._kept = kept
        self._stamps: dict[str, tuple[int, int, int]] | None = None
        self._own: _Files | None = None
        self._saved: _Files | None = None
        self._told: set[str] = set()

    def text(self, name: str) -> str:
        """Return the text of one template, such as `prompts/summary.md.j2`.

        Raises:
            ConfigError: the user's copy cannot be read.
        """
        own = self._folder / name if self._folder else None
        try:
            return _text(own if own and own.exists() else packaged() / name)
        except ConfigError as fault:
            raise ConfigError(f"the template {fault}") from fault

    def render(self, record: Record, language: str) -> str:
        """Make the note of *record*, with its own words in *language*.

        A fault in the user's files is told once, and told again when the files
        have changed and still have it.
        """
        try:
            note = self.check(record, language)
        except ConfigError as fault:
            note, whose = self._otherwise(record, language)
            self._tell(f"{fault}; mend it: until then notes are made with {whose}")
            return note
        self._keep()
        return note

    def check(self, record: Record, language: str) -> str:
        """Make the note of *record* with the user's files as they are now.

        Raises:
            ConfigError: they do not work; it names the file and the line.
        """
        try:
            return _rendered(self._read(), record, language)
        except (ConfigError, OSError) as fault:
            whose = f"the templates in {self._folder}" if self._folder else "ours"
            raise ConfigError(f"{whose}: {fault}") from fault

    def _read(self) -> _Files:
        """Read the user's files, if any has changed since."""
        if self._folder is None:
            return {}
        stamps = {}
        for name, file in _files(self._folder):
            stat = file.stat()
            stamps[name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamps != self._stamps:
            self._own = None
            self._told.clear()
            self._stamps = stamps
        if self._own is None:
            self._own = _read(self._folder)
        return self._own

    def _otherwise(self, record: Record, language: str) -> tuple[str, str]:
        """Make the note with the user's files that last made one, else with ours."""
        try:
            kept = _read(self._kept) if self._kept and self._kept.is_dir() else {}
            whose = "your copy that last worked" if kept else "ours"
            return _rendered(kept, record, language), whose
        except (ConfigError, OSError):
            return _rendered({}, record, language), "ours"

    def _tell(self, fault: str) -> None:
        if fault not in self._told:
            self._told.add(fault)
            log.warning("%s", fault)

    def _keep(self) -> None:
        """Keep the user's files, which have just made a note."""
        if self._kept is None or self._own is None or self._own is self._saved:
            return
        try:
            _write(self._kept, self._own)
        except OSError as error:
            log.warning("cannot keep your templates: %s", error)
        self._saved = self._own


def example_config() -> str:
    """Return `config.example.toml`, from which `init` writes the user's own."""
    return (packaged().parent / "config.example.toml").read_text(encoding="utf-8")


@cache
def packaged() -> Path:
    """Find our own templates: beside the package when installed, else in the source."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "vault_templates"
    return installed if installed.is_dir() else package.parents[1] / "vault_templates"


def _rendered(own: _Files, record: Record, language: str) -> str:
    ours = _ours()
    known = {**ours, **own, **{OURS + name: text for name, text in ours.items()}}
    templates = {name: text for name, text in known.items() if name.endswith(".j2")}
    name = f"words.{language if language in LANGUAGES else LANGUAGES[0]}.toml"
    words = _words(name, ours[name]) | _words(name, own.get(name, ""))
    return render(record, templates, words)


def _words(name: str, text: str) -> dict[str, str]:
    """Read a note's own words; those that a user's file lacks are ours."""
    try:
        words = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = at[1] if at else len(text.splitlines())
        raise ConfigError(f"{name} line {line}: not TOML: {error}") from error
    for key, word in words.items():
        if not isinstance(word, str):
            raise ConfigError(f"{name}: `{key}` has to be a text, in quotes")
    return words


@cache
def _ours() -> _Files:
    return _read(packaged())


def _read(folder: Path) -> _Files:
    return {name: _text(file) for name, file in _files(folder)}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Find the files of a note in *folder*, by their names."""
    if not folder.is_dir():
        raise ConfigError("the folder is not there")
    for pattern in PATTERNS:
        for file in folder.glob(pattern):
            name = file.relative_to(folder).as_posix()
            if not name.startswith(PROMPTS) and file.is_file():
                yield name, file


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # Windows' editors like a BOM
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file.name} cannot be read: {error}") from error


def _write(folder: Path, files: _Files) -> None:
    """Put *files* into *folder* in place of what is there."""
    if folder.is_dir() and _read(folder) == files:
        return
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, text in files.items():
        file = fresh / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.mkdir(parents=True, exist_ok=True)
    fresh.rename(folder)
