"""All rooms of this node, and the one task that flushes them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Set

from protocol.marks import mark
from protocol.messages.monitor import Row
from protocol.rules.scope import WHOLE, TokenScope
from server.attempts.live import LiveAttempt
from server.clock import Clock
from server.monitor.room import Room, Watcher
from server.relay import Relay
from storage.attempts import Attempts

log = logging.getLogger(__name__)

_PAGE = 1_000
_AT_ONCE = 200
"""Attempts that one look may bring up to date."""


_ANSWER_S = 0.2
"""How long rows take from one node to another at most, where the relay is well."""


class _Nobody:
    """Watches without being told."""

    def send(self, data: bytes) -> None:
        """Nothing is kept."""


class Rooms:
    """Rooms by organisation and test, made when somebody sits or watches."""

    def __init__(
        self,
        *,
        node: str,
        clock: Clock,
        relay: Relay,
        store: Attempts,
        flush_ms: int,
        live: Callable[[str, str], Collection[LiveAttempt]],
        bring_up: Callable[[str], Awaitable[bool]],
        living: Callable[[], Awaitable[Set[str]]],
        members: Callable[[str, Collection[str]], Awaitable[frozenset[str]]],
    ) -> None:
        """`live` gives this node's live attempts at one test; `bring_up` reads an attempt's log and shows it, or
        returns False: its candidate was erased; `living` names the nodes that give signs of life; `members` gives the
        users who are in one of some groups at least."""
        self._node = node
        self._clock = clock
        self._relay = relay
        self._store = store
        self._flush_s = flush_ms / 1000
        self._live = live
        self._bring_up = bring_up
        self._members = members
        self._living = living
        self._rooms: dict[tuple[str, str], Room] = {}
        relay.on_gap(self._on_gap)

    def changed(self, live: LiveAttempt) -> None:
        """Something about an attempt is to be shown."""
        identity = live.committed.identity
        room = self._rooms.get((identity.org_id, identity.test_id))
        if room is None:
            room = self.room(identity.org_id, identity.test_id)
        room.changed(live)

    async def join(
        self, org_id: str, test_id: str, watcher: Watcher, scope: TokenScope = WHOLE, *, marks: bool = True
    ) -> Room:
        """Sends a watcher the whole picture of what she may see of a test, with `marks` or without them; changes follow
        until she leaves the room."""
        room = self.room(org_id, test_id)
        members = frozenset() if scope.groups is None else await self._members(org_id, scope.groups)
        await room.join(watcher, scope, members, marks=marks)
        return room

    async def connections(self, org_id: str, test_id: str) -> dict[str, str]:
        """Attempt → how its candidate is connected, as all nodes say. Where nobody watches here they are asked."""
        room = self.room(org_id, test_id)
        if room.is_watched:
            return room.connections
        nobody = _Nobody()
        await room.join(nobody)
        try:
            # Nodes answer with their next flush.
            await asyncio.sleep(2 * self._flush_s + _ANSWER_S)
            return room.connections
        finally:
            room.leave(nobody)

    def tell(self, org_id: str, test_id: str, data: bytes, scope: TokenScope) -> None:
        """Sends a message to those who watch the test here and may see all that lies in `scope`."""
        room = self._rooms.get((org_id, test_id))
        if room is not None:
            room.tell(data, scope)

    def room(self, org_id: str, test_id: str) -> Room:
        """The room of one test."""
        key = (org_id, test_id)
        room = self._rooms.get(key)
        if room is None:
            room = Room(
                org_id,
                test_id,
                node=self._node,
                clock=self._clock,
                relay=self._relay,
                read_rows=lambda: self._read_rows(org_id, test_id),
                live=lambda: self._live(org_id, test_id),
            )
            self._rooms[key] = room
        return room

    async def run(self) -> None:
        """Flushes every room again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._flush_s)
            self.flush()

    def flush(self) -> None:
        """Flushes every room once. A room that fails does not keep the others waiting."""
        for room in list(self._rooms.values()):
            try:
                room.flush()
            except Exception:
                log.exception("Flushing a room failed")

    async def catch_up(self) -> None:
        """Shows what no node has announced: records whose node died right after their commit, that candidates who were
        connected to it have gone, and that somebody was erased whose attempt no node had in memory. Handles a limited
        number of records at a time; the next look finds the rest."""
        for room in list(self._rooms.values()):
            shown = room.shown
            positions = await self._store.positions(list(shown))
            room.forget_ahead(shown, positions)
            behind = room.behind(positions)[:_AT_ONCE]
            readable = [await self._bring_up(attempt_id) for attempt_id in behind]
            if not all(readable):
                mark("rooms: erased while no node had the attempt")
                room.refresh()
            if room.unsure:
                room.give_up(await self._living())

    async def follow_groups(self) -> None:
        """Looks who is in the groups that somebody watches: people join and leave."""
        for (org_id, _), room in list(self._rooms.items()):
            for scope in room.grouped:
                if scope.groups is not None:
                    room.regroup(scope, await self._members(org_id, scope.groups))

    def forget_empty(self) -> None:
        """Forgets rooms without candidates and watchers."""
        for key, room in list(self._rooms.items()):
            if not room.in_use and not self._live(*key):
                room.close()
                del self._rooms[key]

    def _on_gap(self) -> None:
        for room in self._rooms.values():
            room.ask_again()

    async def _read_rows(self, org_id: str, test_id: str) -> list[Row]:
        rows: list[Row] = []
        after: str | None = None
        while True:
            page = await self._store.rows(org_id, test_id, after, _PAGE)
            rows += page
            if len(page) < _PAGE:
                return rows
            after = page[-1].attempt_id
