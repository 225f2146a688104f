"""Decides when each changed attempt gets its snapshot: at staggered times while it changes, and soon when it rests."""

import random
from typing import Final

from server.attempts.registry import Registry
from server.clock import Clock
from server.metrics.tally import Tally
from storage.snapshots import Snapshots

_BATCH: Final = 200


class Snapshotter:
    """Takes snapshots of live attempts. An attempt gets its last one before it leaves memory."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        snapshots: Snapshots,
        interval_ms: int,
        chance: random.Random,
        tally: Tally,
    ) -> None:
        """`interval_ms`: the longest that a changed attempt waits, less what one round takes."""
        self._clock = clock
        self._registry = registry
        self._snapshots = snapshots
        self._interval_ms = interval_ms
        self._chance = chance
        self._tally = tally
        self._due_ms: dict[str, int] = {}

    def __len__(self) -> int:
        """Attempts that have changed since their snapshot."""
        return len(self._due_ms)

    def __contains__(self, attempt_id: str) -> bool:
        """Whether it has changed since its snapshot."""
        return attempt_id in self._due_ms

    def changed(self, attempt_id: str) -> None:
        """Schedules a snapshot within the interval, at a random time."""
        if attempt_id not in self._due_ms:
            wait_ms = self._chance.randrange(self._interval_ms // 2, self._interval_ms)
            self._due_ms[attempt_id] = self._clock.now_ms() + wait_ms

    def hurry(self, attempt_id: str) -> None:
        """Schedules a snapshot for the next round."""
        self._due_ms[attempt_id] = 0

    async def take(self, *, everything: bool = False) -> None:
        """Saves the due snapshots, or all. A snapshot that could not be saved stays due."""
        now_ms = self._clock.now_ms()
        due = [attempt_id for attempt_id, due_ms in self._due_ms.items() if everything or due_ms <= now_ms]
        for start in range(0, len(due), _BATCH):
            await self._save(due[start : start + _BATCH], now_ms)

    async def _save(self, batch: list[str], now_ms: int) -> None:
        for attempt_id in batch:
            self._due_ms.pop(attempt_id, None)
        lives = (self._registry.at_hand(attempt_id) for attempt_id in batch)
        try:
            states = [live.committed for live in lives if live is not None]
            await self._snapshots.save(states, now_ms)
            self._tally.snapshots += len(states)
        except BaseException:
            for attempt_id in batch:
                self._due_ms.setdefault(attempt_id, 0)
            raise
