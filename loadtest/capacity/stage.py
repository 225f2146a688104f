"""One node on a core of its own, and its database on a real disk, on the other one with the load generator."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from clients.python.rest import OwnedRest, Rest
from loadtest.capacity.usage import cpu_s, on_cores, rss_kib
from loadtest.drill.archive import Archive
from loadtest.drill.node import Node
from loadtest.drill.process import HOST, run_program
from loadtest.drill.services import postgres_for, redis_for
from loadtest.drill.version import CURRENT
from loadtest.tokens import mint

DatabaseKind = Literal["sqlite", "postgresql"]
ORG: Final = "capacity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """`database_pid` nil: it is in the node's process. `archive` reads the database; `folder` is for whatever a run
    needs until its end."""

    url: str
    port: int
    secret: str
    node_pid: int
    database_pid: int | None
    database_files: Path
    archive: Archive
    folder: Path

    @property
    def node_cpu_s(self) -> float:
        return cpu_s(self.node_pid)

    @property
    def database_cpu_s(self) -> float:
        return cpu_s(self.database_pid) if self.database_pid is not None else 0.0

    @property
    def database_bytes(self) -> int:
        """Without the write-ahead log, which is reused."""
        files = (file for file in self.database_files.rglob("*") if file.is_file())
        return sum(file.stat().st_size for file in files if not file.name.endswith(("-wal", "-shm")))

    @property
    def node_kib(self) -> int:
        return rss_kib(self.node_pid)

    def service(self, org: str = ORG) -> OwnedRest:
        """The REST API as the rest of a platform uses it; `async with`."""
        return Rest.open(self.url, mint(self.secret, "service", "platform", org), connections=32)


@asynccontextmanager
async def opened(kind: DatabaseKind) -> AsyncIterator[Stage]:
    """Raises `StageError` where something does not start."""
    cores = sorted(os.sched_getaffinity(0))
    node_core, other_cores = {cores[0]}, set(cores[1:] or cores)
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-capacity-")))
        secret = secrets.token_urlsafe(48)
        env = {"PENCILSDOWN_DATA": str(folder / "data"), "PENCILSDOWN_TOKEN_SECRET": secret}
        database_pid: int | None = None
        with on_cores(other_cores):
            if kind == "postgresql":
                postgres = await postgres_for(exits, folder)
                redis = await redis_for(exits, folder)
                database = await postgres.create_database()
                env |= {
                    "PENCILSDOWN_DATABASE_URL": postgres.url(database),
                    "PENCILSDOWN_REDIS_URL": redis.url(),
                }
                data, database_pid = postgres.data / "base", postgres.pid
                archive = Archive((postgres, database))
            else:
                data = folder / "data"
                archive = Archive(data / "pencilsdown.sqlite3")
            await run_program(
                ["env", *(f"{key}={value}" for key, value in env.items()), *CURRENT.command, "migrate"], folder
            )
        node = Node("node", folder, HOST, CURRENT, env)
        exits.push_async_callback(node.close)
        with on_cores(node_core):
            await node.start()
        exits.enter_context(on_cores(other_cores))
        yield Stage(
            url=node.url,
            port=node.port,
            secret=secret,
            node_pid=node.pid,
            database_pid=database_pid,
            database_files=data,
            archive=archive,
            folder=folder,
        )
