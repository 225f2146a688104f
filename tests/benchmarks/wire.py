"""What a message costs between the network and the session: one connection without a network, and a session that does
nothing."""

import asyncio
import time
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from protocol.codes import Close
from server.sockets.carried import CarriedWebSocket
from server.sockets.outbound import Outbound
from tests.server.harness.raw import BINARY, frame

_TIMES: Final = 20_000
_HANDSHAKE: Final = Request(
    "/",
    Headers(
        {
            "Host": "localhost",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
    ),
)


class _Nowhere(asyncio.Transport):
    """Takes everything."""

    def write(self, data: Any) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


class _Always(Outbound):
    """Has one message to write whenever it is told so."""

    def __init__(self, message: bytes) -> None:
        super().__init__()
        self.message = message
        self.has_one = False

    def take(self) -> bytes | Close | None:
        self.has_one, has_one = False, self.has_one
        return self.message if has_one else None


class _Idle:
    """A session that does nothing."""

    hasty = False

    def __init__(self, out: Outbound) -> None:
        self.out = out

    def feed(self, data: bytes) -> None:
        pass

    def charge(self, size: int) -> int:
        return 0

    def heard(self) -> None:
        pass


async def message_us(size: int) -> tuple[float, float]:
    """CPU microseconds to read a message of `size` bytes that comes alone, and to write one."""
    out = _Always(bytes(size))
    # Without a logger of uvicorn's that says that somebody has come.
    config = Config("", interface="asgi3", ws_per_message_deflate=False, ws_ping_interval=None, log_level="warning")
    config.loaded_app, config.loaded = None, True
    protocol = CarriedWebSocket(config, ServerState(), {})
    protocol.connection_made(_Nowhere())
    assert protocol.read_handshake(_HANDSHAKE)
    assert protocol.accept()
    carrier = protocol.carry(_Idle(out), lambda: None, 1.0)
    protocol.read_on()
    data = frame(BINARY, bytes(size))
    began = time.process_time()
    for _ in range(_TIMES):
        protocol.data_received(data)
    read = time.process_time()
    for _ in range(_TIMES):
        out.has_one = True
        carrier.flush()
    written = time.process_time()
    return (read - began) / _TIMES * 1e6, (written - read) / _TIMES * 1e6
