"""One try of a webhook, at real servers that do whatever a receiver should not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from loadtest.listening import stop_listening
from protocol.events.delivering import Tried
from protocol.events.signing import make_secret
from server.delivery.receivers import REFUSED_ADDRESS
from server.delivery.webhook import Webhooks
from tests.services.patience import PATIENCE_S

HERE = [ip_network("127.0.0.0/8")]
SECRET = make_secret(bytes(32))
BODY = b'{"id":"a:1"}'
NOW = 1_800_000_000_000
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
Says = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(says: Says) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says this to each request; its URL, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.append(head + await reader.readexactly(len(BODY)))
                await says(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # whoever asked has gone, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/hook", asked
    finally:
        await stop_listening(server)


@asynccontextmanager
async def webhooks(**options: Any) -> AsyncIterator[Webhooks]:
    made = Webhooks(options.pop("networks", HERE), lambda: NOW, **options)
    try:
        yield made
    finally:
        await made.close()


async def tried(says: Says, **options: Any) -> tuple[Tried, list[bytes]]:
    async with asyncio.timeout(PATIENCE_S), receiver(says) as (url, asked), webhooks(**options) as sends:
        return await sends.send(url, "a:1", BODY, [SECRET]), asked


def words(text: bytes) -> Says:
    async def says(writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return says


async def test_a_connection_is_used_again() -> None:
    async with receiver(words(NO_CONTENT)) as (url, asked), webhooks() as sends:
        for _ in range(3):
            assert (await sends.send(url, "a:1", BODY, [SECRET])).arrived
        assert len(asked) == 3
        (session,) = sends._sessions.values()
        assert session.connector is not None
        assert sum(map(len, session.connector._conns.values())) == 1
    assert all(b"webhook-id: a:1\r\n" in one and one.endswith(BODY) for one in asked)


async def test_a_redirect_is_not_followed() -> None:
    async with receiver(words(NO_CONTENT)) as (inside, asked):
        told, _ = await tried(
            words(f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {inside}\r\ncontent-length: 0\r\n\r\n".encode())
        )
        assert (told.status, told.arrived, asked) == (307, False, [])


async def test_a_receiver_that_says_nothing_is_left() -> None:
    told, asked = await tried(words(b""), timeout_s=0.3)
    assert (told.status, told.error, len(asked)) == (None, "no answer within 0.3 s", 1)


async def test_a_receiver_that_says_a_header_for_ever_is_left() -> None:
    async def says(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x: y\r\n")
            await writer.drain()

    told, _ = await tried(says, timeout_s=2.0)
    assert told.status is None
    assert not told.arrived


async def test_an_endless_answer_is_not_read() -> None:
    sent = 0

    async def says(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n")
        while True:
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    told, _ = await tried(says)
    assert told.arrived, "its status says so; the rest is nobody's"
    assert sent < 64 * 1024 * 1024, "what the kernel and one reader hold, of 10 GB"


async def test_an_answer_that_says_it_is_short_and_is_endless_is_not_read() -> None:
    async def says(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
            await writer.drain()

    assert (await tried(says))[0].arrived


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "the answer was no HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "the answer was no HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", "the answer was no HTTP"),
    ],
)
async def test_whoever_speaks_no_http_is_told_so_without_their_words(text: bytes, error: str) -> None:
    told, _ = await tried(words(text))
    assert (told.status, told.error) == (None, error)


async def test_a_receiver_that_dies_is_no_harm() -> None:
    async def says(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    told, _ = await tried(says)
    assert (told.status, told.error) == (None, "no connection, or it was cut")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with webhooks() as sends:
        told = await sends.send(f"http://127.0.0.1:{port}/", "a:1", BODY, [SECRET])
    assert (told.status, told.error) == (None, "no connection, or it was cut")


@pytest.mark.parametrize(
    ("text", "wanted_ms"),
    [
        ("120", 120_000),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60_000),
        ("Fri, 15 Jan 2000 08:01:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("9" * 63, int("9" * 63) * 1000),
        ("9" * 65, None),
        ("٣", None),
    ],
)
async def test_a_pause_that_is_asked_for(text: str, wanted_ms: int | None) -> None:
    head = b"HTTP/1.1 503 Busy\r\nretry-after: " + text.encode() + b"\r\ncontent-length: 0\r\n\r\n"
    told, _ = await tried(words(head))
    assert (told.status, told.retry_after_ms) == (503, wanted_ms)


class Turncoat(AbstractResolver):
    """Says one address after the other, as a name does whose owner changes it after the check."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        address = self.addresses[min(self.asked, len(self.addresses) - 1)]
        self.asked += 1
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None: ...


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1"])
async def test_a_name_that_stands_for_an_address_inside_is_refused(address: str) -> None:
    async with webhooks(networks=[], resolver=Turncoat(address)) as sends:
        told = await sends.send("https://hooks.example/", "a:1", BODY, [SECRET])
    assert (told.status, told.error) == (None, REFUSED_ADDRESS)


async def test_a_name_that_changes_after_the_check_is_checked_again() -> None:
    async with receiver(words(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")) as (url, asked):
        port = int(url.rpartition(":")[2].partition("/")[0])
        resolver = Turncoat("127.0.0.1", "127.0.0.2", "169.254.169.254")
        async with webhooks(networks=[ip_network("127.0.0.1/32")], resolver=resolver) as sends:
            there = f"http://hooks.example:{port}/"
            assert (await sends.send(there, "a:1", BODY, [SECRET])).arrived
            for _ in range(2):
                assert (await sends.send(there, "a:1", BODY, [SECRET])).error == REFUSED_ADDRESS
        assert (resolver.asked, len(asked)) == (3, 1)
