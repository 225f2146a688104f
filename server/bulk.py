"""Carries out acts on many attempts. Whatever a node has begun, any other goes on with when that node has died."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from protocol import codec
from protocol.attempt.acting import acted_since
from protocol.attempt.commands import Steer
from protocol.codes import Code
from protocol.errors import Refusal, Refused, of_command, refuse
from protocol.messages.monitor import BulkProgress
from protocol.orders import GrantAttemptOrder, name_of, seen_of
from protocol.rules.bulk import command_for, command_id_of
from server.orders import archived, carry_out, grant_attempt
from server.pacing.turns import turns
from server.relay.frames import BulkMoved, encode, read_bulk_moved
from storage.bulk import Bulk, Outcome
from storage.errors import StorageUnavailable

if TYPE_CHECKING:
    from server.node import Node

log = logging.getLogger(__name__)

BULK_CHANNEL: Final = "bulk"
AT_ONCE: Final = 10
"""Attempts that are served together, with one note of what has become of them."""
PER_SECOND: Final = 100
"""Attempts that a node serves in a second at most, whatever number of acts: a room of 300 within three seconds."""
_WAIT_S: Final = 0.1
_TRY_AGAIN: Final = frozenset({Code.OVERLOADED, Code.STORAGE_UNAVAILABLE, Code.NEWER_LOG, Code.UPGRADE_UNDER_WAY})
"""Refusals that say nothing about the attempt: it goes on waiting."""


class BulkWorker:
    """Every node has one. Each claims acts with a lease, as many as there are; acts on one test follow one another."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._turn = asyncio.Lock()

    def hurry(self) -> None:
        """Looks now: an act was given here."""
        self._node.keep(asyncio.create_task(self._look_if_it_can(), name="look for acts on many attempts"))

    async def _look_if_it_can(self) -> None:
        try:
            await self.look()
        except StorageUnavailable as error:
            # The next look finds it.
            log.debug("Acts on many attempts cannot be read (%s)", error)

    async def look(self) -> None:
        """Begins to see to whatever waits."""
        while (act := await self._node.bulk_acts.claim(self._node.clock.now_ms())) is not None:
            self._node.keep(asyncio.create_task(self._carry_out_if_it_can(act), name="act on many attempts"))

    def hear(self, data: bytes) -> None:
        """An act has come further, here or on another node."""
        frame = read_bulk_moved(data)
        if frame is not None:
            self._node.rooms.tell(frame.org_id, frame.test_id, frame.message, frame.scope)

    async def _carry_out_if_it_can(self, act: Bulk) -> None:
        try:
            await self._carry_out(act)
        except StorageUnavailable:
            # Its lease ends, and any node goes on.
            log.warning("The act %s waits for the database", act.bulk_id)

    async def _carry_out(self, act: Bulk) -> None:
        held: Bulk | None = act
        after: str | None = None
        left = 0
        self._tell(act)
        while held is not None and not self._node.draining:
            await self._wait_for_others()
            page = await self._node.bulk_acts.waiting(held, after, AT_ONCE)
            outcomes = await asyncio.gather(*(self._serve(held, attempt_id) for attempt_id in page))
            said = {one: outcome for one, outcome in zip(page, outcomes, strict=True) if outcome is not None}
            left += len(page) - len(said)
            is_last = len(page) < AT_ONCE
            now_ms = self._node.clock.now_ms()
            held = await self._node.bulk_acts.settle(held, said, now_ms, ended=is_last and not left)
            if held is not None:
                self._tell(held)
            if is_last:
                # What is left waits for the lease to end: a newer node may be able to serve it.
                return
            after = page[-1]

    async def _wait_for_others(self) -> None:
        """Nobody who sits is slower for it: so many attempts a second, and none while the node is busy."""
        async with self._turn:
            await asyncio.sleep(AT_ONCE / PER_SECOND)
            while self._node.capacity.busy:  # noqa: ASYNC110 (how late the loop is, nobody tells)
                await asyncio.sleep(_WAIT_S)

    async def _serve(self, act: Bulk, attempt_id: str) -> Outcome | None:
        """What has become of it; None: it is to be tried again."""
        await turns().take(new=True)
        try:
            refusal = await self._give(act, attempt_id)
        except Refused as error:
            refusal = error.refusal
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("Attempt %s: the act %s failed", attempt_id, act.bulk_id)
            refusal = refuse(Code.INTERNAL)
        if refusal is None:
            return Outcome()
        refusal = of_command(refusal)
        return None if refusal.code in _TRY_AGAIN else Outcome(refusal.code, refusal.detail)

    async def _give(self, act: Bulk, attempt_id: str) -> Refusal | None:
        node = self._node
        live = await node.registry.get(attempt_id)
        if live is None:
            known = await node.attempts.identity(attempt_id)
            if known is None:
                return refuse(Code.NOT_FOUND)
            return refuse(Code.ERASED) if known.archived_at_ms is None else await archived(node, attempt_id)
        if isinstance(act.order, GrantAttemptOrder):
            command_id = command_id_of(act.bulk_id, attempt_id)
            granted = await grant_attempt(node, live, command_id, act.by, act.order.reason, act.order.seen_ms)
            return granted if isinstance(granted, Refusal) else None
        order = command_for(act.order, act.bulk_id, attempt_id)
        seen_ms = seen_of(act.order)
        if seen_ms is not None:
            attempt = await live.newest()
            acted = acted_since(attempt, act.by, seen_ms)
            if acted is not None and order.command_id not in attempt.commands:
                return acted
        outcome = await carry_out(node, live, Steer(act.by, order))
        return outcome if isinstance(outcome, Refusal) else None

    def _tell(self, act: Bulk) -> None:
        progress = BulkProgress(
            act.bulk_id,
            name_of(act.order),
            act.by_id,
            act.role,
            act.total,
            act.done,
            act.refused,
            act.ended_at_ms is not None,
        )
        frame = BulkMoved(self._node.name, act.org_id, act.test_id, act.scope, codec.encode(progress))
        self._node.relay.publish(BULK_CHANNEL, encode(frame))
