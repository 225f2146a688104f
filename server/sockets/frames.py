"""uvicorn's WebSocket with the limits that it lacks: on pings, on the pieces of a message, on a peer that never goes.

Each ping is answered at once, and a peer that reads no answers would fill our memory with them; a message of pieces
without an end is kept until its end; and a closed connection whose peer takes nothing keeps what was written to it.
"""

import asyncio
import time
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from protocol import limits
from protocol.codes import CLOSES, Close
from protocol.rate import Bucket

MAX_FRAGMENTS: Final = 128
"""Of one message. No client of ours sends any; a proxy may cut 64 KiB into pieces of 1 KiB."""
_LINGER_S: Final = 5.0
"""How long a connection that has ended may take to be rid of its last bytes."""


class LimitedWebSocket(WebSocketsSansIOProtocol):
    """See above."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pings = Bucket(limits.RATE_PER_SECOND, limits.RATE_BURST, _now_ms())
        self._lingering: asyncio.TimerHandle | None = None

    def handle_cont(self, event: Frame) -> None:
        """One more piece of a message."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._flooded()

    def handle_ping(self) -> None:
        """The answer has been made already, and waits to be written."""
        if self._pings.take(_now_ms()):
            super().handle_ping()
        else:
            self._flooded()

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

    def _flooded(self) -> None:
        if not self.close_sent:
            self.conn.fail(Close.FLOOD, CLOSES[Close.FLOOD])
            self.handle_parser_exception()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
