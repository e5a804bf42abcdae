"""The whole journey, offline: a small vault, a little internet, the real program."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vaultscribe import chores, config, wiring
from vaultscribe.core.errors import ConfigError
from vaultscribe.core.inbox import requests
from vaultscribe.core.uri import NoteUri
from vaultscribe.demo.site import Site

PATIENCE_S = 60.0
"""After this long the demo gives up; it takes about ten seconds."""


def demo(folder: Path, tell: Callable[[str], None]) -> bool:
    """Make a vault in *folder*, let the watcher work its inbox off, and show it.

    Returns:
        True when each link got its answer.

    Raises:
        ConfigError: *folder* holds something that is not an earlier demo.
    """
    vault = folder.expanduser().resolve()
    _make_vault(vault)
    with Site() as site, _state_folder() as state:
        inbox = vault / "Inbox.md"
        inbox.write_text(_inbox(site), encoding="utf-8")
        tell(f"The inbox before, {inbox}:\n")
        tell(_indented(inbox.read_text(encoding="utf-8")))
        tell("What happens:\n")
        complete = _work_off(vault, state, tell)
        tell("\nThe inbox after:\n")
        tell(_indented(inbox.read_text(encoding="utf-8")))
    tell("The vault:\n")
    tell(_indented("\n".join(_tree(vault))))
    tell(f"\nOpen {vault} as a vault in Obsidian and begin with Inbox.md.")
    tell("No LLM server is configured here, so the notes hold excerpts.")
    return complete


def _inbox(site: Site) -> str:
    return f"""\
# Links to keep

- [ ] {site.chinese_talk} #memory how often should one repeat?
{site.english_talk} #memory #writing
- [ ] {site.short_link}
- {site.tracked_talk}
- [ ] {site.dead_link}
- a sound for the train: {site.media_file} it is short
- I read {site.article} yesterday, which is only mentioned here.
"""


def _work_off(vault: Path, state: Path, tell: Callable[[str], None]) -> bool:
    """Run the real watcher until nothing in the inbox is open."""
    file = state / "config.toml"
    file.write_text(
        f"[vault]\npath = {_quoted(vault)}\n"
        f"[media]\npause_s = 0\n"
        f"[jobs]\nsettle_s = 1\nstate_folder = {_quoted(state / 'state')}\n",
        encoding="utf-8",
    )
    for _ in chores.initialise(vault, file):
        pass  # the base and the snippet, as in a vault of a user's
    settings = config.load(file)
    where = config.places(settings, file)
    stop = threading.Event()
    with wiring.opened(settings, where, _Voice(tell)) as app:
        watcher = threading.Thread(target=wiring.watch, args=(app, stop))
        watcher.start()
        complete = _wait(vault / "Inbox.md")
        stop.set()
        app.wake.set()
        watcher.join()
    return complete


class _Voice:
    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def say(self, line: str, note: NoteUri | None = None) -> None:
        del note
        self._tell(f"    {line}")

    def show(self, address: str, stage: str) -> None:
        """Show nothing: the demo is read afterwards."""


def _wait(inbox: Path) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = requests(inbox.read_text(encoding="utf-8"))
        if found and not any(request.open() for request in found):
            return True
        time.sleep(0.1)
    return False


def _make_vault(vault: Path) -> None:
    """Make an empty demo vault; an earlier demo in that folder gives way."""
    mark = vault / ".vaultscribe" / "demo"
    if vault.exists() and any(vault.iterdir()) and not mark.exists():
        raise ConfigError(f"{vault} is not empty: name another folder for the demo")
    if mark.exists():
        shutil.rmtree(vault)
    mark.parent.mkdir(parents=True)
    mark.touch()
    (vault / ".obsidian").mkdir()


@contextmanager
def _state_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vaultscribe-demo-") as folder:
        yield Path(folder)


def _tree(folder: Path, indent: str = "") -> Iterator[str]:
    for each in sorted(folder.iterdir()):
        if not each.name.startswith("."):
            yield f"{indent}{each.name}{os.sep if each.is_dir() else ''}"
            if each.is_dir():
                yield from _tree(each, indent + "  ")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _quoted(path: Path) -> str:
    import json

    return json.dumps(str(path), ensure_ascii=False)
