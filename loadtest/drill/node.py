"""One `pencilsdown serve`, as an operator runs it, on a port that stays its own."""

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import aiohttp

from loadtest.drill.process import Process, StageError
from loadtest.drill.version import Version
from loadtest.ports import free_port

START_S: Final = 60.0
"""Until it says that it is ready, on a machine that has much else to do."""
_ASK: Final = aiohttp.ClientTimeout(total=30)
"""How long an answer to that may take."""


class Node:
    """`env` is what it is started with; `extra` of a start is added for that one."""

    def __init__(self, name: str, folder: Path, host: str, version: Version, env: Mapping[str, str]) -> None:
        self.name = name
        self.host = host
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self.ops_url = self.url
        self._ops_port = free_port()
        self._health_url = self.url
        self._process = Process(name, [], folder)
        self.becomes(version, env)

    def becomes(self, version: Version, env: Mapping[str, str]) -> None:
        """From its next start on it runs this version."""
        own = {"HOST": self.host, "PORT": str(self.port), "OPS_HOST": self.host, "OPS_PORT": str(self._ops_port)}
        self._env = dict(env) | version.environment(own)
        self.ops_url = f"http://{self.host}:{self._ops_port}" if version.has_ops_port else self.url
        self._health_url = f"{self.url}/healthz" if version.has_ops_port else f"{self.url}/readyz"
        self._process.argv = [*version.command, "serve"]

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything that it has written to its log."""
        return self._process.output

    @property
    def rss_kib(self) -> int:
        """Its resident memory; 0 when it does not run."""
        with suppress(OSError, ValueError, IndexError):
            if self.running:
                return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * 4
        return 0

    async def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Returns when it is ready. One that ends before, since its database is away, is started again, as a supervisor
        does."""
        self._process.env = self._env | dict(extra or {})
        await self._process.start()
        give_up_at = time.monotonic() + START_S
        while not await self.ready():
            if not self.running:
                await self._process.start()
            if time.monotonic() > give_up_at:
                raise StageError(f"{self.name} is not ready; see {self._process.log}")
            await asyncio.sleep(0.05)

    async def ready(self) -> bool:
        """Whether it says that it can serve."""
        with suppress(aiohttp.ClientError, TimeoutError):
            async with aiohttp.ClientSession(timeout=_ASK) as http, http.get(self._health_url) as response:
                return response.ok
        return False

    async def refuses_to_start(self) -> bool:
        """Whether it ends by itself and with an error when it is started."""
        self._process.env = self._env
        await self._process.start()
        return await self._process.wait(START_S) != 0

    async def kill(self) -> None:
        await self._process.kill()

    async def until_dead(self, timeout_s: float) -> bool:
        """Whether it has ended by itself in this time."""
        try:
            await self._process.wait(timeout_s)
        except StageError:
            return False
        return True

    async def drain(self) -> int:
        """SIGTERM, and its exit status."""
        self._process.signal(signal.SIGTERM)
        return await self._process.wait(40)

    def freeze(self) -> None:
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.signal(signal.SIGCONT)

    async def close(self) -> None:
        self.thaw()
        await self._process.close()
