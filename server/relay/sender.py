"""Messages on their way to one server."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import MovedError

from server.relay.supervised import Supervised
from server.relay.words import Events, Words

Message = tuple[str, bytes]
"""The channel's name and the data, as Redis gets them."""

QUEUE: Final = 10_000
"""Messages that wait while Redis is away. Beyond this the oldest are dropped, and listeners notice the gap by the
numbers."""
_BATCH: Final = 200
_STALLED_S: Final = 5
"""How long a server may take over a batch."""


class Sender(Supervised):
    """Sends in order, each message at most once: messages on their way when the connection breaks are not sent
    again."""

    def __init__(
        self,
        name: str,
        words: Words,
        connect: Callable[[], AbstractAsyncContextManager[AbstractConnection]],
        events: Events,
        on_change: Callable[[str | None], None],
    ) -> None:
        super().__init__(name, on_change)
        self._words = words
        self._connect = connect
        self._events = events
        self._waiting: deque[Message] = deque(maxlen=QUEUE)
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Message) -> None:
        self._waiting.append(message)
        self._wake.set()

    def take_all(self) -> list[Message]:
        """Removes and returns the waiting messages, for another sender."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def check(self) -> None:
        """Checks whether the server is gone before sending something to it."""
        self._wake.set()

    async def _work(self) -> None:
        async with self._connect() as connection:
            while True:
                await _check(connection)
                while self._waiting:
                    batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                    async with asyncio.timeout(_STALLED_S):
                        await self._send(connection, batch)
                    self._goes_on()
                self._wake.clear()
                await self._wake.wait()

    async def _send(self, connection: AbstractConnection, batch: list[Message]) -> None:
        packed = connection.pack_commands([(self._words.publish, channel, data) for channel, data in batch])
        await connection.send_packed_command(packed, check_health=False)
        moved = False
        for _ in batch:
            try:
                await connection.read_response(disconnect_on_error=False)
            except MovedError:
                # Drop it: sent again it might arrive after later messages that already take the new route.
                moved = True
        if moved:
            self._events.moved()


async def _check(connection: AbstractConnection) -> None:
    # Between two batches nothing arrives here except the end of the connection.
    if await connection.can_read():
        raise ConnectionResetError
