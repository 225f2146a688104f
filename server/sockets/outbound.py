"""The bounded queue of messages to one socket, with one writer."""

import asyncio
from collections.abc import Callable

from protocol import codec, limits
from protocol.codes import CLOSES, Close
from protocol.messages.connection import Goodbye


class Outbound:
    """Messages in order, then perhaps a close. A peer that is too slow to take them is closed, never waited for."""

    __slots__ = ("_bytes", "_close", "_ended", "_messages", "_on_ready", "_ready", "on_end")

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._bytes = 0
        self._ready: asyncio.Future[None] | None = None
        self._on_ready: Callable[[bool], None] | None = None
        self._close: Close | None = None
        self._ended: asyncio.Future[None] | None = None
        self.on_end: Callable[[], None] = _nothing
        """Called once, when it is decided that the socket is to be closed."""

    @property
    def closing(self) -> Close | None:
        """Why the socket is being closed, if it is."""
        return self._close

    @property
    def waiting(self) -> int:
        """Messages that wait to be written."""
        return len(self._messages)

    def send(self, data: bytes, *, at_once: bool = False) -> None:
        """Queues one message; after a close nothing more. `at_once`: it is written now, if that can be done, and not in
        the next turn of the loop. Not for use while the session is fed."""
        if self._close is not None:
            return
        self._messages.append(data)
        self._bytes += len(data)
        if len(self._messages) > limits.OUTBOX_MESSAGES or self._bytes > limits.OUTBOX_BYTES:
            self._messages.clear()
            self._bytes = 0
            self._end(Close.SLOW_CONSUMER)
            at_once = False
        self._wake(at_once)

    def close(self, code: Close, detail: str | None = None, after_ms: int | None = None) -> None:
        """Says goodbye and closes, after what is queued."""
        if self._close is None:
            self.send(codec.encode(Goodbye(int(code), detail or CLOSES[code], after_ms)))
            self._end(code)

    def _end(self, code: Close) -> None:
        """Keeps the first reason."""
        if self._close is None:
            self._close = code
            self.on_end()
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(None)
        self._wake()

    def _wake(self, at_once: bool = False) -> None:
        if self._on_ready is not None:
            self._on_ready(at_once)
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def abandon(self) -> None:
        """The peer is gone: drops the queue."""
        self._messages.clear()
        self._end(Close.NORMAL)
        self._on_ready, self.on_end = None, _nothing

    async def until_end(self, within_s: float) -> None:
        """Returns when it is decided that the socket is to be closed, or the time is over. For the one reader."""
        if self._close is None:
            self._ended = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._ended], timeout=within_s)
            self._ended = None

    def hand_over(self, on_ready: Callable[[bool], None]) -> None:
        """From now on `on_ready` is called when there is something to `take`: with True, at once."""
        self._on_ready = on_ready
        self._wake()

    async def next(self) -> bytes | Close:
        """The next message, or the close at the end of them. For the one writer, where nothing was handed over."""
        while (item := self.take()) is None:
            self._ready = asyncio.get_running_loop().create_future()
            await self._ready
            self._ready = None
        return item

    def take(self) -> bytes | Close | None:
        """The same, if it is there."""
        if not self._messages:
            return self._close
        data = self._messages.pop(0)
        self._bytes -= len(data)
        return data


def _nothing() -> None:
    """The default: nothing waits for the end."""
