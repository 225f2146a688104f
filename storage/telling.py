"""Telling what has become of appends: at once where a person waits, else a few in each turn of the event loop."""

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable
from typing import Final

from storage.log.batch import Append, Outcome

_AT_ONCE: Final = 8
"""Patient appends in one turn: to tell a whole room that its time is up takes a second. The journal commits the next
ones meanwhile."""
_TURNS: Final = 64
"""Of more than that there are so many turns: where turns are long, thousands would hear after they have given up."""

_log: Final = logging.getLogger("pencilsdown.journal")


class Telling:
    """In each of the journal's lanes, in order. `on_error` is called when a listener has failed."""

    def __init__(self, on_error: Callable[[], None]) -> None:
        self._on_error = on_error
        self._untold: deque[tuple[Append, Outcome]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def left(self) -> int:
        """Appends whose owners have not heard of their outcome yet."""
        return len(self._untold)

    def tell(self, append: Append, outcome: Outcome) -> None:
        """Soon, where nobody waits for it."""
        if not append.patient:
            self._tell(append, outcome)
            return
        self._untold.append((append, outcome))
        if self._task is None:
            self._task = asyncio.create_task(self._tell_untold(), name="tell outcomes")

    async def finish(self) -> None:
        """Returns when all are told."""
        if self._task is not None:
            await self._task

    async def _tell_untold(self) -> None:
        while self._untold:
            left = len(self._untold)
            for _ in range(min(left, max(_AT_ONCE, left // _TURNS))):
                self._tell(*self._untold.popleft())
            await asyncio.sleep(0)
        self._task = None

    def _tell(self, append: Append, outcome: Outcome) -> None:
        try:
            append.on_outcome(outcome)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 -- a listener never stops the journal
            self._on_error()
            # The place and not the message: an exception's message may hold what a candidate wrote.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("attempt %s: a listener raised %s\n%s", append.attempt_id, type(error).__name__, where)
