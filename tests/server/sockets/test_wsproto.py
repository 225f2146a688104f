"""A whole sitting by a peer that shares nothing with the server: wsproto for the frames, msgpack for the messages."""

import asyncio
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import msgpack  # type: ignore[import-untyped]
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Ping, Pong, Request

from tests.server.harness.exam import ANSWERS, SCORE_MPT
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, pack
from tests.services.patience import PATIENCE_S


class Peer:
    """A client on wsproto."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._wire = WSConnection(ConnectionType.CLIENT)
        self._events: deque[Event] = deque()
        self._pieces = b""

    async def send(self, event: Event) -> None:
        self.writer.write(self._wire.send(event))
        await self.writer.drain()

    async def say(self, tag: str, **fields: Any) -> None:
        await self.send(BytesMessage(data=pack(tag, **fields)))

    async def next(self) -> Event:
        async with asyncio.timeout(PATIENCE_S):
            while not self._events:
                self._wire.receive_data(await self._reader.read(4096) or None)
                self._events.extend(self._wire.events())
        return self._events.popleft()

    async def until(self, tag: str) -> dict[str, Any]:
        while True:
            event = await self.next()
            assert isinstance(event, BytesMessage), event
            self._pieces += bytes(event.data)
            if event.message_finished:
                message, self._pieces = msgpack.unpackb(self._pieces), b""
                assert isinstance(message, dict)
                if message["t"] == tag:
                    return message


async def test_a_sitting_from_hello_to_the_result(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    parts = urlsplit(server.settings.url)
    peer = Peer(*await asyncio.open_connection(parts.hostname, parts.port))
    await peer.send(Request(host=parts.netloc, target=f"/ws/attempts/{attempt_id}"))
    accepted = await peer.next()
    assert isinstance(accepted, AcceptConnection)
    assert accepted.extensions == []
    assert accepted.subprotocol is None

    await peer.say("hello", protocol=1, token=server.token(), **HELLO)
    assert (await peer.until("welcome"))["state"]["status"] == "initiated"
    await peer.say("start", n=1, client_at_ms=1)
    assert (await peer.until("ack"))["n"] == 1
    for n, (question_id, value) in enumerate(ANSWERS.items(), 2):
        await peer.say("answer", n=n, question_id=question_id, value=value, client_at_ms=n)
    while (await peer.until("ack"))["n"] < len(ANSWERS) + 1:
        pass
    await peer.send(Ping(payload=b"still there?"))
    pong = await peer.next()
    assert isinstance(pong, Pong)
    assert bytes(pong.payload) == b"still there?"
    await peer.say("submit", n=len(ANSWERS) + 2, client_at_ms=9)
    while (await peer.until("state"))["state"]["status"] != "completed":
        pass
    await peer.send(CloseConnection(code=1000, reason="done"))
    goodbye = await peer.next()
    assert isinstance(goodbye, CloseConnection)
    assert goodbye.code == 1000
    peer.writer.close()

    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.service)).ok()
    assert result["score_mpt"] == SCORE_MPT
