"""Candidates who call over REST: if one falls silent, her connection is ended, as a socket would be."""

from typing import Final

from protocol.attempt.commands import Disconnect
from protocol.attempt.model import Actor, Role
from server.attempts.registry import Registry
from storage.nodes import Nodes

_SILENCE: Final = Actor(Role.SYSTEM, "silence")


class Contacts:
    """The connections that this node has heard over REST. A candidate's calls may reach any node, so the database is
    asked what other nodes have heard before a connection is ended."""

    def __init__(self, nodes: Nodes, registry: Registry, silence_ms: int) -> None:
        self._nodes = nodes
        self._registry = registry
        self._silence_ms = silence_ms
        self._heard: dict[str, tuple[str, int]] = {}
        self._fresh: dict[str, int] = {}
        self._met: set[str] = set()
        """Those of `_heard` from which a call has come to this node; for the others it only listens."""

    def heard(self, attempt_id: str, connection_id: str, now_ms: int) -> None:
        """A call came over this connection."""
        self._heard[connection_id] = attempt_id, now_ms
        self._fresh[connection_id] = now_ms
        self._met.add(connection_id)

    def knows(self, connection_id: str) -> bool:
        """Whether a call over that connection has come to this node."""
        return connection_id in self._met

    async def seen_elsewhere(self, connection_id: str) -> int | None:
        """When any node had last heard of it, as far as that is written down."""
        return (await self._nodes.contacts([connection_id])).get(connection_id)

    async def lost(self, attempt_id: str, connection_id: str, now_ms: int) -> int | None:
        """When a silent connection was last heard by any node; None while it is not silent. A connection that no node
        remembers counts as heard now: its node may have died before it wrote anything down."""
        heard = self._heard.get(connection_id)
        elsewhere = await self._nodes.contacts([connection_id])
        if heard is None and not elsewhere:
            self._heard[connection_id] = attempt_id, now_ms
            return None
        seen_ms = max(0 if heard is None else heard[1], elsewhere.get(connection_id, 0))
        return seen_ms if seen_ms < now_ms - self._silence_ms else None

    async def look(self, now_ms: int) -> None:
        """Stores what was heard, and ends the connections that are silent on every node."""
        if self._fresh:
            fresh, self._fresh = self._fresh, {}
            await self._nodes.keep_contacts(fresh)
        silent_ms = now_ms - self._silence_ms
        silent = [name for name, (_, seen_ms) in self._heard.items() if seen_ms < silent_ms]
        if not silent:
            return
        elsewhere = await self._nodes.contacts(silent)
        for name in silent:
            attempt_id, seen_ms = self._heard[name]
            seen_ms = max(seen_ms, elsewhere.get(name, 0))
            if seen_ms >= silent_ms:
                self._heard[name] = attempt_id, seen_ms
                continue
            await self._registry.execute(attempt_id, Disconnect(_SILENCE, name, seen_ms))
            if self._heard.get(name, ("", 0))[1] <= seen_ms:
                self._heard.pop(name, None)
                self._met.discard(name)
