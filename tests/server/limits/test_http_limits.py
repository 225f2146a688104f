"""Requests that are too large before their body, or that never come to their end: the connection ends, nobody waits."""

import asyncio
from typing import Any

import pytest

from server.limits import http_limits
from server.limits.http_limits import MAX_HEAD_BYTES, Doors, LimitedHttp
from tests.server.harness.exam import TEST
from tests.server.harness.raw import Raw
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
PUT = f"PUT /tests/{TEST} HTTP/1.1\r\nHost: x\r\n".encode()


async def trickle(raw: Raw, data: bytes) -> None:
    """In pieces that are read one by one."""
    for start in range(0, len(data), 16_384):
        await raw.send(data[start : start + 16_384])
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"y" * 2_000_000,
        GET + b"x" * 2_000_000,
        GET + b"X: y\r\n" * 300_000,
        b"GET /" + b"x" * 2_000_000,
        b"GET /healthz?" + b"x" * 2_000_000,
    ],
    ids=["a value", "a name", "many headers", "a path", "a query"],
)
async def test_a_head_without_an_end_is_refused(server: RunningServer, head: bytes) -> None:
    raw = await Raw.open(server)
    sending = asyncio.create_task(trickle(raw, head))
    said = await raw.gone()
    await sending
    raw.close()
    assert b" 431 " in said or b" 400 " in said or not said
    assert (await server.call("GET", "/healthz")).status == 200


async def test_a_head_that_is_too_large_is_told_so(server: RunningServer) -> None:
    raw = await Raw.open(server)
    await trickle(raw, GET + b"X: " + b"y" * MAX_HEAD_BYTES)
    assert (await raw.gone()).startswith(b"HTTP/1.1 431 ")
    raw.close()


UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    + b"A" * 22
    + b"==\r\n"
)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"y" * 90_000 + b"\r\n\r\n",
        GET + b"X: y\r\n" * 13_000 + b"\r\n",
        GET.replace(b"/", b"/" + b"y" * 66_000, 1) + b"\r\n",
        PUT + b"Content-Length: 2\r\nX: " + b"y" * 90_000 + b"\r\n\r\n{}",
        GET + UPGRADE + b"X: " + b"y" * 90_000 + b"\r\n\r\n",
    ],
    ids=["a value", "many headers", "a path", "before a body", "a handshake"],
)
async def test_a_head_that_comes_in_one_piece_has_the_same_limit(server: RunningServer, head: bytes) -> None:
    raw = await Raw.open(server)
    await raw.send(head)
    assert (await raw.gone()).startswith(b"HTTP/1.1 431 ")
    raw.close()


async def test_a_large_head_within_the_limit_passes(server: RunningServer) -> None:
    raw = await Raw.open(server)
    await trickle(raw, GET + b"Connection: close\r\nX: " + b"y" * (MAX_HEAD_BYTES - 1_000) + b"\r\n\r\n")
    assert (await raw.gone()).startswith(b"HTTP/1.1 200 ")
    raw.close()


async def test_trailers_without_an_end_are_too_much(server: RunningServer) -> None:
    raw = await Raw.open(server)
    await raw.send(
        PUT + f"Authorization: Bearer {server.service}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n".encode()
    )
    sending = asyncio.create_task(trickle(raw, b"X: " + b"y" * 2_000_000))
    await raw.gone()
    await sending
    raw.close()


async def test_a_large_body_is_no_head(server: RunningServer) -> None:
    body = b"{" + b" " * 1_000_000 + b"}"
    reply = await server.call("PUT", f"/tests/{TEST}", server.service, raw=body)
    assert reply.body["code"] == "missing_field"


async def test_one_connection_carries_one_request_after_the_other(server: RunningServer) -> None:
    """Each has a limit of its own."""
    raw = await Raw.open(server)
    for _ in range(3):
        await trickle(raw, GET + b"X: " + b"y" * (MAX_HEAD_BYTES // 2) + b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            assert (await raw.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await raw.reader.readuntil(b"ok\n")
    raw.close()


STOPS = {
    "nothing at all": b"",
    "half a line": b"GET /ws/attempts/x HT",
    "empty lines": b"\r\n\r\n",
    "half a head": GET + b"X: y",
    "half a handshake": b"GET /ws/attempts/x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    "half a body": PUT + b"Content-Length: 100\r\nAuthorization: Bearer TOKEN\r\n\r\n{",
    "half a body that was refused already": PUT + b"Content-Length: 100\r\n\r\n{",
    "a chunk without an end": PUT + b"Transfer-Encoding: chunked\r\nAuthorization: Bearer TOKEN\r\n\r\n5;" + b"x" * 99,
}


@pytest.mark.parametrize("name", STOPS)
async def test_a_request_that_never_ends_is_given_up(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        monkeypatch.setattr(http_limits, "_HEAD_S", 0.05)
        monkeypatch.setattr(http_limits, "_BODY_S", 0.05)
        ends = [await Raw.open(server) for _ in range(20)]
        for raw in ends:
            await raw.send(STOPS[name].replace(b"TOKEN", server.service.encode()))
        for raw in ends:
            await raw.gone()
            raw.close()
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        assert (await socket.until("ack"))["n"] == 1, "whoever has a connection keeps it"


async def test_a_connection_that_has_become_a_socket_is_left_alone(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[asyncio.TimerHandle | None] = []
    expect = LimitedHttp._expect

    def expect_and_tell(self: LimitedHttp, within_s: float) -> None:
        expect(self, within_s)
        timers.append(self._overdue)

    attempt_id = await server.started()
    monkeypatch.setattr(LimitedHttp, "_expect", expect_and_tell)
    async with await server.sit(attempt_id):
        assert timers
        assert all(timer is not None and timer.cancelled() for timer in timers)


def test_a_peer_may_have_a_quarter_of_the_connections_and_a_proxy_all() -> None:
    doors = Doors(8, {"10.0.0.9"})
    assert [doors.enter("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert [doors.enter("10.0.0.9") for _ in range(7)] == [True] * 6 + [False]
    assert not doors.enter("10.0.0.2"), "there are no more"
    doors.leave("10.0.0.1")
    assert doors.enter("10.0.0.2")


async def test_a_connection_too_many_is_told_so_and_those_that_end_or_become_sockets_make_room(
    server: RunningServer,
) -> None:
    made: Any = server._uvicorn.config.http_protocol_class
    doors: Doors = made.keywords["doors"]
    attempt_id = await server.started()
    doors._most = doors._opens + 1
    async with await server.sit(attempt_id), await server.sit(attempt_id):
        idle = await Raw.open(server)
        await idle.send(b"GET ")
        refused = await Raw.open(server)
        assert (await refused.gone()).startswith(b"HTTP/1.1 503 ")
        refused.close()
        idle.close()
        await eventually(lambda: doors._opens < doors._most)
        await (await server.sit(attempt_id)).close()
