"""Closes overdue attempts that no timer closed: their node died, or no node has them in memory. Finds those who were
absent."""

import asyncio
from collections.abc import Sequence
from typing import Final

from protocol.attempt.commands import Wake
from protocol.attempt.deadlines import start_ends_ms
from protocol.attempt.model import Actor, Role
from protocol.attempt.sheet import terms_for_anybody
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.marks import mark
from server.attempts.registry import Registry
from server.clock import Clock
from server.metrics.tally import Tally
from server.papers import Papers
from storage.claims import Claims

_OVERDUE_MS: Final = 400
"""How long a due attempt is left to the timer of its node. This plus the sweep's interval is how late an attempt
without a node closes: less than a second."""
_BATCH: Final = 200
_CLOSED_MS: Final = 1_000
"""How long after the end of a window its attempts that were not started are looked for: a start that was on its way is
in the log by then."""
_SWEEPER: Final = Actor(Role.SYSTEM, "sweeper")


class Sweeper:
    """Every node has one. Each claims what it closes; closing twice is impossible anyway."""

    def __init__(self, clock: Clock, registry: Registry, claims: Claims, papers: Papers, tally: Tally) -> None:
        self._clock = clock
        self._registry = registry
        self._claims = claims
        self._papers = papers
        self._tally = tally

    async def sweep(self) -> None:
        """Wakes everything that is overdue now."""
        while True:
            newer = self._registry.newer.attempt_ids
            due = await self._claims.claim_due(self._clock.now_ms() - _OVERDUE_MS, _BATCH, but=newer)
            if due:
                mark("sweeper: closes what nobody closed")
            await self._wake(due)
            if len(due) < _BATCH:
                return

    async def find_absent(self) -> None:
        """Ends the attempts that nobody has started before the window of their test closed. Windows of their own are
        found by `sweep`."""
        now_ms = self._clock.now_ms()
        for org_id, test_id in await self._claims.tests_not_begun():
            test = await self._papers.newest(org_id, test_id)
            closes_ms = None if test is None else start_ends_ms(terms_for_anybody(test.content.rules))
            if closes_ms is not None and now_ms >= closes_ms + _CLOSED_MS:
                await self._end_absent(org_id, test_id, now_ms)

    async def _end_absent(self, org_id: str, test_id: str, now_ms: int) -> None:
        while True:
            newer = self._registry.newer.attempt_ids
            absent = await self._claims.claim_not_begun(org_id, test_id, now_ms, _BATCH, but=newer)
            await self._wake(absent)
            if len(absent) < _BATCH:
                return

    async def _wake(self, attempt_ids: Sequence[str]) -> None:
        self._tally.swept += len(attempt_ids)
        outcomes = await asyncio.gather(*(self._registry.execute(one, Wake(_SWEEPER)) for one in attempt_ids))
        said = zip(attempt_ids, outcomes, strict=True)
        # A newer node must be able to claim these.
        await self._claims.let_go(
            [one for one, what in said if isinstance(what, Refusal) and what.code is Code.NEWER_LOG]
        )
