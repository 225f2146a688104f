"""What stands between two ends: it carries, goes on elsewhere, falls silent, and does it badly when told to."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from loadtest.drill.process import HOST
from loadtest.drill.proxy import Proxy, Roughness
from loadtest.listening import stop_listening
from loadtest.ports import free_port


class Echo:
    """Returns what it gets; remembers how many have come."""

    def __init__(self) -> None:
        self.port = free_port()
        self.heard: list[bytes] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(b"")
        mine = len(self.heard) - 1
        with suppress(ConnectionError):
            while data := await reader.read(1024):
                self.heard[mine] += data
                writer.write(data)
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    server = await asyncio.start_server(echo.accept, HOST, echo.port)
    yield echo
    await stop_listening(server)


async def test_bytes_go_both_ways(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        writer.close()


async def test_who_does_not_answer_is_passed_over(echo: Echo) -> None:
    async with Proxy([(HOST, free_port()), (HOST, echo.port)], random.Random(1)) as proxy:
        for _ in range(3):
            reader, writer = await asyncio.open_connection(HOST, proxy.port)
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            writer.close()


async def test_nothing_passes_while_it_is_silent_and_all_of_it_afterwards(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        proxy.fall_silent()
        writer.write(b"b")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(1), 0.1)
        proxy.speak_again()
        assert await reader.readexactly(1) == b"b"
        writer.close()


async def test_a_slow_reader_still_sends(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        proxy.read_slowly(1.0)
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(b"a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(1), 0.2)
        assert echo.heard == [b"a"]
        proxy.read_slowly(0)
        assert await reader.readexactly(1) == b"a"
        writer.close()


async def test_every_connection_is_cut_at_once(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        ends = [await asyncio.open_connection(HOST, proxy.port) for _ in range(3)]
        for reader, writer in ends:
            writer.write(b"a")
            assert await reader.readexactly(1) == b"a"
        proxy.cut_all()
        for reader, writer in ends:
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()


async def test_what_is_split_and_delayed_arrives_whole(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        proxy.rough = Roughness(delay_s=0.002, split=1.0, cut=0.0, duplicate=0.0)
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        text = bytes(range(256)) * 20
        writer.write(text)
        assert await reader.readexactly(len(text)) == text
        writer.close()


async def test_the_beginning_of_a_duplicated_connection_arrives_twice(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        proxy.rough = Roughness(delay_s=0.0, split=0.0, cut=0.0, duplicate=1.0)
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        for part in (b"1", b"2", b"3"):
            writer.write(part)
            assert await reader.readexactly(1) == part
        assert sorted(echo.heard) == [b"12", b"123"]
        writer.close()


async def test_a_connection_is_cut_in_the_middle(echo: Echo) -> None:
    async with Proxy([(HOST, echo.port)], random.Random(1)) as proxy:
        proxy.rough = Roughness(delay_s=0.0, split=0.0, cut=1.0, duplicate=0.0)
        reader, writer = await asyncio.open_connection(HOST, proxy.port)
        writer.write(b"never all of it")
        with suppress(ConnectionResetError):
            assert len(await reader.read()) < len(b"never all of it")
        writer.close()
