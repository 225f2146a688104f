"""A private PostgreSQL that really waits for its disk, and can be hurt in every way that a server can."""

import asyncio
import os
import shutil
import signal
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncpg

from loadtest.drill.process import HOST, Impossible, Process, StageError, find_program, run_program
from loadtest.drill.tmpfs import Tmpfs
from loadtest.ports import free_port

_OWNER: Final = "postgres"
_SUPERUSER: Final = "pencilsdown"
_NODES: Final = "nodes"
"""The nodes' role, which owns the databases: no superuser, so that row-level security holds for it."""
_DISK_MB: Final = 400


class Postgres:
    """One cluster on one port of all `hosts`. `disk` is its own small file system, where mounting is allowed;
    `on_disk`: on the disk of the machine instead, whose syncs take their time, and with as much memory and write-ahead
    log as PostgreSQL has by default, unless `settings` say otherwise."""

    def __init__(
        self,
        folder: Path,
        hosts: Sequence[str] = (HOST,),
        *,
        on_disk: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.disk: Tmpfs | None = None
        self._folder = folder / "postgres"
        self._folder.mkdir()
        if not on_disk:
            with suppress(Impossible):
                self.disk = Tmpfs(self._folder, _DISK_MB)
        if os.geteuid() == 0:
            for one in (folder, self._folder):
                one.chmod(0o755)
            shutil.chown(self._folder, _OWNER, _OWNER)
        self.data = self._folder / "data"
        ours = {
            "listen_addresses": ",".join(hosts),
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
        }
        if not on_disk:
            ours |= {"shared_buffers": "32MB", "max_wal_size": "64MB"}
        options = [part for key, value in (ours | dict(settings or {})).items() for part in ("-c", f"{key}={value}")]
        self._process = Process("postgres", [*as_owner(), find_postgres("postgres"), "-D", self.data, *options], folder)

    async def create(self) -> None:
        """Makes the cluster and starts it."""
        await run_program(
            [
                *as_owner(),
                find_postgres("initdb"),
                *("--pgdata", str(self.data), "--username", _SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
                *("--locale", "C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize", "4"),
            ],
            self._folder,
        )
        await self.start()
        await self.execute(f"CREATE ROLE {_NODES} LOGIN")

    async def start(self) -> None:
        """Returns when it answers."""
        if not self._process.running:
            await self._process.start()
        for _ in range(600):
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self.execute("SELECT 1")
                return
            if not self._process.running:
                raise StageError(f"PostgreSQL ended; see {self._process.log}")
            await asyncio.sleep(0.05)
        raise StageError(f"PostgreSQL does not answer; see {self._process.log}")

    def url(self, database: str, host: str = HOST, port: int | None = None) -> str:
        """For the server; `port` is another one where something stands between."""
        return f"postgresql://{_NODES}@{host}:{port or self.port}/{database}"

    async def create_database(self, template: str = "template1") -> str:
        """A new database like `template`; its name."""
        name = f"drill_{uuid.uuid4().hex}"
        await self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {_NODES}')
        return name

    async def drop_database(self, name: str) -> None:
        """Removes it, and disconnects who is still there."""
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def connect(self, database: str = "postgres") -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host=HOST, port=self.port, user=_SUPERUSER, database=database, ssl=False, timeout=5, command_timeout=30
        )

    async def execute(self, sql: str) -> None:
        """One statement from outside."""
        connection = await self.connect()
        try:
            await connection.execute(sql)
        finally:
            await connection.close(timeout=5)

    async def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: nobody is told, nothing is written, the next start recovers."""
        self._process.signal(signal.SIGQUIT)
        await self._process.wait()

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def pid(self) -> int:
        """Of the server that starts the backends."""
        return self._process.pid

    def freeze(self) -> None:
        """Stops every process of it in the middle of what it does."""
        self._to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._to_all(signal.SIGCONT)

    async def cut(self) -> None:
        """Ends every connection of a node."""
        await self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pencilsdown'"
        )

    async def sync_slowly(self, slowly: bool) -> None:
        """Whether every commit waits 100 ms more before it is durable."""
        delay, siblings = ("100000", "0") if slowly else ("0", "5")
        for name, value in (("commit_delay", delay), ("commit_siblings", siblings)):
            await self.execute(f"ALTER SYSTEM SET {name} = {value}")
        await self.execute("SELECT pg_reload_conf()")

    async def close(self) -> None:
        if self._process.running:
            self.thaw()
            self._process.signal(signal.SIGINT)
            with suppress(StageError):
                await self._process.wait(10)
        await self._process.close()
        if self.disk is not None:
            self.disk.unmount()

    def _to_all(self, number: signal.Signals) -> None:
        # Each backend leads a process group of its own, so that the server's group does not hold them.
        pid = self._process.pid
        with suppress(FileNotFoundError):
            children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            self._process.signal(number)
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, number)


def as_owner() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_OWNER}", f"--regid={_OWNER}", "--init-groups", "--pdeathsig", "KILL"]


def find_postgres(name: str) -> Path:
    """One of its programs. Raises `Impossible`."""
    return find_program(name, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
