"""The one place that knows everybody: builds the world and runs it."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from vaultscribe import config
from vaultscribe.adapters.covers import shrink
from vaultscribe.adapters.ledger import Ledger
from vaultscribe.adapters.llm import ChatServer
from vaultscribe.adapters.lock import only_one
from vaultscribe.adapters.media import YtDlp
from vaultscribe.adapters.speech import NoEngine
from vaultscribe.adapters.templates import Templates
from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.catch_up import CatchingUp
from vaultscribe.adapters.vault.daily import DailyNote
from vaultscribe.adapters.vault.inbox import InboxNote
from vaultscribe.adapters.vault.layout import Layout
from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.config import Places, Settings
from vaultscribe.core import uri
from vaultscribe.core.errors import ConfigError, LinkError, TransientError
from vaultscribe.core.model import Link, Media, Note, Record, Summary, Transcript
from vaultscribe.core.uri import NoteUri
from vaultscribe.durable import Engine, Pace
from vaultscribe.intake import Intake, Ports
from vaultscribe.pipeline import Outcome, World
from vaultscribe.watcher import Watched, follow

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
        self.notes = notes(settings, where)
        self.notes.index.reading = self._reading
        self._catching_up = CatchingUp(self.notes, settings.related.catch_up)
        world = World(
            inbox=self.inbox,
            claims=self._ledger,
            media=media(settings, where),
            speech=NoEngine(),
            llm=_Llm(llm(settings, where), self.notes),
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
        self.notes.close()

    def scan(self) -> int:
        """Take what the inbox asks for; return how many links wait their turn."""
        try:
            waiting = self._intake.scan(time.monotonic())
            waiting += self._catching_up.go_on()
        except LinkError as error:
            if str(error) != self._trouble:
                self._voice.say(f"waiting: {error}")
            self._trouble = str(error)
            return 0
        self._trouble = ""
        return waiting

    @property
    def watched(self) -> Watched:
        return Watched(self._where.vault, self.inbox.file, self.notes.index.touch)

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

    def _reading(self, count: int) -> None:
        self._voice.say(f"reading the vault: {count} notes")

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
        ours = self.notes.is_ours(short)
        return self._ledger.is_done(address) if ours is None else ours

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
    notes: Notes

    def summarise(
        self, media: Media, transcript: Transcript, link: Link
    ) -> Summary | None:
        if self.server is None:
            return None
        said = (segment.text for segment in transcript.segments)
        words = "\n".join((media.title, media.description, *said))
        tags = self.notes.offered(words)
        return self.server.summarise(media, transcript, link, tags)


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
    follow(app.watched, app.scan, stop, app.wake)


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


def layout(settings: Settings, where: Places) -> Layout:
    return Layout(
        vault=where.vault,
        notes=settings.vault.notes,
        recovery=where.recovery,
        index=where.index,
        vocabulary=settings.vault.vocabulary,
        inbox=settings.vault.inbox,
    )


def notes(settings: Settings, where: Places) -> Notes:
    templates = Templates(where.templates, where.state / "templates")
    render = make_render(settings, templates)
    daily = DailyNote(where.vault, where.recovery)

    def published(note: Note) -> None:
        if settings.vault.daily:
            daily.add(note, dt.datetime.now().astimezone().date())  # noqa: TID251

    picture = _picture(settings, where)
    return Notes(layout(settings, where), render, picture, published)


def _picture(settings: Settings, where: Places) -> Callable[[Media], bytes | None]:
    """Return what gets a small cover of a film, or nothing where none are wanted."""

    def picture(film: Media) -> bytes | None:
        wanted = settings.vault.covers == "local" and film.cover
        data = media(settings, where).picture(film.cover) if wanted else None
        return shrink(data) if data else None

    return picture


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


REST_S = 60.0
"""A link whose job ended without an answer is not taken again before this."""
