"""The real program in a vault of its own, as a user would run it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 60.0


@dataclass
class Program:
    """A vault, its configuration, and the command `vaultscribe` bound to them.

    Args:
        folder: everything lies in it: vault, configuration, state.
        settings: TOML lines that are added to the configuration.
        variables: added to the environment.
    """

    folder: Path
    settings: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vault.mkdir(parents=True, exist_ok=True)
        (self.vault / ".obsidian").mkdir(exist_ok=True)
        if not self.config.exists():
            self.configure(self.settings)
        if not self.inbox.exists():
            self.inbox.write_text("", encoding="utf-8")

    def configure(self, settings: str) -> None:
        text = f'[vault]\npath = "vault"\n[media]\npause_s = 0\n{settings}'
        if "[jobs]" not in settings:
            text += "[jobs]\nsettle_s = 0\n"
        self.config.write_text(text, encoding="utf-8")

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    @property
    def inbox(self) -> Path:
        return self.vault / "Inbox.md"

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        """This vault's folder in the state directory, once the program has made it."""
        [state] = (self.folder / "state" / "vaultscribe").glob("vault-*")
        return state

    def notes(self) -> list[Path]:
        return sorted(self.vault.glob("Videos/*.md"))

    def drop(self, *lines: str) -> None:
        """Add lines at the end of the inbox, as a phone would."""
        with self.inbox.open("a", encoding="utf-8") as inbox:
            inbox.writelines(f"{line}\n" for line in lines)

    def lines(self) -> list[str]:
        return self.inbox.read_text(encoding="utf-8").splitlines()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments),
            env=self._environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )

    def shown(self, *arguments: str, terminal: str = "xterm") -> str:
        """Run a command on a terminal of that kind; return all that it shows."""
        screen, keyboard = os.openpty()
        with subprocess.Popen(
            self._command(arguments),
            env=self._environment() | {"TERM": terminal},
            stdout=keyboard,
        ):
            os.close(keyboard)
            pieces = []
            with suppress(OSError):  # at the end, as Linux tells it
                while piece := os.read(screen, 4096):
                    pieces.append(piece)
        os.close(screen)
        return b"".join(pieces).decode()

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command in the background; it is killed at the end if need be."""
        with subprocess.Popen(
            self._command(arguments),
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "vaultscribe", *arguments]

    def _environment(self) -> dict[str, str]:
        paths = [self.variables.get("PYTHONPATH"), *sys.path]
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "home"),
            "VAULTSCRIBE_CONFIG": str(self.config),
            "PYTHONUTF8": "1",
            "TZ": "UTC",
            **self.variables,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }


def heard(process: subprocess.Popen[str], words: str) -> bool:
    """Read what a process says until *words* are in it, or it ends."""
    assert process.stdout
    return any(words in line for line in process.stdout)


def until(condition: object, patience_s: float = PATIENCE_S) -> None:
    """Wait for a callable to answer true; fail when it does not in time."""
    assert callable(condition)
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, f"not within {patience_s} s"
        time.sleep(0.02)
