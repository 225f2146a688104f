"""The relay's link to one server: two connections, each with a loop that restarts after any failure."""

from functools import partial

from server.relay.hearer import Hearer
from server.relay.probe import Probe
from server.relay.sender import Message, Sender
from server.relay.servers import Address, Servers
from server.relay.supervised import Outage
from server.relay.words import PLAIN, SHARDED, Events


class Link:
    """Sends to and hears from one server, and measures how long that takes."""

    def __init__(self, servers: Servers, address: Address, events: Events, probe_channel: str) -> None:
        name = f"{address[0]}:{address[1]}" if address[1] else address[0]
        words = SHARDED if servers.are_cluster else PLAIN
        self._events = events
        self._outage = Outage(f"Redis at {name}")
        connect = partial(servers.connection, address)
        self._sender = Sender(f"relay to {name}", words, connect, events, self._change)
        self._hearer = Hearer(f"relay from {name}", words, connect, events, self._change)
        self.probe = Probe(probe_channel)

    @property
    def healthy(self) -> bool:
        """Whether messages go to it and come from it on every channel that is wanted."""
        return self._sender.up and self._hearer.hears_all

    @property
    def waiting(self) -> int:
        return len(self._sender)

    def start(self) -> None:
        self._sender.start()
        self._hearer.start()

    async def close(self) -> None:
        await self._sender.close()
        await self._hearer.close()

    def send(self, message: Message) -> None:
        self._sender.put(message)

    def take_waiting(self) -> list[Message]:
        """Removes and returns the unsent messages."""
        return self._sender.take_all()

    def want(self, channel: str) -> None:
        """Listens to the channel at this server."""
        self._hearer.want(channel)

    def forget(self, channel: str) -> None:
        """Stops listening to the channel."""
        self._hearer.forget(channel)

    def want_only(self, channels: set[str]) -> None:
        """Listens to exactly these channels."""
        self._hearer.want_only(channels)

    def ask_again(self) -> None:
        """Repeats the subscriptions that this server has refused."""
        self._hearer.ask_again()

    def _change(self, reason: str | None) -> None:
        if reason is not None:
            self._sender.check()
            if self._outage.note(reason):
                self._events.moved()
        elif self._sender.up and self._hearer.up:
            self._outage.over()
