"""Subscriptions at one server."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import MovedError

from server.relay.supervised import Supervised
from server.relay.words import Events, Words

_SILENCE_S: Final = 5
"""After this silence we ping a connection; after as long again it counts as dead."""
_FORGED_AT_ONCE: Final = 200
_FORGED_PAUSE_S: Final = 0.05
"""After this many foreign messages we stop reading for this long, so that a flood takes about a tenth of the loop. If
we fall too far behind, Redis ends the connection, which is a gap like any other."""


class Hearer(Supervised):
    """Subscribes to the wanted channels at one server. A broken connection is a gap."""

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
        self._wanted: set[str] = set()
        self._changed = asyncio.Event()
        self._begin()

    def _begin(self) -> None:
        self._asked: set[str] = set()
        """Channels that we have asked for or already hear."""
        self._heard: set[str] = set()
        self._pending: Counter[str] = Counter()
        """Unanswered commands by channel: after the last answer the channel is as we asked."""
        self._fresh = False
        self._forged = 0
        """Foreign messages since the last pause."""

    def want(self, channel: str) -> None:
        self._wanted.add(channel)
        self._changed.set()

    def forget(self, channel: str) -> None:
        self._wanted.discard(channel)
        self._changed.set()

    def want_only(self, channels: set[str]) -> None:
        self._wanted = set(channels)
        self._changed.set()

    def ask_again(self) -> None:
        """Repeats the subscriptions that were refused."""
        self._changed.set()

    @property
    def hears_all(self) -> bool:
        """Whether the server has confirmed every wanted channel."""
        return self.up and self._wanted <= self._heard and not self._wanted & self._pending.keys()

    async def _work(self) -> None:
        self._begin()
        async with self._connect() as connection, asyncio.TaskGroup() as both:
            both.create_task(self._ask(connection))
            both.create_task(self._read(connection))

    async def _ask(self, connection: AbstractConnection) -> None:
        while True:
            self._changed.clear()
            new, old = self._wanted - self._asked, self._asked - self._wanted
            self._asked = set(self._wanted)
            self._pending.update([*new, *old])
            # One command each: sharded channels go into one only where they share a slot.
            commands = [(self._words.subscribe, channel) for channel in new]
            commands += [(self._words.unsubscribe, channel) for channel in old]
            if commands:
                await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            await self._changed.wait()

    async def _read(self, connection: AbstractConnection) -> None:
        doubted = False
        while True:
            if self._forged >= _FORGED_AT_ONCE:
                self._forged = 0
                await _pause()
            try:
                reply = await connection.read_response(timeout=_SILENCE_S, disconnect_on_error=False)
            except MovedError as error:
                self._refused(error.slot_id)
                continue
            if reply is not None:
                doubted = False
                self._take(reply)
            elif doubted:
                raise TimeoutError
            else:
                doubted = True
                await connection.send_packed_command(connection.pack_command(b"PING"), check_health=False)

    def _take(self, reply: list[bytes]) -> None:
        kind = reply[0]
        if kind == self._words.message:
            self._forged += not self._events.message(reply[1].decode(), reply[2])
        elif kind == self._words.subscribed:
            channel = reply[1].decode()
            self._heard.add(channel)
            self._fresh = True
            self._answered(channel)
        elif kind == self._words.unsubscribed:
            channel = reply[1].decode()
            self._heard.discard(channel)
            if not self._answered(channel):
                # The slot has moved to another server.
                self._asked.discard(channel)
                self._events.moved()

    def _refused(self, slot: int) -> None:
        for channel in [name for name in self._asked | self._pending.keys() if key_slot(name.encode()) == slot]:
            self._asked.discard(channel)
            self._heard.discard(channel)
            self._pending.pop(channel, None)
        self._settle()
        self._events.moved()

    def _answered(self, channel: str) -> bool:
        """Whether the server was asked for what it has said."""
        if channel not in self._pending:
            return False
        self._pending[channel] -= 1
        if not self._pending[channel]:
            del self._pending[channel]
        self._settle()
        return True

    def _settle(self) -> None:
        if not self._pending:
            self._goes_on()
            if self._fresh:
                self._fresh = False
                self._events.gap()


async def _pause() -> None:
    await asyncio.sleep(_FORGED_PAUSE_S)
