"""uvicorn's WebSocket with the limits that it lacks: on reading ahead, on pings, on fragments of a message, and on a
peer that never closes.

uvicorn stops reading while a message waits for the application, but parses everything received so far: a quarter of a
megabyte of the smallest messages would become many megabytes of objects, even before a hello. So its parser is given
one whole frame at a time. It answers each ping at once, so a peer that never reads would fill our memory with pongs. It
buffers a fragmented message without limit. It keeps the output of a closed connection whose peer reads nothing. And it
neither sends the refusal of an unreadable handshake nor closes that connection.
"""

import asyncio
import time
from functools import partial
from typing import Any, Final, cast

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from protocol import limits
from protocol.codes import CLOSES, Close
from protocol.rate import Bucket
from server.pacing.turns import turns
from server.sockets.framing import first_frame
from server.sockets.waiting import Flag, Inbox

MAX_FRAGMENTS: Final = 128
"""Of one message. No client of ours sends any; a proxy may cut 64 KiB into pieces of 1 KiB."""
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LINGER_S: Final = 5.0
"""How long an ended connection may take to send its last bytes."""


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """See above."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Flag()  # type: ignore[assignment]
        self._pings = Bucket(limits.RATE_PER_SECOND, limits.RATE_BURST)
        self._lingering: asyncio.TimerHandle | None = None
        self._unread = bytearray()
        self._held: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Some bytes, of which no more are parsed than wanted. The whole handshake comes at once: it was read as HTTP
        before."""
        if not self.handshake_initiated:
            self._parse(data)
            return
        self._unread += data
        if self._held is not None:
            self.transport.pause_reading()
        self._read_on()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message. When the last parsed message is taken, more bytes are parsed. Whoever sends many at once
        has one read in each turn of the loop."""
        queue = self.queue
        if not queue.empty():
            await asyncio.sleep(0)
        elif self.handshake_complete and self.request.headers:
            self._forget_handshake()
        message = await queue.get()
        if self.read_paused and queue.empty():
            self.read_paused = False
            self.transport.resume_reading()
        if self._unread:
            self._read_on()
        return message

    def _forget_handshake(self) -> None:
        """The application has had the request. It would stay, in three forms, for as long as the connection does."""
        self.request.headers.clear()
        self.response.headers.clear()
        cast("dict[str, object]", self.scope).clear()

    @property
    def wants_more(self) -> bool:
        """Whether the application takes another message."""
        return not self.read_paused

    def _read_on(self) -> None:
        unread = self._unread
        while self.wants_more and self._held is None and self.conn.parser_exc is None:
            size = first_frame(unread, limits.MAX_READ_BYTES)
            if not size:
                break
            frame = bytes(unread[:size])
            del unread[:size]
            self._take_frame(frame)

    @property
    def _frame_waits(self) -> bool:
        """Whether a whole frame has come that is not parsed yet."""
        return bool(first_frame(self._unread, limits.MAX_READ_BYTES)) and self.conn.parser_exc is None

    def _take_frame(self, frame: bytes) -> None:
        self._parse(frame)

    def _parse(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
            self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        """One more piece of a message."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(Close.PROTOCOL_ERROR, CLOSES[Close.PROTOCOL_ERROR])

    def send_receive_event_to_app(self) -> None:
        """A message is whole. A text that is no UTF-8 is a fault of the peer, not an error of ours to be logged."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self._fail(CloseCode.INVALID_DATA)
        else:
            self.deliver()

    def deliver(self) -> None:
        """Gives a message to the application."""
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """The pong is already queued. A peer that sends too many pings is not read for a while."""
        wait_ms = self._pings.charge(_now_ms())
        super().handle_ping()
        if wait_ms and self._held is None:
            self.transport.pause_reading()
            self._held = self.loop.call_later(wait_ms / 1000, self._release)

    def _release(self) -> None:
        self._held = None
        if not self.read_paused:
            self.transport.resume_reading()
            self._read_on()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has finished with this connection."""
        super().on_task_complete(task)
        self.linger()

    def linger(self) -> None:
        """Nothing follows: the connection ends soon, whatever the peer does."""
        if not self.disconnected:
            self._lingering = self.loop.call_later(_LINGER_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone: nothing is written to it any more. What follows has a turn of its own, since hundreds of
        connections may end at the same instant."""
        for timer in (self._lingering, self._held):
            if timer is not None:
                timer.cancel()
        self._lingering = self._held = None
        self._unread.clear()
        self.disconnected = self.handshake_complete = True
        turns().next(partial(self.lost, exc))

    def lost(self, exc: Exception | None) -> None:
        """Says so to whoever waits for a message, and lets go of what refers back to this one: it would stay until
        garbage is looked for."""
        super().connection_lost(exc)
        del self.conn.parser

    def shutdown(self) -> None:
        """The server stops."""
        if not self.disconnected:
            super().shutdown()

    def _fail(self, code: int, reason: str = "") -> None:
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
