"""Older notes catch up with newer ones: in one quiet batch a day, at once, or never."""

import logging
import time
from collections.abc import Callable
from typing import Literal

from vaultscribe.adapters.vault.notes import Notes
from vaultscribe.core.errors import LinkError

log = logging.getLogger(__name__)

CatchUp = Literal["daily", "now", "off"]

DAY_S = 86_400.0
QUIET_S = 3600.0
"""A note that its user edited within this time is left alone until the next batch."""
NEW_S = 600.0
"""A note so young may be open before its reader; likewise."""
SLICE = 20
"""Notes that are done at a time, so that nobody waits for long behind them."""


class CatchingUp:
    """Works off what the notes are owed.

    Args:
        notes: of one vault.
        mode: when.
        clock: tells the seconds since 1970.
    """

    def __init__(
        self, notes: Notes, mode: CatchUp, clock: Callable[[], float] = time.time
    ) -> None:
        self._notes = notes
        self._mode = mode
        self._clock = clock
        self._batch: list[str] = []

    def go_on(self) -> int:
        """Bring some notes up to date if it is time; return how many are left."""
        if not self._notes.is_free():  # links go first, and the scan is not held up
            return len(self._batch)
        now_s = self._clock()
        if not self._batch and self._is_due(now_s):
            self._batch = self._notes.owed()
        batch, self._batch = self._batch[:SLICE], self._batch[SLICE:]
        for identity in batch:
            try:
                self._catch_up(identity, now_s)
            except (LinkError, OSError) as error:  # it is still owed: tomorrow
                log.warning("%s: %s", identity, error)
        return len(self._batch)

    def _is_due(self, now_s: float) -> bool:
        if self._mode == "now":
            return True
        if self._mode == "off":
            return False
        last_s = self._notes.last_batch()
        is_due = last_s is not None and not 0 <= now_s - last_s < DAY_S
        if last_s is None or is_due:
            self._notes.set_last_batch(now_s)
        return is_due

    def _catch_up(self, identity: str, now_s: float) -> None:
        quiet_since_s, new_since_s = now_s - QUIET_S, now_s - NEW_S
        if self._notes.is_at_rest(identity, quiet_since_s, new_since_s):
            self._notes.render_again(identity, newer=True)
            self._notes.settle(identity)
