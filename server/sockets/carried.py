"""A WebSocket without an ASGI application: its messages go to a carrier (`carrier.py`)."""

import asyncio
from collections.abc import Callable, Mapping
from http.client import SWITCHING_PROTOCOLS
from types import MappingProxyType
from typing import Any, Final

from websockets.http11 import Request, Response
from websockets.protocol import OPEN, Protocol

from server.sockets.carrier import NO_TEXT, Carrier, Fed
from server.sockets.frames import LimitedWebSocket
from server.sockets.framing import short_frame, whole_message
from server.sockets.handshakes import usual_answer

_OF_THE_HANDSHAKE: Final = {
    *(
        "_comes",
        "_letting_in",
        "app",
        "app_state",
        "asgi_version",
        "config",
        "default_headers",
        "ping_interval",
        "ping_timeout",
        "request",
    ),
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
    """See above. For an application it is as any other."""

    _comes = False
    """It is not let in yet, and no application decides on that."""
    _letting_in: bytes | None = None
    """The answer to a usual request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._carrier: Carrier | None = None

    # The handshake

    def handle_connect(self, event: Request) -> None:
        """An application decides on this request."""
        super().handle_connect(event)
        if not self.handshake_complete:
            self._expect_frames()

    def _expect_frames(self) -> None:
        # The request was read as HTTP: the parser would wait for it.
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)

    def read_handshake(self, request: Request) -> bool:
        """Whether the request is one for a WebSocket. If not, it is refused. What comes before it is accepted
        waits; that the peer leaves is noticed."""
        self.request = request
        self.handshake_initiated = True
        self._letting_in = usual_answer(request.headers)
        if self._letting_in is None:
            self.response = self.conn.accept(request)
            if self.response.status_code != SWITCHING_PROTOCOLS:
                self._respond(self.response)
                return False
        self._expect_frames()
        self._comes = True
        return True

    def refuse(self, status: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Answers the request with a status of HTTP."""
        if not self.disconnected:
            response = self.conn.reject(status, "")
            response.headers.update(headers)
            self._respond(response)

    def accept(self) -> bool:
        """Answers the request with a WebSocket. False: the peer has gone."""
        if self.disconnected or self.transport.is_closing():
            return False
        self.handshake_complete = True
        self._comes = False
        if self._letting_in is None:
            self.conn.send_response(self.response)
            self.transport.write(b"".join(self.conn.data_to_send()))
        else:
            self.conn.state = OPEN
            self.transport.write(self._letting_in)
        return True

    def _respond(self, response: Response) -> None:
        self.handshake_complete = True
        self.close_sent = True
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def keep(self, task: asyncio.Task[None]) -> None:
        """The server ends after this task."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def lost(self, exc: Exception | None) -> None:
        """Lets go of the carrier, which ends in the next turn."""
        super().lost(exc)
        if self._carrier is not None:
            self._carrier = None
            del self.queue

    def carry(self, session: Fed, on_end: Callable[[], None], last_words_s: float) -> Carrier:
        """From now on messages go to the session, and nobody asks for the request any more."""
        self._carrier = carrier = Carrier(self, session, on_end, last_words_s)
        self.queue = carrier  # type: ignore[assignment]
        # A dictionary never shrinks by itself.
        self.__dict__ = {name: value for name, value in vars(self).items() if name not in _OVER}
        return carrier

    # In

    def data_received(self, data: bytes) -> None:
        """Some bytes: nearly always one whole message, which goes straight to the session."""
        if self._comes:
            self._unread += data
            self.pause()
            return
        carrier = self._carrier
        if carrier is not None and not self._unread and self._held is None and carrier.hungry:
            message = self._whole(data)
            if message is not None:
                carrier.take(message)
                carrier.rest(False)
                return
        super().data_received(data)

    def _whole(self, data: bytes) -> bytes | None:
        """The message, where `data` is nothing but a whole one that a session may have now. The parser has had whole
        frames alone, so that a new one begins here."""
        return None if self.frames or self.conn.state is not OPEN else whole_message(data)

    def _take_frame(self, frame: bytes) -> None:
        message = None if self._carrier is None else self._whole(frame)
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
