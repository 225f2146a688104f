"""Messages between nodes: within this process, or over Redis pub/sub. They make things fast; correctness never depends
on them."""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

Listener = Callable[[bytes], None]
Unsubscribe = Callable[[], None]


class Relay(Protocol):
    """Delivers at most once, in order per sender. Listeners notice a lost message by a gap in the numbers, and ask
    again."""

    @property
    def healthy(self) -> bool:
        """Whether messages pass at the moment."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other nodes may be listening."""
        ...

    async def start(self) -> None:
        """Begins to relay. Does not wait for a Redis that is away."""
        ...

    async def close(self) -> None:
        """Stops. Unsent messages are lost."""
        ...

    def publish(self, channel: str, data: bytes) -> None:
        """Never waits. Subscribers of this process get it too, at once."""
        ...

    def subscribe(self, channel: str, listener: Listener) -> Unsubscribe:
        """Calls `listener` with every message on the channel."""
        ...

    def on_gap(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when messages of other nodes may have been lost, and can pass again."""
        ...


@runtime_checkable
class Measured(Protocol):
    """A relay over a network, with its delay and its queue."""

    @property
    def lag_s(self) -> float:
        """How long the newest probe took to come back, or has been on its way."""
        ...

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent to other nodes."""
        ...

    @property
    def dropped(self) -> Mapping[str, int]:
        """Messages that were not heard, by reason: see `server.relay.seal.Verdict`."""
        ...
