"""A private Redis that keeps nothing over a restart."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from loadtest.drill.process import HOST, Process, find_program, until_listening
from loadtest.ports import free_port


class Redis:
    """One server on one port of all `hosts`."""

    def __init__(self, folder: Path, hosts: Sequence[str] = (HOST,)) -> None:
        self.port = free_port()
        self._process = Process(
            "redis",
            [
                find_program("redis-server"),
                *("--bind", *hosts, "--port", str(self.port), "--dir", str(folder)),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            folder,
        )

    def url(self, host: str = HOST) -> str:
        """For the server."""
        return f"redis://{host}:{self.port}/0"

    @property
    def running(self) -> bool:
        return self._process.running

    async def start(self) -> None:
        """Returns when it accepts connections."""
        if not self._process.running:
            await self._process.start()
        await until_listening(self._process, self.port)

    async def kill(self) -> None:
        await self._process.kill()

    def freeze(self) -> None:
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.signal(signal.SIGCONT)

    async def cut_subscribers(self) -> None:
        """Ends every connection that listens."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(b"CLIENT KILL TYPE pubsub\r\n")
            await asyncio.wait_for(reader.readline(), 5)
        finally:
            writer.close()

    async def close(self) -> None:
        await self._process.close()
