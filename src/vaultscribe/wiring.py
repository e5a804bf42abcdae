"""The one place that knows everybody: builds the world and runs it."""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from vaultscribe import config
from vaultscribe.adapters.ledger import Ledger
from vaultscribe.adapters.llm import ChatServer
from vaultscribe.adapters.lock import only_one
from vaultscribe.adapters.media import YtDlp
from vaultscribe.adapters.speech import NoEngine
from vaultscribe.adapters.templates import Templates, example_config
from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.inbox import InboxNote
from vaultscribe.adapters.vault.index import Index
from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.adapters.vault.topics import TopicNotes
from vaultscribe.config import Places, Settings
from vaultscribe.core import uri
from vaultscribe.core.bases import filled
from vaultscribe.core.errors import ConfigError, LinkError, TransientError
from vaultscribe.core.inbox import requests
from vaultscribe.core.model import Link, Media, Record, Summary, Transcript
from vaultscribe.core.uri import NoteUri
from vaultscribe.durable import Engine, Pace
from vaultscribe.intake import Intake, Ports
from vaultscribe.pipeline import Outcome, World
from vaultscribe.watcher import follow

log = logging.getLogger(__name__)


class Voice(Protocol):
    """Who tells the user what happens, from the jobs' threads too."""

    def say(self, line: str, note: NoteUri | None = None) -> None:
        """Tell one thing that has happened, and which *note* came of it."""
        ...

    def show(self, address: str, stage: str) -> None:
        """Show what is being done now, until the next thing is."""
        ...


class App:
    """vaultscribe at work on one vault; made by `opened`."""

    def __init__(self, settings: Settings, where: Places, voice: Voice) -> None:
        self.wake = threading.Event()
        self._where = where
        self._voice = voice
        self.inbox = inbox(where)
        self._ledger = Ledger(where.ledger)
        templates = Templates(where.templates, where.state / "templates")
        render = make_render(settings, templates)
        self.notes = Notes(where.vault, settings.vault.notes, where.recovery, render)
        world = World(
            inbox=self.inbox,
            claims=self._ledger,
            media=media(settings, where),
            speech=NoEngine(),
            llm=_Llm(llm(settings, where)),
            vault=self.notes,
        )
        jobs = settings.jobs
        pace = Pace(tuple(jobs.retry_s), tuple(jobs.llm_retry_s))
        self._engine = Engine(where.state, world, self, pace)
        self._intake = Intake(
            Ports(
                read=self._read,
                live=self._live,
                busy=lambda: len(self._engine.busy),
                is_ours=self._is_ours,
                take=self._take,
            ),
            jobs.settle_s,
            jobs.at_once,
        )
        self._trouble = ""
        self._resting: dict[str, float] = {}
        self.failed = 0

    def open(self) -> None:
        for folder in {self._where.inbox.parent, self._where.notes}:
            if folder.is_dir():
                files.sweep(folder, recovery=self._where.recovery)
        self._engine.open()
        self._ledger.keep_only(self._engine.live)

    def close(self) -> None:
        self._engine.close()
        self._ledger.close()

    def scan(self) -> int:
        """Take what the inbox asks for; return how many links wait their turn."""
        try:
            waiting = self._intake.scan(time.monotonic())
        except LinkError as error:
            if str(error) != self._trouble:
                self._voice.say(f"waiting: {error}")
            self._trouble = str(error)
            return 0
        self._trouble = ""
        return waiting

    @property
    def busy(self) -> frozenset[str]:
        return self._engine.busy

    @property
    def put_off(self) -> frozenset[str]:
        """The addresses that are tried again later."""
        return self._engine.live - self._engine.busy

    @property
    def trouble(self) -> str:
        """Why the inbox cannot be read, or empty."""
        return self._trouble

    def stage(self, link: Link, stage: str) -> None:
        self._ledger.stage(link, stage)
        self._voice.show(link.address, stage)

    def waits(self, link: Link, seconds: float, why: str) -> None:
        self._ledger.waits(link, seconds, why)
        self._voice.say(f"later: {link.address}: {why} (again in {span(seconds)})")
        self.wake.set()

    def ended(self, link: Link, outcome: Outcome | None, why: str) -> None:
        self._ledger.ended(link, outcome or "failed", why)
        if outcome in {None, "failed"}:
            self.failed += 1
        self._voice.say(
            f"{outcome or 'failed'}: {link.address}" + (f": {why}" if why else ""),
            self._note(link) if outcome == "done" else None,
        )
        if outcome is None:  # whatever it was: not again at once
            self._resting[link.address] = time.monotonic() + REST_S

    def left(self) -> None:
        self.wake.set()

    def _note(self, link: Link) -> NoteUri | None:
        try:
            text = self.inbox.read()
        except LinkError:
            return None
        return uri.notes(self._where.vault.name, text).get(link.address)

    def _live(self) -> frozenset[str]:
        """List the addresses that are not to be taken now."""
        now_s = time.monotonic()
        resting = {a for a, until_s in [*self._resting.items()] if until_s > now_s}
        return self._engine.live | self._ledger.followers | resting

    def _is_ours(self, name: str, address: str) -> bool:
        """Say whether `→ [[name]]` is our arrow: our note, even if deleted since."""
        short = name.partition("#")[0].rpartition("/")[2]
        ours, all_ = self.notes.names()
        return short in ours or (short not in all_ and self._ledger.is_done(address))

    def _take(self, link: Link) -> None:
        link = self._ledger.remembered(link)
        self._engine.start(link, self._ledger.begin(link))
        self._voice.say(f"taken: {link.address}")

    def _read(self) -> tuple[str, float]:
        if not self._where.vault.is_dir():
            raise TransientError(f"the vault {self._where.vault} is not there")
        return self.inbox.read(), self.inbox.age_s()


@dataclass(frozen=True, slots=True)
class _Llm:
    """The summariser, or none: one port for both."""

    server: ChatServer | None

    def summarise(
        self, media: Media, transcript: Transcript, link: Link
    ) -> Summary | None:
        return self.server.summarise(media, transcript, link) if self.server else None


@contextmanager
def opened(settings: Settings, where: Places, voice: Voice) -> Iterator[App]:
    """Open the vault for work, alone; unfinished jobs of earlier times go on.

    Raises:
        ConfigError: the vault is not there, or another vaultscribe works on it.
    """
    if not where.vault.is_dir():
        raise ConfigError(f"the vault {where.vault} is not there: see `vault.path`")
    with only_one(where.lock, where.vault):
        app = App(settings, where, voice)
        app.open()
        try:
            yield app
        finally:
            app.close()


def watch(app: App, stop: threading.Event) -> None:
    """Follow the inbox until *stop* is set (set `app.wake` with it)."""
    follow(app.inbox.file, app.scan, stop, app.wake)


def run(app: App, stop: threading.Event) -> None:
    """Do everything that is open now; what is put off for later is not waited for."""
    while not stop.is_set():
        app.wake.clear()
        # Asked before the scan: a job that ends meanwhile may have opened a line.
        busy = app.busy
        waiting = app.scan()
        if not waiting and not busy and not app.busy:
            return
        app.wake.wait(0.2)


def media(settings: Settings, where: Places) -> YtDlp:
    return YtDlp(
        cache_folder=where.state / "yt-dlp",
        cookies_file=where.cookies,
        proxy=settings.media.proxy or None,
        pause_s=settings.media.pause_s,
    )


def llm(settings: Settings, where: Places) -> ChatServer | None:
    """Build the summariser, None when no server is configured."""
    table = settings.llm
    if not (table.base_url and table.model):
        return None
    return ChatServer(
        base_url=table.base_url,
        model=table.model,
        api_key=config.api_key(settings),
        template=Templates(where.templates).text("prompts/summary.md.j2"),
        timeout_s=table.timeout_s,
        language=settings.vault.language,
        context_tokens=table.context_tokens,
    )


def make_render(settings: Settings, templates: Templates) -> Callable[[Record], str]:
    """Bind what makes a note of a record to the language that the user wants."""

    def render_note(record: Record) -> str:
        wanted = settings.vault.language
        language = record.summary.language if wanted == "auto" else wanted
        return templates.render(record, language)

    return render_note


def span(seconds: float) -> str:
    """Write a length of time for people: `45 s`, `10 min`, `6 h`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def inbox(where: Places) -> InboxNote:
    return InboxNote(where.inbox, where.recovery)


def is_link(text: str) -> bool:
    """Say whether *text*, alone on a line of the inbox, is one request."""
    found = [link.address for request in requests(text) for link in request.links]
    return found == [text]


def initialise(vault: Path, file: Path) -> Iterator[tuple[str, bool]]:
    """Write what a vault needs and has not got; yield each file and if it is new.

    Raises:
        ConfigError: the configuration that is there is of another vault.
    """
    if file.exists():
        settings = config.load(file)
        there = config.resolved(settings.vault.path, file)
        if there != vault:
            raise ConfigError(
                f"{file} is the configuration of {there}: name another file with"
                " --config, or change `vault.path` in it"
            )
    else:
        quoted = json.dumps(str(vault), ensure_ascii=False)
        example = example_config()
        text = re.sub(r'(?m)^path = ".*?"', lambda _: f"path = {quoted}", example)
        file.parent.mkdir(parents=True, exist_ok=True)
        yield str(file), files.publish(file, text.encode())
        file.chmod(0o600)  # a key may be written into it
        settings = config.load(file)
    where = config.places(settings, file)
    yield str(where.inbox), inbox(where).create()
    for extra, text in _extras(settings, where):
        extra.parent.mkdir(exist_ok=True)
        yield str(extra), files.publish(extra, text.encode())


def _extras(settings: Settings, where: Places) -> Iterator[tuple[Path, str]]:
    """List what makes a vault pleasant to look at: the base, and the CSS snippet."""
    base = Templates().text(f"Videos.{language(settings)}.base")
    folder = where.notes.relative_to(where.vault).as_posix()
    name = where.notes.name if where.notes != where.vault else "Videos"
    yield where.vault / f"{name}.base", filled(base, folder)
    obsidian = where.vault / ".obsidian"
    if obsidian.is_dir():
        snippet = Templates().text("vaultscribe.css")
        yield obsidian / "snippets" / "vaultscribe.css", snippet


def topic_notes(settings: Settings, where: Places) -> TopicNotes:
    template = Templates(where.templates).text(f"topic.{language(settings)}.md.j2")

    def render(tag: str) -> str:
        from jinja2 import TemplateError

        from vaultscribe.core.topics import topic

        try:
            return topic(tag, template)
        except TemplateError as error:
            raise ConfigError(f"the template of topic notes: {error}") from error

    folder = where.vault / settings.vault.topics
    return TopicNotes(folder, Index(where.vault).scan, render)


def language(settings: Settings) -> str:
    """Say in which language to speak where no video does: `zh` or `en`."""
    if settings.vault.language != "auto":
        return settings.vault.language
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


def status(where: Places) -> dict[str, Any]:
    """Tell how links fare: for programs as it is, for people by the command."""
    try:
        with only_one(where.lock, where.vault):
            watching = False
    except ConfigError:
        watching = True
    text = inbox(where).read()
    notes = uri.notes(where.vault.name, text)
    jobs: list[dict[str, Any]] = []
    if where.ledger.exists():
        ledger = Ledger(where.ledger)
        jobs = [asdict(job) for job in ledger.jobs()]
        ledger.close()
    for job in jobs:
        if job["state"] == "done" and (note := notes.get(job["address"])):
            job |= {"note": note.name, "uri": note.uri}
    open_ = {link.address for request in requests(text) for link in request.open()}
    live = {job["address"] for job in jobs if job["state"] in LIVE}
    return {"watching": watching, "open": len(open_ - live), "jobs": jobs}


REST_S = 60.0
"""A link whose job ended without an answer is not taken again before this."""

LIVE = frozenset({"working", "waiting", "following"})
