"""Carries out regrades. Whatever a node has begun, any other goes on with when that node has died."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from protocol.codes import SERVERS_STATE, Code
from protocol.errors import Refusal
from server.attempts.registry import Registry
from server.clock import Clock
from server.marking.marker import Marker
from server.marking.regrading import command_of
from storage.errors import StorageUnavailable
from storage.regrades import Job, Regrades

log = logging.getLogger(__name__)

_PAGE: Final = 20
"""Attempts that are taken together. Those who sit are served in between."""
_FOR_NOW: Final = SERVERS_STATE - {Code.INTERNAL}
"""Refusals because of this node's state. One attempt that can't be written at all must not keep the others waiting."""


class Regrader:
    """Every node has one. Each claims what it sees to; an attempt that has a regrade in its log takes it once."""

    def __init__(self, clock: Clock, registry: Registry, regrades: Regrades, marker: Marker) -> None:
        self._clock = clock
        self._registry = registry
        self._regrades = regrades
        self._marker = marker

    async def look(self) -> None:
        """Sees to what waits, one regrade after the other."""
        while (job := await self._regrades.claim(self._clock.now_ms())) is not None:
            try:
                await self._carry_out(job)
            except StorageUnavailable:
                log.warning("Regrade %s waits for the database", job.regrade_id)
                return

    async def _carry_out(self, job: Job) -> None:
        held: Job | None = job
        while held is not None:
            page = await self._regrades.sat(held, _PAGE)
            refused = await self._regrade(held, page)
            if page:
                done = held.done + len(page) - refused
                held = replace(held, position=page[-1], done=done, refused=held.refused + refused)
            ended = len(page) < _PAGE
            held = await self._regrades.advance(held, self._clock.now_ms(), ended=ended)
            if ended:
                return
            await asyncio.sleep(0)

    async def _regrade(self, job: Job, attempt_ids: Sequence[str]) -> int:
        """Puts it into the log of each. How many could not take it. Raises `StorageUnavailable` where this node could
        not write it: the page is then taken once more, which repeats nothing."""
        command = command_of(job)
        outcomes = await asyncio.gather(*(self._registry.execute(one, command) for one in attempt_ids))
        refused = 0
        for attempt_id, outcome in zip(attempt_ids, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                if outcome.code in _FOR_NOW:
                    raise StorageUnavailable(f"attempt {attempt_id} could not take a regrade: {outcome.code}")
                refused += 1
                log.info("Attempt %s: regrade %s is refused (%s)", attempt_id, job.regrade_id, outcome.code)
            else:
                self._marker.notice(attempt_id)
        return refused
