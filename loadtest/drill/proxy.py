"""A TCP proxy: carries bytes to one of its targets, and can be made unreliable.

In front of the nodes it is the load balancer; between a node and its database it is the network that can fall silent.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from loadtest.drill.process import HOST
from loadtest.listening import stop_listening
from loadtest.ports import free_port

_CHUNK: Final = 65_536
_CONNECT_S: Final = 2.0
_HELLO_CHUNKS: Final = 2
"""The bytes that a duplicated connection repeats: the request, and the next message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Roughness:
    """How unreliable the proxy is. Chances are per chunk of bytes (`cut`, `split`) or per connection (`duplicate`)."""

    delay_s: float
    split: float
    cut: float
    duplicate: float


class Proxy:
    """`async with Proxy([(host, port), …])`; who connects to `port` reaches one of the targets, in turns."""

    def __init__(self, targets: Sequence[tuple[str, int]], chance: random.Random) -> None:
        self.port = free_port()
        self.targets = list(targets)
        self.rough: Roughness | None = None
        self._slow_share = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._chance = chance
        self._turn = 0
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def connections(self) -> int:
        return len(self._tasks)

    def fall_silent(self) -> None:
        """Nothing passes any more, not even the end of a connection, and nobody is told."""
        self._passing.clear()

    def speak_again(self) -> None:
        """What was on the way arrives."""
        self._passing.set()

    def read_slowly(self, share: float) -> None:
        """So many of the connections (0: none any more) take nothing from the far end, and go on sending to it."""
        self._slow_share = share
        if share:
            self._flowing.clear()
        else:
            self._flowing.set()

    def cut_all(self) -> None:
        """Every connection ends, in the middle of whatever it carries."""
        for task in list(self._tasks):
            task.cancel()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self.port, backlog=4096)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        await stop_listening(self._server)
        self.cut_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with suppress(OSError):
                await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passing.wait()
        far = await self._reach()
        if far is None:
            return
        far_reader, far_writer = far
        twin = None
        if self.rough is not None and self._chance.random() < self.rough.duplicate:
            twin = await self._reach()
        ways = [
            asyncio.create_task(self._pump(reader, far_writer, twin=twin[1] if twin else None)),
            asyncio.create_task(self._pump(far_reader, writer, slowness=self._chance.random())),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await self._passing.wait()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.transport.abort()
            if twin is not None:
                twin[1].transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self.targets:
            self._turn += 1
            host, port = self.targets[self._turn % len(self.targets)]
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CONNECT_S):
                    return await asyncio.open_connection(host, port)
        return None

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        twin: asyncio.StreamWriter | None = None,
        slowness: float = 1.0,
    ) -> None:
        chunks = 0
        while data := await reader.read(_CHUNK):
            await self._passing.wait()
            if slowness < self._slow_share:
                await self._flowing.wait()
            chunks += 1
            if twin is not None and chunks <= _HELLO_CHUNKS:
                twin.write(data)
            if self.rough is not None and not await self._roughly(data, writer, self.rough):
                return
            if self.rough is None:
                writer.write(data)
            await writer.drain()

    async def _roughly(self, data: bytes, writer: asyncio.StreamWriter, rough: Roughness) -> bool:
        """False: the connection was cut, most likely in the middle of a frame."""
        chance = self._chance
        await asyncio.sleep(chance.uniform(0, rough.delay_s))
        if chance.random() < rough.cut:
            writer.write(data[: chance.randrange(len(data))])
            return False
        if len(data) > 1 and chance.random() < rough.split:
            at = chance.randrange(1, len(data))
            writer.write(data[:at])
            await asyncio.sleep(chance.uniform(0, rough.delay_s))
            data = data[at:]
        writer.write(data)
        return True
