"""The engine: jobs that walk the journey of a link, and go on after a crash."""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar, get_type_hints

from vaultscribe.core.codec import decode, encode
from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
    TransientError,
)
from vaultscribe.core.model import Link
from vaultscribe.durable import library
from vaultscribe.pipeline import Outcome, World, process_link

log = logging.getLogger(__name__)

INLINE_BYTES = 4096
"""A longer result goes to the work folder; its name is what DBOS remembers."""

CLOSE_S = 2.0
"""How long closing waits for DBOS to record what has ended."""

SWEEP_S = 600.0
"""The age from which the work folder of a job that is over is removed."""

PATIENCE_S = (30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 86_400)
"""Pauses before a step is tried again, in seconds: three days in all."""

LLM_PATIENCE_S = (15, 45, 120, 180, 240)
"""The same for the summary: after ten minutes the note holds excerpts instead."""


P = ParamSpec("P")
T = TypeVar("T")


class Journal(Protocol):
    """Who is told how jobs fare (for `status` and the terminal)."""

    def stage(self, link: Link, stage: str) -> None: ...

    def waits(self, link: Link, seconds: float, why: str) -> None: ...

    def ended(self, link: Link, outcome: Outcome | None, why: str) -> None:
        """*outcome* is None where there is none to tell; *why* then says why."""
        ...

    def left(self) -> None:
        """A job is gone for good: there is room for another."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the engine is and how many of one step run at a time."""

    patience_s: tuple[float, ...] = PATIENCE_S
    llm_patience_s: tuple[float, ...] = LLM_PATIENCE_S
    limits: Mapping[str, int] = field(
        default_factory=lambda: {"describe": 4, "captions": 4, "summarise": 3}
    )


class Engine:
    """The jobs of one vault on this machine; one at a time in a process.

    Args:
        folder: in the user's state directory; database and work folders lie here.
        world: the ports of the journey.
        journal: is told how jobs fare, from the jobs' threads.
    """

    def __init__(
        self, folder: Path, world: World, journal: Journal, pace: Pace | None = None
    ) -> None:
        self._folder = folder
        self.world = world
        self.journal = journal
        self.pace = pace or Pace()
        self._jobs: dict[str, str] = {}  # address -> job id
        self._waiting: set[str] = set()
        self._ended: deque[str] = deque(maxlen=64)
        self._semaphores: dict[str, asyncio.Semaphore] = {}
        self._lock = threading.Lock()

    def open(self) -> None:
        """Take up all jobs that an earlier process left unfinished.

        Raises:
            ConfigError: the database is damaged.
        """
        global _engine  # noqa: PLW0603 - DBOS calls plain functions: they find us here
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = library.prepare(self._folder / "jobs.sqlite")
        _engine = self
        for job, link in library.unfinished(url):
            with contextlib.suppress(ValueError):
                self._jobs[decode(link, Link).address] = job
        self._sweep()
        _journey()
        library.launch(url)

    def close(self) -> None:
        """Stop: what is unfinished goes on at the next start.

        Only what has just ended is waited for, until that is recorded too; else it
        would be walked once more.
        """
        global _engine  # noqa: PLW0603
        until_s = time.monotonic() + CLOSE_S
        while library.is_any_pending(self._ended) and time.monotonic() < until_s:
            time.sleep(0.01)
        library.dbos().DBOS.destroy(workflow_completion_timeout_sec=0)
        _engine = None

    def start(self, link: Link, job: str) -> None:
        """Persist *link* as the job named *job*, and begin.

        Raises:
            TransientError: the database cannot be written.
        """
        import sqlalchemy.exc

        self._sweep()
        dbos = library.dbos()
        with self._lock:
            self._jobs[link.address] = job
        try:
            with dbos.SetWorkflowID(job):
                dbos.DBOS.start_workflow(_journey(), encode(link, Link))
        except sqlalchemy.exc.DBAPIError as error:
            with self._lock:
                del self._jobs[link.address]
            raise TransientError(f"the job database fails: {error.orig}") from error

    @property
    def live(self) -> frozenset[str]:
        """The addresses that have a job, waiting ones included."""
        with self._lock:
            return frozenset(self._jobs)

    @property
    def jobs(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._jobs.values())

    @property
    def busy(self) -> frozenset[str]:
        """The addresses whose job is not waiting to be tried again."""
        with self._lock:
            return frozenset(self._jobs) - self._waiting

    async def run(self, link: Link, job: str) -> Outcome | None:
        """Walk the journey of *link*; called by DBOS, again after each crash."""
        walk = _Walk(self, link, job)
        outcome: Outcome | None = None
        try:
            outcome = await process_link(link, self.world, walk.step)
        except (LinkError, _Lost) as error:
            # The inbox could not be told, or what was remembered is gone: the line
            # still says ⏳, so that a later scan takes it again.
            walk.why = str(error)
        except asyncio.CancelledError:
            raise _Stopped from None
        except Exception as error:
            log.exception("a bug stopped the job of %s", link.address)
            walk.why = f"a bug in vaultscribe: {type(error).__name__}: {error}"
            await self._confess(link, walk.why)
        with contextlib.suppress(LinkError):
            told = walk.why if outcome in {"failed", None} else walk.lost
            self.journal.ended(link, outcome, told)
        self._ended.append(job)
        with self._lock:
            self._jobs.pop(link.address, None)
        self.journal.left()
        return outcome

    async def _confess(self, link: Link, why: str) -> None:
        """Tell the inbox of a bug, or the next scan would run into it again."""
        with contextlib.suppress(LinkError):
            await asyncio.to_thread(self.world.inbox.report, link, why)

    @contextlib.contextmanager
    def waiting(self, link: Link) -> Iterator[None]:
        """Count the job of *link* as waiting for a while."""
        with self._lock:
            self._waiting.add(link.address)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(link.address)

    def limit(self, name: str) -> contextlib.AbstractAsyncContextManager[Any]:
        """Hold one of the few places for the step *name*."""
        if name not in self.pace.limits:
            return contextlib.nullcontext()
        if name not in self._semaphores:
            self._semaphores[name] = asyncio.Semaphore(self.pace.limits[name])
        return self._semaphores[name]

    def work_folder(self, job: str) -> Path:
        return self._folder / "work" / job

    def _sweep(self) -> None:
        """Remove the work folders of jobs that are over.

        A job that is over may not be recorded as such for a moment, so young folders
        are left alone.
        """
        old = _now() - SWEEP_S
        for folder in (self._folder / "work").glob("*"):
            if folder.name not in self.jobs and folder.stat().st_mtime < old:
                shutil.rmtree(folder, ignore_errors=True)


class _Stopped(BaseException):
    """The engine was closed in the middle of a journey.

    DBOS 3.4 records the cancelled future of an async workflow as its failure, for
    `concurrent.futures.CancelledError` is an `Exception`; this is none, so that the
    job stays pending and goes on at the next start.
    """


class _Lost(Exception):  # noqa: N818 - it tells what happened to a result
    """A result that was remembered cannot be read any more."""


class _Walk:
    """One walk along a journey: runs its steps and counts them."""

    def __init__(self, engine: Engine, link: Link, job: str) -> None:
        self._engine = engine
        self._link = link
        self._folder = engine.work_folder(job)
        self._numbers = itertools.count(1)
        self.why = ""
        """The last failure."""
        self.lost = ""
        """Why there is no summary."""

    async def step(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run *function* once, ever; see `pipeline.Step`."""
        name = function.__name__
        pace = self._engine.pace
        patience_s = pace.llm_patience_s if name == "summarise" else pace.patience_s
        kind: type[T] = get_type_hints(function)["return"]
        with contextlib.suppress(LinkError):
            await asyncio.to_thread(self._engine.journal.stage, self._link, name)
        first_at = None
        for pause_s in (*patience_s, None):
            result = await self._try(name, partial(function, *args, **kwargs), kind)
            if "kind" not in result:
                self.lost = "" if name == "summarise" else self.lost
                return self._restored(result, kind)
            self.why = result["message"]
            if name == "summarise":
                self.lost = self.why
            if result["kind"] != "TransientError":
                raise _ERRORS[result["kind"]](self.why)
            first_at = first_at or result["at"]
            spent_s = result["at"] - first_at
            if pause_s is None or (
                name == "summarise"
                and max(spent_s, result["after_s"]) > sum(patience_s)
            ):
                break
            await self._pause(max(pause_s, result["after_s"]), result["at"])
        if name == "summarise":
            raise TransientError(self.why)
        raise PermanentError(f"gave up after {len(patience_s) + 1} tries: {self.why}")

    async def _try(
        self, name: str, call: Callable[[], T], kind: type[T]
    ) -> dict[str, Any]:
        """Call the port, or remember what it answered before the crash."""
        file = self._folder / f"{next(self._numbers)}-{name}.json"

        async def attempt() -> dict[str, Any]:
            try:
                async with self._engine.limit(name):
                    value = await asyncio.to_thread(call)
                return _keep(encode(value, kind), file)
            except LinkError as error:
                after_s = getattr(error, "retry_after_s", 0.0)
                return _failure(type(error).__name__, str(error), after_s)
            except OSError as error:  # a full disk, say: later it may work
                why = f"{error.strerror or error} ({name})"
                return _failure("TransientError", why, 0.0)

        answer: dict[str, Any] = await library.dbos().DBOS.run_step_async(
            {"name": name}, attempt
        )
        return answer

    async def _pause(self, seconds: float, since: float) -> None:
        """Wait until *seconds* after *since*, which was remembered with the failure.

        So the pause outlives a crash; a clock that was set back makes it no longer.
        """
        left_s = min(seconds, since + seconds - _now())
        if left_s > 0:
            with self._engine.waiting(self._link):
                with contextlib.suppress(LinkError):
                    self._engine.journal.waits(self._link, left_s, self.why)
                await asyncio.sleep(left_s)

    def _restored(self, result: Mapping[str, Any], kind: type[T]) -> T:
        if "file" not in result:
            return decode(json.dumps(result["value"]), kind)
        try:
            return decode((self._folder / result["file"]).read_bytes(), kind)
        except (OSError, ValueError) as error:
            raise _Lost(f"the state folder lacks {result['file']}: {error}") from error


_engine: Engine | None = None
_ERRORS: dict[str, type[LinkError]] = {
    "PermanentError": PermanentError,
    "NeedsUser": NeedsUser,
}


def _failure(kind: str, message: str, after_s: float) -> dict[str, Any]:
    return {"kind": kind, "message": message, "after_s": after_s, "at": _now()}


def _now() -> float:
    return time.time()  # noqa: TID251 - remembered with a result, or beside the journey


def _keep(text: str, file: Path) -> dict[str, Any]:
    """Keep a result: in place when small, else in *file*, whole or not at all."""
    if len(text) <= INLINE_BYTES:
        return {"value": json.loads(text)}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    return {"file": file.name}


def _journey() -> Callable[..., Any]:
    """Register the journey with DBOS, once."""
    global _workflow  # noqa: PLW0603 - DBOS keeps its registry for the whole process
    if _workflow is None:
        dbos = library.dbos()

        async def process(link: str) -> Outcome | None:
            assert _engine  # noqa: S101 - set before DBOS is launched
            return await _engine.run(decode(link, Link), dbos.DBOS.workflow_id)

        register = dbos.DBOS.workflow(name="process_link", max_recovery_attempts=None)
        _workflow = register(process)
    return _workflow


_workflow: Callable[..., Any] | None = None
