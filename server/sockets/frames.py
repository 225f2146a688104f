"""uvicorn's WebSocket with the limits that it lacks: on pings, on the pieces of a message, on a peer that never goes.

Each ping is answered at once, and a peer that reads no answers would fill our memory with them; a message of pieces
without an end is kept until its end; and a closed connection whose peer takes nothing keeps what was written to it.
A handshake that cannot be read is refused by the layer below, but nobody would send its answer or close the connection.
"""

import asyncio
import time
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from protocol import limits
from protocol.codes import CLOSES, Close
from protocol.rate import Bucket

MAX_FRAGMENTS: Final = 128
"""Of one message. No client of ours sends any; a proxy may cut 64 KiB into pieces of 1 KiB."""
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LINGER_S: Final = 5.0
"""How long a connection that has ended may take to be rid of its last bytes."""


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """See above."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pings = Bucket(limits.RATE_PER_SECOND, limits.RATE_BURST, _now_ms())
        self._lingering: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """The whole handshake comes at once: it was read as HTTP before."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
            self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        """One more piece of a message."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(Close.FLOOD, CLOSES[Close.FLOOD])

    def send_receive_event_to_app(self) -> None:
        """A message is whole. A text that is no UTF-8 is a fault of the peer, not an error of ours to be logged."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self._fail(CloseCode.INVALID_DATA)
        else:
            super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """The answer has been made already, and waits to be written."""
        if self._pings.take(_now_ms()):
            super().handle_ping()
        else:
            self._fail(Close.FLOOD, CLOSES[Close.FLOOD])

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Nobody talks here any more."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._lingering = self.loop.call_later(_LINGER_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        super().connection_lost(exc)

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
