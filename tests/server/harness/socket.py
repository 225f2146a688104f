"""An independent client: `websockets` and raw MessagePack, without any code of ours."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import msgpack  # type: ignore[import-untyped]
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.services.patience import PATIENCE_S

Headers = Sequence[tuple[str, str]]
"""Names and values; a name may come twice."""


class Socket:
    """One WebSocket. Messages are maps with their tag in `t`; what was skipped while waiting is kept in `skipped`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.device = uuid4().hex
        self.is_candidate = connection.request is not None and connection.request.path.startswith("/ws/attempts/")
        self.skipped: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, url: str, origin: str | None = None, headers: Headers = ()) -> Self:
        """Raises `InvalidStatus` where the handshake is refused."""
        connection = await connect(
            url,
            origin=Origin(origin) if origin else None,
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            max_size=None,
            max_queue=None,
            proxy=None,
            open_timeout=PATIENCE_S,
            close_timeout=2,
        )
        return cls(connection)

    async def send(self, tag: str, **fields: Any) -> None:
        await self.raw(pack(tag, **fields))

    async def raw(self, data: bytes | str) -> None:
        await self.connection.send(data)

    async def hello(self, token: str, protocol: int = 1, oldest: int = 1, **more: Any) -> None:
        """Staff's hello, or a candidate's: a person opens the attempt on a device of this socket's own."""
        fields: dict[str, Any] = {"protocol": protocol, "token": token, "client": "stranger/1"}
        fields |= {"oldest_protocol": oldest, "capabilities": [], **more}
        if self.is_candidate:
            fields |= {"device": self.device, "connect_n": 1, "takeover": True, "seen_seq": None, "seen_head": None}
        await self.send("hello", **fields)

    async def next(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE_S):
            data = await self.connection.recv()
        message = msgpack.unpackb(data)
        assert isinstance(message, dict)
        return message

    async def until(self, tag: str, **fields: Any) -> dict[str, Any]:
        """The next message with this tag and these fields; others are skipped."""
        while True:
            message = await self.next()
            if message["t"] == tag and all(message.get(name) == value for name, value in fields.items()):
                return message
            self.skipped.append(message)

    async def end(self) -> tuple[list[dict[str, Any]], int]:
        """Everything that still comes, and the code with which the server closes."""
        rest: list[dict[str, Any]] = []
        while True:
            try:
                rest.append(await self.next())
            except ConnectionClosed as closed:
                if closed.rcvd is None:
                    raise
                return rest, closed.rcvd.code

    async def refusal(self) -> tuple[str, int]:
        """The refusal of the whole connection, and its close code."""
        rest, code = await self.end()
        refused = [message for message in rest if message["t"] == "refused"]
        assert len(refused) == 1, rest
        assert refused[0]["n"] is None
        assert rest[-1]["t"] == "goodbye"
        assert rest[-1]["code"] == code
        return refused[0]["code"], code

    async def close(self) -> None:
        await self.connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


HELLO: Final = {
    "client": "stranger/1",
    "device": "stranger",
    "connect_n": 1,
    "takeover": True,
    "seen_seq": None,
    "seen_head": None,
    "oldest_protocol": 1,
    "capabilities": [],
}
"""What a candidate's hello says besides protocol and token."""


def pack(tag: str, **fields: Any) -> bytes:
    """A message's bytes, made by the independent peer. An answer moves nobody, and a start names no access code, unless
    a test says so."""
    if tag == "answer":
        fields.setdefault("position", None)
    if tag == "start":
        fields.setdefault("access_code", None)
    data = msgpack.packb({"t": tag, **fields})
    assert isinstance(data, bytes)
    return data
