"""Connections that have ended without a record of it, because their node has died or a caller over REST fell silent."""

from typing import Final

from protocol.attempt.clocks import first_deadline
from protocol.attempt.commands import Disconnect
from protocol.attempt.model import Actor, Attempt, Role
from protocol.marks import mark
from protocol.rules.lost_connections import (
    Sign,
    by_deadline_over_rest,
    by_deadline_with_node,
    lost_with_former,
    lost_with_node,
    may_have_ended_before,
)
from server.attempts.live import LiveAttempt
from server.attempts.pending import NotKnownYet
from server.clock import Clock
from server.presence.contacts import Contacts
from storage.nodes import Nodes

_NOBODY: Final = Actor(Role.SYSTEM, "dead node")


class Losses:
    """Finds the end of a connection. A new connection must know it, and so must a node that is about to close an
    attempt whose clock stands while its candidate is away. `name`: this node's. `alone`: there is no other node, so
    that another name is that of an earlier run."""

    def __init__(self, name: str, clock: Clock, nodes: Nodes, contacts: Contacts, *, alone: bool) -> None:
        self.name = name
        self.started_ms = clock.now_ms()
        self._clock = clock
        self._nodes = nodes
        self._contacts = contacts
        self._alone = alone

    async def find(self, live: LiveAttempt) -> Disconnect | None:
        """The end of the connection in force according to the log, if its node has died or it has fallen silent; None:
        it may be alive."""
        attempt = live.committed
        connection_id, holder = attempt.connection_id, attempt.holder
        if connection_id is None:
            return None
        now_ms = self._clock.now_ms()
        if holder is None:
            lost_ms, _ = await self._lost_over_rest(live.attempt_id, connection_id, now_ms)
        elif holder == self.name:
            here = any(one.connection_id == connection_id for one in live.presence.sessions)
            lost_ms = None if here else now_ms
        else:
            lost_ms = lost_with_node(await self._sign_of(holder), now_ms)
        return None if lost_ms is None else Disconnect(_NOBODY, connection_id, lost_ms)

    async def before_closing(self, attempt: Attempt) -> Disconnect | None:
        """The same for an attempt whose deadline has passed, where no session of this node has the connection; None:
        whoever had it was there at the deadline, or nobody knows. Raises `NotKnownYet` for some seconds after a node
        has died, until it can be told from one that is slow."""
        connection_id, holder, deadline_ms = attempt.connection_id, attempt.holder, first_deadline(attempt.clocks)
        if connection_id is None or deadline_ms is None or holder == self.name:
            return None
        if holder is None:
            now_ms, attempt_id = self._clock.now_ms(), attempt.identity.attempt_id
            lost_ms, former = await self._lost_over_rest(attempt_id, connection_id, now_ms)
            fate = by_deadline_over_rest(lost_ms, former, self.started_ms, deadline_ms)
        else:
            fate = by_deadline_with_node(await self._sign_of(holder), deadline_ms)
            if not fate.known:
                mark("losses: a silent node may be slow")
        if not fate.known:
            raise NotKnownYet
        if fate.ended_ms is None:
            return None
        mark("losses: found before a closing")
        return Disconnect(_NOBODY, connection_id, fate.ended_ms)

    async def end_if_lost(self, live: LiveAttempt, connection_id: str) -> None:
        """Before a call over REST is carried out. The first one after a crash finds its connection ended, where that
        stops the clock: otherwise the time without a server would be the candidate's loss. She comes again, by
        `resume`."""
        attempt = live.committed
        is_hers = attempt.connection_id == connection_id and attempt.holder is None
        if is_hers and live.terms.pause_on_disconnect and not self._contacts.knows(connection_id):
            lost = await self.find(live)
            if lost is not None:
                await live.run(lost)

    def may_be_unheard(self, attempt: Attempt) -> bool:
        """Whether the connection in force is one over REST, and no call over it has come to this node."""
        connection_id = attempt.connection_id
        return connection_id is not None and attempt.holder is None and not self._contacts.knows(connection_id)

    async def _lost_over_rest(self, attempt_id: str, connection_id: str, now_ms: int) -> tuple[int | None, Sign | None]:
        """When a connection over REST that is lost was last heard of, or None; and the last sign of life of the nodes
        before this one, if it may have ended with them."""
        seen_ms = await self._contacts.seen_elsewhere(connection_id)
        former: Sign | None = None
        if may_have_ended_before(self.started_ms, seen_ms, heard_here=self._contacts.knows(connection_id)):
            former = self._alone_or(await self._nodes.former_sign(self.name, self.started_ms))
            lost_ms = lost_with_former(seen_ms, former)
            if lost_ms is not None:
                return lost_ms, former
        return await self._contacts.lost(attempt_id, connection_id, now_ms), former

    async def _sign_of(self, node: str) -> Sign:
        return self._alone_or(await self._nodes.sign_of(node))

    def _alone_or(self, sign: Sign) -> Sign:
        """Where there is one node at a time, every other one is gone."""
        return sign._replace(gone=True) if self._alone else sign
