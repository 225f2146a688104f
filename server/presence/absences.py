"""Tells other systems of candidates who sit and are without a connection for long.

The node that records the end of a connection remembers it. What a node had to remember that has died or left, and
connections that ended with it, are found in the logs: by every other node, and by this one when it starts. All of them
tell the same event under the same id, so it is told once.
"""

import logging
from typing import Final

from protocol.attempt.model import SITTING, Attempt
from protocol.events.presence import away, away_since
from server.attempts.newer import Outgrown
from server.attempts.registry import Registry
from server.clock import Clock
from server.presence.losses import Losses
from storage.errors import StorageUnavailable
from storage.events import Events
from storage.last_connections import LastConnection, LastConnections
from storage.nodes import Nodes

log = logging.getLogger(__name__)

_BATCH: Final = 200


class Absences:
    """`name`: this node's. `alone`: another name is that of an earlier run. `long_ms`: from when on it is long."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        registry: Registry,
        losses: Losses,
        nodes: Nodes,
        connections: LastConnections,
        events: Events,
        long_ms: int,
        *,
        alone: bool,
    ) -> None:
        self._name = name
        self._clock = clock
        self._registry = registry
        self._losses = losses
        self._nodes = nodes
        self._connections = connections
        self._events = events
        self._long_ms = long_ms
        self._alone = alone
        self._due_ms: dict[str, int] = {}
        self._living: frozenset[str] = frozenset()
        self._ended_ms: dict[str, int] = {}
        """The nodes that have ended, and their last signs of life."""
        self._searched: frozenset[str] | None = None
        """The nodes that have ended, and whose candidates were looked for; None: none were."""

    def note(self, attempt_id: str, since_ms: int) -> None:
        """The candidate is without a connection since then."""
        self._due_ms[attempt_id] = since_ms + self._long_ms

    def may_be_long(self, attempt: Attempt) -> bool:
        """Whether whoever comes now may have been away for long, and the log does not say so: the node that had her
        connection has ended, or over REST she has not called this one, and nobody has recorded the loss."""
        if attempt.connection_id is None or attempt.holder is None:
            return self._losses.may_be_unheard(attempt)
        ended_ms = self._ended_ms.get(attempt.holder)
        return ended_ms is not None and self._clock.now_ms() - ended_ms >= self._long_ms

    async def learn(self) -> None:
        """Learns which nodes there are."""
        lives = await self._nodes.lives()
        self._ended_ms = {life.name: life.until_ms for life in lives if life.until_ms is not None}
        self._living = frozenset(life.name for life in lives) - self._ended_ms.keys()

    async def look(self) -> None:
        """Tells of everybody who is away for long by now."""
        await self._find_left_behind()
        now_ms = self._clock.now_ms()
        due = [attempt_id for attempt_id, due_ms in self._due_ms.items() if due_ms <= now_ms]
        for some in (due[start : start + _BATCH] for start in range(0, len(due), _BATCH)):
            last = {one.attempt_id: one for one in await self._connections.of(some)}
            for attempt_id in some:
                due_ms = self._due_ms[attempt_id]
                if attempt_id in last and self._may_be_lost(last[attempt_id]):
                    await self._tell_if_it_can(last[attempt_id], now_ms)
                # She may have come and gone again meanwhile.
                if self._due_ms[attempt_id] == due_ms:
                    del self._due_ms[attempt_id]

    async def _find_left_behind(self) -> None:
        await self.learn()
        ended = frozenset(self._ended_ms)
        if self._searched is not None and ended <= self._searched:
            return
        now_ms, after = self._clock.now_ms(), None
        while some := await self._connections.sitting(after, _BATCH):
            for one in await self._connections.of(some):
                if self._may_be_lost(one):
                    lost_ms = one.lost_ms or self._ended_ms.get(one.node or "", now_ms)
                    self._due_ms.setdefault(one.attempt_id, lost_ms + self._long_ms)
            after = some[-1]
        self._searched = ended

    def _may_be_lost(self, one: LastConnection) -> bool:
        """Whether nobody may have it any more. Nobody holds one over REST: each node may hear of it."""
        if one.lost_ms is not None or one.node is None:
            return True
        return one.node != self._name and (self._alone or one.node not in self._living)

    async def _tell_if_it_can(self, one: LastConnection, now_ms: int) -> None:
        """One that can't be read or told of stops none of the others."""
        try:
            await self._tell(one, now_ms)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("Attempt %s: nothing is told of its absence", one.attempt_id)

    async def _tell(self, one: LastConnection, now_ms: int) -> None:
        try:
            live = await self._registry.get(one.attempt_id)
        except Outgrown:
            return
        if live is None:
            return
        if live.committed.seq < one.seq:
            live.reload()
            await live.settle()
        if live.committed.status not in SITTING:
            return
        lost = await self._losses.find(live)
        if lost is not None:
            await live.run(lost)
        since_ms = away_since(live.committed)
        if since_ms is None:
            return
        if since_ms + self._long_ms > now_ms:
            self.note(one.attempt_id, since_ms)
            return
        event = away(live.committed, since_ms, self._long_ms)
        await self._events.tell(live.committed.identity.org_id, [event], now_ms)
