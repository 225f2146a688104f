"""The relay of a single node: what is published is heard in this process."""

from collections.abc import Callable

from server.relay import Listener, Unsubscribe
from server.relay.subscribers import Subscribers


class LocalRelay:
    """Delivers at once, and loses nothing."""

    def __init__(self) -> None:
        self._subscribers = Subscribers()

    @property
    def healthy(self) -> bool:
        return True

    @property
    def shared(self) -> bool:
        return False

    async def start(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Nothing to end."""

    def publish(self, channel: str, data: bytes) -> None:
        self._subscribers.tell(channel, data)

    def subscribe(self, channel: str, listener: Listener) -> Unsubscribe:
        return self._subscribers.add(channel, listener)[0]

    def on_gap(self, listener: Callable[[], None]) -> None:
        """There are none."""
