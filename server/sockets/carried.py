"""A WebSocket that goes on without its ASGI application once that has handed over its session (`carrier.py`)."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from websockets.http11 import Request
from websockets.protocol import OPEN, Protocol

from server.sockets.carrier import EXTENSION, NO_TEXT, Carrier, Fed
from server.sockets.frames import LimitedWebSocket
from server.sockets.framing import short_frame, short_message

log = logging.getLogger(__name__)

_OF_THE_HANDSHAKE: Final = {
    *("app", "app_state", "asgi_version", "config", "default_headers", "ping_interval", "ping_timeout", "request"),
    *("response", "root_path", "scheme", "scope", "server"),
}
"""Attributes that nothing needs after the handshake."""
_AS_ALWAYS: Final[dict[str, Any]] = {
    "client": None,
    "close_timeout": 10.0,
    "handshake_complete": True,
    "handshake_initiated": True,
    "initial_response": None,
    "last_ping_rtt": 0.0,
    "pending_ping_payload": None,
    "ping_sent_at": 0.0,
    "ping_timer": None,
    "pong_timer": None,
}
"""Attributes that are the same for all connections from then on: the class has them."""
_OVER: Final = _OF_THE_HANDSHAKE | set(_AS_ALWAYS)


class CarriedWebSocket(LimitedWebSocket):
    """See above. Until then, and for an application that keeps its session, it is as any other."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._carrier: Carrier | None = None

    def handle_connect(self, event: Request) -> None:
        """The handshake was read: the application is started."""
        super().handle_connect(event)
        if not self.handshake_complete:
            # Nothing but the request has been parsed, which the parser would keep for as long as it runs.
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)
            self.scope["extensions"] |= {EXTENSION: self.carry}  # type: ignore[dict-item]

    async def run_asgi(self) -> None:
        """The application's task: as uvicorn's, but a session that was handed over outlives it."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            log.exception("A socket failed")
            self.send_500_response()
        if self._carrier is None and self.close_timer is None:
            self.transport.close()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has ended."""
        if self._carrier is None:
            super().on_task_complete(task)
        else:
            self.tasks.discard(task)

    def lost(self, exc: Exception | None) -> None:
        """Lets go of the carrier, which ends in the next turn."""
        super().lost(exc)
        if self._carrier is not None:
            self._carrier = None
            del self.queue

    def carry(self, session: Fed, on_end: Callable[[], None], last_words_s: float) -> Carrier:
        """A `Carry`: from now on messages go to the session, and nobody asks for the request any more."""
        self._carrier = carrier = Carrier(self, session, on_end, last_words_s)
        came, self.queue = self.queue, carrier  # type: ignore[assignment]
        while not came.empty():
            event = came.get_nowait()
            if event["type"] == "websocket.receive":
                data = event.get("bytes")
                carrier.take(NO_TEXT if data is None else data)
            else:
                carrier.put_nowait(event)
        # A dictionary never shrinks by itself.
        self.__dict__ = {name: value for name, value in vars(self).items() if name not in _OVER}
        self._read_on()
        return carrier

    # In

    def data_received(self, data: bytes) -> None:
        """Some bytes: nearly always one short message, which goes straight to the session."""
        carrier = self._carrier
        if carrier is not None and not self._unread and self._held is None and carrier.hungry:
            message = self._short(data)
            if message is not None:
                carrier.take(message)
                carrier.rest(False)
                return
        super().data_received(data)

    def _short(self, data: bytes) -> bytes | None:
        """The message, where `data` is nothing but a short one that a session may have now. The parser has had whole
        frames alone, so that a new one begins here."""
        return None if self.frames or self.conn.state is not OPEN else short_message(data)

    def _take_frame(self, frame: bytes) -> None:
        message = None if self._carrier is None else self._short(frame)
        if message is None:
            super()._take_frame(frame)
        elif self._carrier is not None:
            self._carrier.take(message)

    @property
    def wants_more(self) -> bool:
        """Whether another message is taken."""
        return super().wants_more if self._carrier is None else self._carrier.hungry

    def read_on(self) -> None:
        """Reads what has come, as long as the carrier is hungry."""
        self._read_on()

    def _read_on(self) -> None:
        super()._read_on()
        if self._carrier is not None:
            self._carrier.rest(self._held is None and self._frame_waits)

    def deliver(self) -> None:
        """Gives a message to the application, or to the carrier."""
        carrier = self._carrier
        if carrier is None:
            super().deliver()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            carrier.take(data if self.curr_msg_data_type == "bytes" else NO_TEXT)

    def pause(self) -> None:
        """Takes nothing from the network for now."""
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Takes more from the network."""
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            if self._held is None:
                self.transport.resume_reading()

    # Out

    @property
    def can_write(self) -> bool:
        """Whether the peer takes what is written."""
        return self.writable.is_set()

    def resume_writing(self) -> None:
        """The peer has taken what was written."""
        super().resume_writing()
        if self._carrier is not None:
            self._carrier.ready()

    def write(self, data: bytes) -> None:
        """One message to the peer, if it is still there."""
        if self.disconnected or self.conn.state is not OPEN:
            return
        frame = short_frame(data)
        if frame is None:
            self.conn.send_binary(data)
            frame = b"".join(self.conn.data_to_send())
        self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Says that the connection is to end, if the peer does not know."""
        if not self.close_sent and not self.transport.is_closing() and self.conn.state is OPEN:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.resume()
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def hang_up(self) -> None:
        """Nothing follows: the connection ends soon, whatever the peer does."""
        if not self.disconnected and self.close_timer is None:
            self.transport.close()
        self.linger()


for _name, _value in _AS_ALWAYS.items():
    setattr(CarriedWebSocket, _name, _value)
