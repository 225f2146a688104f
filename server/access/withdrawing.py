"""Tokens that are withdrawn: told to other nodes, and their connections ended."""

import asyncio
from collections.abc import Callable

from protocol.attempt.model import Role
from server.access.principal import Principal
from server.access.revocations import REVOCATIONS_CHANNEL, Withdrawn
from server.pacing.repeating import Repeating
from server.presence.connections import Connections
from server.relay import Relay
from storage.revocations import Revocation


class Withdrawing:
    """Withdraws on this node, and hears of the others. `covers` says whose token is withdrawn; `keep` is given work
    that the node finishes before it stops."""

    def __init__(
        self,
        node: str,
        withdrawn: Withdrawn,
        covers: Callable[[Principal], bool],
        connections: Connections,
        relay: Relay,
        keep: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._node = node
        self._withdrawn = withdrawn
        self._covers = covers
        self._connections = connections
        self._relay = relay
        self._learning = Repeating(self.learn, keep, "learn revocations")

    async def withdraw(self, revocation: Revocation, role: Role) -> None:
        """Stores a withdrawal by somebody in this role, and returns when it is durable. From then on this node refuses
        the tokens, and soon every other node does."""
        await self._withdrawn.add(revocation, role)
        self._end_revoked()
        self._relay.publish(REVOCATIONS_CHANNEL, self._node.encode())

    def hear(self, data: bytes) -> None:
        """Another node says that it has withdrawn something."""
        if data != self._node.encode():
            self._learning.ask()

    async def learn(self) -> None:
        """Reads what others have withdrawn."""
        if await self._withdrawn.refresh():
            self._end_revoked()

    def _end_revoked(self) -> None:
        self._connections.end_revoked(self._covers)
