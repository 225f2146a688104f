"""What one hearer or sender tells, kept."""

from functools import partial

from server.relay.hearer import Hearer
from server.relay.sender import Sender
from server.relay.servers import Servers
from server.relay.words import PLAIN, SHARDED, Events
from tests.services.redis import RedisServer


class Told:
    """Everything that a hearer and a sender at one server have told."""

    def __init__(self, server: RedisServer, url: str) -> None:
        servers = Servers(url)
        words = SHARDED if servers.are_cluster else PLAIN
        connect = partial(servers.connection, (server.host, server.port))
        events = Events(self._hear, self._gap, self._moved)
        self.messages: list[tuple[str, bytes]] = []
        self.gaps = self.moves = 0
        self.changes: list[str | None] = []
        self.hearer = Hearer("hearer", words, connect, events, self.changes.append)
        self.sender = Sender("sender", words, connect, events, self.changes.append)

    def _hear(self, channel: str, data: bytes) -> bool:
        self.messages.append((channel, data))
        return not data.startswith(b"forged")

    def _gap(self) -> None:
        self.gaps += 1

    def _moved(self) -> None:
        self.moves += 1
