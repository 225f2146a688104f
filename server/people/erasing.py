"""Erasing a person on a node, and forgetting whom another node or the command line has erased."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from protocol.attempt.model import Actor
from server.attempts.live import PATIENCE_S, LiveAttempt
from server.attempts.registry import Registry
from server.clock import Clock
from storage.database import Database
from storage.erasing import Erasing, Head

ERASURES_CHANNEL: Final = "erasures"
"""Where a node says that somebody was erased; who, is in the database."""
_OVERLAP_MS: Final = 2 * 3600 * 1000
"""An erasure is found although its row was committed so much later than its instant says."""
_AGAIN_MS: Final = 120_000
"""For so long an erasure is looked at again: an attempt that was being read at that moment may have come to memory
after the first look, and a spent budget of hers is full a minute later."""


class Erasures:
    """`own`: the node's own database. `eraser_url`: a connection that may erase, where the node's own may not.
    `forget_withdrawn` makes the node read all withdrawals anew, and `forget_full` forget the budgets of all who have
    done nothing for a while."""

    def __init__(
        self,
        own: Database,
        eraser_url: str,
        clock: Clock,
        registry: Registry,
        hide: Callable[[str, str], str],
        forget_withdrawn: Callable[[], Awaitable[None]],
        forget_full: Callable[[], None],
    ) -> None:
        self._own = own
        self._eraser_url = eraser_url
        self._clock = clock
        self._registry = registry
        self._hide = hide
        self._forget_withdrawn = forget_withdrawn
        self._forget_full = forget_full
        self._erasing = Erasing(own)
        self._seen: dict[str, int] = {}

    async def erase(self, org_id: str, user_id: str, by: Actor) -> list[Head]:
        """Returns when everything personal is gone from the database and from this node. Raises what `Erasing.erase`
        raises."""
        hidden = self._hide(org_id, user_id)
        if not self._eraser_url:
            heads = await self._erasing.erase(org_id, user_id, hidden, by, self._clock.now_ms())
        else:
            database = await Database.open(self._eraser_url)
            try:
                heads = await Erasing(database).erase(org_id, user_id, hidden, by, self._clock.now_ms())
            finally:
                await database.close()
        forgotten = await self._look()
        # Until its log was read again an attempt says all that it knew.
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                for live in forgotten:
                    await live.settle()
        await self._erasing.scrub()
        return heads

    async def learn(self) -> None:
        """Forgets everybody who was erased lately, by whomever."""
        await self._look()

    async def _look(self) -> list[LiveAttempt]:
        """Has the logs of everybody who was erased lately read again."""
        now_ms = self._clock.now_ms()
        self._seen = {alias: at_ms for alias, at_ms in self._seen.items() if at_ms > now_ms - 2 * _OVERLAP_MS}
        fresh = lately = False
        read_again: list[LiveAttempt] = []
        for alias, org_id in await self._erasing.since(now_ms - _OVERLAP_MS):
            seen_ms = self._seen.get(alias)
            if seen_ms is not None and seen_ms < now_ms - _AGAIN_MS:
                continue
            fresh |= seen_ms is None
            lately = True
            for attempt_id in await self._erasing.attempts_of(org_id, alias):
                live = self._registry.at_hand(attempt_id)
                if live is not None:
                    live.reload()
                    read_again.append(live)
            self._seen.setdefault(alias, now_ms)
        if lately:
            self._forget_full()
        if fresh:
            self._own.forget_values()
            await self._forget_withdrawn()
        return read_again

    async def scrub(self) -> None:
        """See `Erasing.scrub`."""
        await self._erasing.scrub()
