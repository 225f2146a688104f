"""Closes overdue attempts that no timer closed: their node died, or no node has them in memory."""

import asyncio
from typing import Final

from protocol.attempt.commands import Wake
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refusal
from server.attempts.registry import Registry
from server.clock import Clock
from server.metrics.tally import Tally
from storage.attempts import Attempts

_OVERDUE_MS: Final = 400
"""How long a due attempt is left to the timer of its node. This plus the sweep's interval is how late an attempt
without a node closes: less than a second."""
_BATCH: Final = 200
_SWEEPER: Final = Actor(Role.SYSTEM, "sweeper")


class Sweeper:
    """Every node has one. Each claims what it closes; closing twice is impossible anyway."""

    def __init__(self, clock: Clock, registry: Registry, attempts: Attempts, tally: Tally) -> None:
        self._clock = clock
        self._registry = registry
        self._attempts = attempts
        self._tally = tally

    async def sweep(self) -> None:
        """Wakes everything that is overdue now."""
        while True:
            newer = self._registry.newer.attempt_ids
            due = await self._attempts.claim_due(self._clock.now_ms() - _OVERDUE_MS, _BATCH, but=newer)
            self._tally.swept += len(due)
            outcomes = await asyncio.gather(*(self._registry.execute(one, Wake(_SWEEPER)) for one in due))
            said = zip(due, outcomes, strict=True)
            # A newer node must be able to claim these.
            await self._attempts.let_go(
                [one for one, what in said if isinstance(what, Refusal) and what.code is Code.NEWER_LOG]
            )
            if len(due) < _BATCH:
                return
