"""Who has which slots of a Redis Cluster."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from server.relay.layout import Slots
from server.relay.servers import Address, Servers
from server.relay.supervised import NotACluster, Outage, Supervised

_EVERY_S: Final = 30.0
_UNSETTLED_S: Final = 1.0
"""How soon to look again while something is not as it should be."""
_PAUSE_S: Final = 0.05
"""Shortest time between two looks, doubled after each fruitless one: when many slots move, there are many hints in a
moment."""
_ASK_S: Final = 2.0
_TELLING: Final = (NotACluster, AuthenticationError, NoPermissionError)


class View(NamedTuple):
    """What one server knows."""

    epoch: int
    """Rises with every change: of two views the one with the higher epoch is the newer."""
    slots: Slots
    members: frozenset[Address]
    """Replicas too."""


class Survey(Supervised):
    """Asks every known server for its view and uses the newest: from time to time, at once after a hint that something
    has moved, and repeatedly until everything is `settled`."""

    def __init__(self, servers: Servers, on_slots: Callable[[Slots], None], settled: Callable[[], bool]) -> None:
        super().__init__("relay survey", self._change)
        self._servers = servers
        self._on_slots = on_slots
        self._settled = settled
        self._outage = Outage("Redis Cluster")
        self._members: frozenset[Address] = frozenset()
        self._wake = asyncio.Event()

    def look(self) -> None:
        """Something may have moved."""
        self._wake.set()

    async def _work(self) -> None:
        pause_s, woken = _PAUSE_S, True
        while True:
            self._wake.clear()
            view = await self._newest()
            self._members = view.members
            self._goes_on()
            self._on_slots(view.slots)
            await asyncio.sleep(pause_s)
            # Not every server knows of a move at once, so look again after this look.
            woken = await self._woken(_UNSETTLED_S if woken or not self._settled() else _EVERY_S)
            pause_s = min(2 * pause_s, _UNSETTLED_S) if woken else _PAUSE_S

    async def _woken(self, within_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                return await self._wake.wait()
        return False

    async def _newest(self) -> View:
        asked = self._members.union(self._servers.seeds)
        answers = await asyncio.gather(*(self._view(address) for address in asked), return_exceptions=True)
        views = [answer for answer in answers if isinstance(answer, View)]
        if not views:
            errors = [answer for answer in answers if isinstance(answer, BaseException)]
            raise next((error for error in errors if isinstance(error, _TELLING)), errors[0])
        return max(views, key=lambda view: view.epoch)

    async def _view(self, address: Address) -> View:
        try:
            async with asyncio.timeout(_ASK_S), self._servers.connection(address) as connection:
                # In this order, a change between the two replies makes the view newer than its epoch, never older.
                commands = [(b"CLUSTER", b"INFO"), (b"CLUSTER", b"SLOTS")]
                await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
                info, ranges = [await connection.read_response(disconnect_on_error=False) for _ in commands]
                return parse_view(info, ranges, address[0])
        except ResponseError as error:
            if "cluster support disabled" in str(error):
                raise NotACluster from None
            raise

    def _change(self, reason: str | None) -> None:
        if reason is None:
            self._outage.over()
        else:
            self._outage.note(reason)


def parse_view(info: bytes, ranges: list[Any], host: str) -> View:
    """From the replies to CLUSTER INFO and CLUSTER SLOTS; `host` is where a server is that does not know its name."""
    fields = dict(line.split(b":", 1) for line in info.splitlines() if b":" in line)
    slots: list[tuple[int, int, Address]] = []
    members: set[Address] = set()
    try:
        for first, last, primary, *replicas in ranges:
            addresses = [((one[0] or b"").decode() or host, int(one[1])) for one in (primary, *replicas)]
            members.update(addresses)
            slots.append((first, last, addresses[0]))
        return View(int(fields[b"cluster_current_epoch"]), Slots.of(slots), frozenset(members))
    except (KeyError, IndexError, TypeError, ValueError):
        raise RedisError("what it says of its slots makes no sense") from None
