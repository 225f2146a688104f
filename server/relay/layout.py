"""Which server carries which channel."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from server.relay.servers import Address


class Layout(Protocol):
    @property
    def servers(self) -> frozenset[Address]:
        """All servers that carry channels."""
        ...

    def home(self, channel: str) -> Address | None:
        """The server that carries the channel, or None."""
        ...


@dataclass(frozen=True)
class OneServer:
    """A single Redis carries all."""

    address: Address

    @property
    def servers(self) -> frozenset[Address]:
        return frozenset({self.address})

    def home(self, channel: str) -> Address | None:
        return self.address


@dataclass(frozen=True)
class Slots:
    """A cluster: every channel is in a slot, and every slot has a primary, or none for the moment."""

    primaries: tuple[Address | None, ...] = (None,) * REDIS_CLUSTER_HASH_SLOTS

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int, Address]]) -> "Slots":
        """From the first slot, the last one and the primary of each range."""
        primaries: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, address in ranges:
            primaries[first : last + 1] = [address] * (last + 1 - first)
        return cls(tuple(primaries))

    @property
    def servers(self) -> frozenset[Address]:
        return frozenset(address for address in self.primaries if address is not None)

    def home(self, channel: str) -> Address | None:
        return self.primaries[key_slot(channel.encode())]


def channel_at(layout: Layout, server: Address, prefix: str) -> str:
    """A channel that begins with `prefix` and that this one of the layout's servers carries; always the same one."""
    return next(name for number in count() if layout.home(name := f"{prefix}{number}") == server)
