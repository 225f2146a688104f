"""Limits the work for callers without a valid token. Their addresses take turns.

A page, a wrong token or an unknown path costs the server about as much as an answer. An address that asks for thousands
of them waits for its turns, and candidates are served in between. There are enough turns for a whole school behind one
address to load its pages. Callers with a valid token never wait here.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from protocol.rate import Bucket
from server.metrics.tally import Tally

PER_SECOND: Final = 250
"""Turns: about a tenth of the time of a core. A thousand candidates load their page, seven requests each, in half a
minute."""
_BURST: Final = 8
"""Turns at once, after a time without any."""
_MOST_OWED: Final = 10_000
"""Number of remembered addresses that left sockets without a hello; the oldest is forgotten first."""
_FREE_HALF_OPEN: Final = 100
"""From this number of sockets without a hello on, a further socket of the same address waits for a turn."""


class Strangers:
    """The turns, and the sockets that have not said hello. `most_half_open`: of all addresses together; one address may
    have half of them."""

    def __init__(self, tally: Tally, most_half_open: int, per_second: int = PER_SECOND) -> None:
        self._tally = tally
        self._most_half_open = most_half_open
        self._bucket = Bucket(per_second, _BURST)
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._half_open: Counter[str] = Counter()
        self._half_opens = 0
        self._owed: OrderedDict[str, int] = OrderedDict()
        self._pumping = False
        self._ended = False

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return sum(map(len, self._waiting.values()))

    @property
    def half_open(self) -> int:
        """Sockets that have not said hello."""
        return self._half_opens

    async def turn(self, address: str) -> None:
        """Returns when it is this address's turn."""
        loop = asyncio.get_running_loop()
        if self._ended or (not self._waiting and not self._bucket.debt_ms(_now_ms(loop))):
            self._bucket.charge(_now_ms(loop))
            return
        self._tally.paced["strangers"] += 1
        mine = loop.create_future()
        self._waiting.setdefault(_network(address), deque()).append(mine)
        if not self._pumping:
            self._pump()
        await mine

    def _pump(self) -> None:
        """Gives each turn to the next waiting request, as soon as the rate allows."""
        loop = asyncio.get_running_loop()
        self._pumping = False
        while self._waiting:
            wait_ms = self._bucket.debt_ms(_now_ms(loop))
            if wait_ms:
                self._pumping = True
                loop.call_later(wait_ms / 1000, self._pump)
                return
            network, queue = self._waiting.popitem(last=False)
            first = queue.popleft()
            if queue:
                # Behind all others: addresses take turns.
                self._waiting[network] = queue
            if not first.done():
                self._bucket.charge(_now_ms(loop))
                first.set_result(None)

    def end(self) -> None:
        """The server stops: releases everybody who waits, so that the server need not wait for them."""
        self._ended = True
        for queue in self._waiting.values():
            for waiting in queue:
                if not waiting.done():
                    waiting.set_result(None)
        self._waiting.clear()

    # Sockets without a hello

    async def enter(self, address: str) -> bool:
        """Whether a further socket of this address may open; if so, `leave` must be called once. An address that left
        sockets without a hello, or has many of them, waits for a turn first. A socket that waits counts as well:
        each has a descriptor."""
        network = _network(address)
        already = self._half_open[network]
        if self._half_opens >= self._most_half_open or already >= self._most_half_open // 2:
            self._tally.paced["half_open"] += 1
            return False
        self._half_open[network] += 1
        self._half_opens += 1
        owed = self._owed.pop(network, 0)
        if owed > 1:
            self._owed[network] = owed - 1
        if owed or already >= _FREE_HALF_OPEN:
            try:
                await self.turn(address)
            except BaseException:
                self.leave(address, known=True)
                raise
        return True

    def leave(self, address: str, *, known: bool) -> None:
        """The socket has said hello, or is gone. `known`: with a valid token; else the address owes a turn."""
        network = _network(address)
        self._half_opens -= 1
        self._half_open[network] -= 1
        if not self._half_open[network]:
            del self._half_open[network]
        if not known:
            self._owed[network] = self._owed.get(network, 0) + 1
            if len(self._owed) > _MOST_OWED:
                self._owed.popitem(last=False)


@lru_cache(4_096)
def _network(address: str) -> str:
    """Count an IPv6 /64 as one address: its owner has 2^64 addresses."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address


def _now_ms(loop: asyncio.AbstractEventLoop) -> int:
    return int(loop.time() * 1000)
