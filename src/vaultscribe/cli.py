"""The command line. Exit codes: 0 done, 1 some link failed, 2 wrong use or set-up."""

import argparse
import json
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vaultscribe import __version__
from vaultscribe.core.errors import VaultscribeError
from vaultscribe.core.uri import NoteUri

DONE, FAILED, WRONG = 0, 1, 2

RECENT = 10
"""Links that are done and that `status` still lists."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "command"):
        parser.print_help()
        return WRONG
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):  # a title may hold what a C locale cannot
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return int(options.command(options))
    except VaultscribeError as error:
        print(f"vaultscribe: {error}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:  # `| head` has seen enough
        return DONE
    except OSError as error:  # a folder that cannot be written, say
        print(f"vaultscribe: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130


def run_and_exit() -> None:
    """Be the program: leave at once at the end, without joining a stuck download."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # a daemon may have closed them
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - to the end
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vaultscribe",
        description="Links dropped into an Obsidian inbox become notes worth keeping.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--config", metavar="FILE", help="the configuration to use")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(
        name: str, run: Callable[[Any], int], words: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words)
        command.set_defaults(command=run)
        return command

    init = add("init", _init, "write config.toml, the inbox note and Videos.base")
    init.add_argument("vault", nargs="?", default=".", help="the folder of the vault")
    add("watch", _watch, "follow the inbox until stopped")
    add("run", _run, "do everything that is open now, then exit")
    adding = add("add", _add, "put links into the inbox")
    adding.add_argument("url", nargs="+")
    status = add("status", _status, "tell what is under way and what went wrong")
    status.add_argument("--json", action="store_true", help="for programs")
    topics = add(
        "topics", _topics, "write topic notes for tags, or list what lacks one"
    )
    topics.add_argument("tag", nargs="*", help="without any: list tags")
    refresh = add(
        "refresh", _refresh, "render notes anew, and keep what you wrote in them"
    )
    refresh.add_argument("note", nargs="*", help="its id, name, path or address")
    refresh.add_argument("--all", action="store_true", help="all notes")
    refresh.add_argument(
        "--from",
        dest="stage",
        choices=["render"],
        default="render",
        help="where to begin",
    )
    doctor = add("doctor", _doctor, "tell what is missing, and what mends it")
    doctor.add_argument("--json", action="store_true", help="for programs")
    render = add("render", _render, "show a note of the demo made with your templates")
    render.add_argument(
        "--check", nargs="?", const="", metavar="FOLDER",
        help="the templates to check; without it, those of the configuration",
    )  # fmt: skip
    render.add_argument("--language", choices=("zh", "en"), help="of the note shown")
    demo = add("demo", _demo, "show the whole journey, offline, in a folder of its own")
    demo.add_argument("folder", nargs="?", default="vaultscribe-demo")
    return parser


def _init(options: Any) -> int:
    from vaultscribe import chores, config
    from vaultscribe.core.errors import ConfigError

    vault = Path(options.vault).expanduser().resolve()
    if not vault.is_dir():
        raise ConfigError(f"{vault} is not a folder: name the folder of your vault")
    file = config.config_file(options.config)
    for name, written in chores.initialise(vault, file):
        print(f"{'wrote ' if written else 'kept '} {name}")
        if written and name.endswith(".css"):
            print("       switch it on: Settings → Appearance → CSS snippets")
    print("\nNow drop a link into the inbox note and run: vaultscribe watch")
    return DONE


def _watch(options: Any) -> int:
    from vaultscribe import wiring

    screen = _Screen()
    with _stopping() as (stop, on_stop), _open(options, screen) as app:
        on_stop(app.wake.set)
        screen.say(f"following {app.inbox.file} (stop with Ctrl-C)")
        wiring.watch(app, stop)
    return DONE


def _run(options: Any) -> int:
    from vaultscribe import wiring

    screen = _Screen()
    with _stopping() as (stop, on_stop), _open(options, screen) as app:
        on_stop(app.wake.set)
        wiring.run(app, stop)
        put_off = len(app.put_off)
        if put_off:
            screen.say(f"{put_off} link(s) put off: run again later, or use `watch`")
        return FAILED if app.failed or put_off or app.trouble else DONE


def _add(options: Any) -> int:
    from vaultscribe import chores, wiring
    from vaultscribe.core.errors import ConfigError

    settings, where = _configured(options)
    del settings
    wrong = [url for url in options.url if not chores.is_link(url)]
    if wrong:
        raise ConfigError(f"not a link: {wrong[0]!r}: one begins with https://")
    wiring.inbox(where).append(tuple(options.url))
    print(f"added {len(options.url)} link(s) to {where.inbox.name}")
    return DONE


def _status(options: Any) -> int:
    from vaultscribe import chores

    _, where = _configured(options)
    report = chores.status(where)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return DONE
    print(f"watching: {'yes' if report['watching'] else 'no'}")
    print(f"waiting in {where.inbox.name}: {report['open']}")
    recent = [job for job in report["jobs"] if job["state"] == "done"][:RECENT]
    for job in report["jobs"]:
        if job["state"] == "done" and job not in recent:
            continue
        again = job["next_at"]
        when = f", again at {_clock(again)}" if again else ""
        words = f": {job['message']}" if job["message"] else ""
        stage = f" ({job['stage']})" if job["state"] in {"working", "waiting"} else ""
        note = _opening(job.get("note"), job.get("uri"))
        print(f"{job['state']:9} {job['address']}{stage}{when}{words}{note}")
    return DONE


def _topics(options: Any) -> int:
    from vaultscribe import chores

    settings, where = _configured(options)
    notes = chores.topic_notes(settings, where, _reading)
    if options.tag:
        for file, written in notes.write(options.tag):
            print(f"{'wrote ' if written else 'kept '} {file}")
        return DONE
    found = notes.wanting()
    for name, count in found:
        print(f"{count:5} #{name}")
    if not found:
        print("every tag that three notes carry has its topic note")
    return DONE


def _refresh(options: Any) -> int:
    from vaultscribe import chores
    from vaultscribe.core.errors import ConfigError

    if bool(options.note) == options.all:
        raise ConfigError("name the notes to refresh, or all of them by --all")
    wanted = None if options.all else options.note
    failed = 0
    settings, where = _configured(options)
    for name, outcome in chores.refresh(settings, where, wanted, _reading):
        print(f"{outcome:9} {name}", flush=True)
        failed += outcome.startswith("failed")
    return FAILED if failed else DONE


def _reading(count: int) -> None:
    print(f"reading the vault: {count} notes", file=sys.stderr)


def _doctor(options: Any) -> int:
    from vaultscribe import doctor
    from vaultscribe.demo.sample import samples

    settings, where = _configured(options)
    checks = list(doctor.checks(settings, where, samples()))
    if options.json:
        rows = [{"name": c.name, "ok": c.ok, "text": c.text} for c in checks]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            print(f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.text}")
    return DONE if all(check.ok for check in checks) else FAILED


def _render(options: Any) -> int:
    from vaultscribe.adapters.templates import Templates
    from vaultscribe.core.errors import ConfigError
    from vaultscribe.demo.sample import sample, samples

    if options.check is None:
        raise ConfigError("`render` only checks templates: write `render --check`")
    templates = Templates(_templates_folder(options))
    language = options.language or "en"
    try:
        for each in samples():
            templates.check(each, each.summary.language)
        note = templates.check(sample(language), language)
    except ConfigError as fault:
        print(f"vaultscribe: {fault}", file=sys.stderr)
        return FAILED
    print(note, end="")
    return DONE


def _templates_folder(options: Any) -> Path | None:
    if options.check:
        return Path(options.check).expanduser()
    _, where = _configured(options)
    return Path(where.templates) if where.templates else None


def _demo(options: Any) -> int:
    from vaultscribe.demo.run import demo

    return DONE if demo(Path(options.folder), print) else FAILED


def _configured(options: Any) -> Any:
    from vaultscribe import config

    file = config.config_file(options.config)
    settings = config.load(file)
    return settings, config.places(settings, file)


@contextmanager
def _open(options: Any, screen: "_Screen") -> Iterator[Any]:
    from vaultscribe import wiring

    settings, where = _configured(options)
    with wiring.opened(settings, where, screen) as app:
        yield app


@contextmanager
def _stopping() -> Iterator[tuple[threading.Event, Callable[[Any], None]]]:
    """Turn Ctrl-C and SIGTERM into an event, so that nothing is cut in the middle."""
    stop = threading.Event()
    then: list[Callable[[], None]] = []

    def on_signal(number: int, _: Any) -> None:
        stop.set()
        for each in then:
            each()
        signal.signal(number, signal.SIG_DFL)  # the second time, at once

    old = {
        number: signal.signal(number, on_signal)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop, then.append
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


class _Screen:
    """Lines that last; on a terminal, below them, what is being done now."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._lock = threading.Lock()

    def say(self, line: str, note: NoteUri | None = None) -> None:
        clear = CLEAR if self._live else ""
        opening = _opening(*note) if note else ""
        with self._lock:
            _print(f"{clear}{_clock(None)} {line}{opening}\n")

    def show(self, address: str, stage: str) -> None:
        if self._live and stage in _DOING:
            room = shutil.get_terminal_size().columns - 1
            line = f"{_DOING[stage]} {address}"[:room]
            with self._lock:
                _print(f"{CLEAR}{line}")


def _print(text: str) -> None:
    """Write to the terminal or the log; where that is full or gone, work goes on."""
    with suppress(OSError):
        print(text, end="", flush=True)


CLEAR = "\r\x1b[K"
"""Back to the start of the terminal's line, and empty it."""

_DOING = {
    "identify": "looking up",
    "describe": "reading about",
    "captions": "reading the captions of",
    "transcribe": "listening to",
    "summarise": "summarising",
    "put": "writing the note of",
}


def _opening(name: str | None, uri: str | None) -> str:
    """Name the note as a link that opens it; empty where links cannot be clicked.

    Source: "Hyperlinks in terminal emulators", OSC 8; others show the name alone.
    """
    is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return f" → \x1b]8;;{uri}\x1b\\{name}\x1b]8;;\x1b\\" if uri and is_terminal else ""


def _clock(moment: float | None) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))
