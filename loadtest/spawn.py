"""Starts a server for one run, with its own database and secret, waits until it is ready, and stops it afterwards."""

import asyncio
import os
import resource
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiohttp

from clients.python.rest import Rest

HOST: Final = "127.0.0.1"

START_TIMEOUT_S: Final = 60.0
"""Until the server says that it is ready, migrations included."""

STOP_TIMEOUT_S: Final = 30.0
"""From SIGTERM to the end of the process: longer than any drain that it announces."""

_POLL_S: Final = 0.05
_PREFIX: Final = "PENCILSDOWN_"


class SpawnError(Exception):
    """The server did not start or did not stop. Its log says why; the text names it."""


class Server:
    """`async with Server(...)`. The folder with its log and its data stays when `keep` is set before the end."""

    def __init__(self, database_url: str | None, redis_url: str | None) -> None:
        self.secret = secrets.token_urlsafe(48)
        self.url = ""
        self.keep = False
        self.cpu_s: float | None = None
        """What the server used of the processor, in user and system mode; known when it has ended."""
        self.folder = Path(tempfile.mkdtemp(prefix="pencilsdown-loadtest-"))
        self.log = self.folder / "server.log"
        self._database_url = database_url
        self._redis_url = redis_url
        self._process: asyncio.subprocess.Process | None = None

    @property
    def database_kind(self) -> str:
        """`sqlite`, `postgresql`, …"""
        return (self._database_url or "sqlite:").split(":", 1)[0].split("+", 1)[0]

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            self.keep = True
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.keep = True
        await self._stop()
        if not self.keep:
            shutil.rmtree(self.folder)

    async def _start(self) -> None:
        port = _free_port()
        self.url = f"http://{HOST}:{port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
        environment |= {
            f"{_PREFIX}HOST": HOST,
            f"{_PREFIX}PORT": str(port),
            f"{_PREFIX}TOKEN_SECRET": self.secret,
            f"{_PREFIX}DATA": str(self.folder / "data"),
            f"{_PREFIX}DATABASE_URL": self._database_url or f"sqlite:///{self.folder / 'pencilsdown.sqlite3'}",
        }
        if self._redis_url is not None:
            environment[f"{_PREFIX}REDIS_URL"] = self._redis_url
        if self.database_kind != "sqlite":
            # On the embedded database `serve` does this by itself.
            migrate = await self._run(environment, "migrate")
            if await migrate.wait() != 0:
                raise SpawnError(f"`pencilsdown migrate` failed; see {self.log}")
        self._cpu_before_s = _cpu_of_children_s()
        self._process = await self._run(environment, "serve")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._until_ready(self._process)
        except TimeoutError:
            raise SpawnError(f"the server was not ready within {START_TIMEOUT_S:.0f} s; see {self.log}") from None

    async def _run(self, environment: dict[str, str], command: str) -> asyncio.subprocess.Process:
        program = Path(sys.executable).with_name("pencilsdown")
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                program,
                command,
                env=environment,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        async with Rest.open(self.url, "") as rest:
            while True:
                if process.returncode is not None:
                    raise SpawnError(f"the server ended with {process.returncode}; see {self.log}")
                try:
                    if await rest.ready():
                        return
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(_POLL_S)

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            self.keep = True
            raise SpawnError(f"the server did not stop within {STOP_TIMEOUT_S:.0f} s; see {self.log}") from None
        self.cpu_s = round(_cpu_of_children_s() - self._cpu_before_s, 2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
