"""One crowded node on a core of its own; its database and whoever uses it on the other cores."""

import os
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loadtest.bench.control import Control
from loadtest.bench.on_disk import check_on_disk
from loadtest.bench.plan import Plan, Round, together
from loadtest.bench.priority import keep_priority
from loadtest.capacity.usage import cpu_s, on_cores
from loadtest.drill.archive import Archive
from loadtest.drill.postgres import Postgres
from loadtest.drill.process import Process, until_listening
from loadtest.drill.services import postgres_for
from loadtest.ports import free_port
from loadtest.sockets import allow_many_sockets

_ROOMY: Final = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
"""What an operator gives PostgreSQL for so many candidates: with less it would write checkpoints all the time."""


@dataclass(kw_only=True, slots=True)
class Stage:
    """`postgres` nil: the database is in the node's process. `core`: the node's own."""

    database: str
    folder: Path
    port: int
    core: int
    node: Process
    control: Control
    postgres: Postgres | None
    name: str

    @property
    def pid(self) -> int:
        return self.node.pid

    async def kill(self) -> None:
        """`kill -9` for the node."""
        self.control.close()
        await self.node.kill()

    async def start_again(self) -> None:
        """After `kill`: returns when it listens; its clock stands still. Raises `StageError`."""
        with on_cores({self.core}):
            await self.node.start()
        keep_priority([self.pid])
        await until_listening(self.node, self.port)
        self.control = await Control.to(_control(self.folder))

    @property
    def node_cpu_s(self) -> float:
        """Seconds of processor that the node has used."""
        return cpu_s(self.pid)

    @property
    def database_cpu_s(self) -> float:
        """The same of its database, where that has processes of its own."""
        return 0.0 if self.postgres is None else cpu_s(self.postgres.pid)

    @property
    def archive(self) -> Archive:
        """Reads the database."""
        if self.postgres is None:
            return Archive(self.folder / "data" / "pencilsdown.sqlite3")
        return Archive((self.postgres, self.name))

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Asks the database itself."""
        if self.postgres is None:
            with closing(sqlite3.connect(self.folder / "data" / "pencilsdown.sqlite3")) as connection:
                return connection.execute(sql).fetchall()
        driver = await self.postgres.connect(self.name)
        try:
            return [tuple(row) for row in await driver.fetch(sql)]
        finally:
            await driver.close()


async def on_each_database(
    plan: Plan, settings: Mapping[str, str], measure: Callable[[Stage], Awaitable[Round]]
) -> Round:
    """One round of what `measure` finds on a crowded node with each of the databases, one after the other. Raises
    `StageError`."""
    allow_many_sockets()
    parts: list[Round] = []
    for database in plan.databases:
        async with crowded_node(database, settings) as stage:
            parts.append(await measure(stage))
    return together(parts)


@asynccontextmanager
async def crowded_node(database: str, settings: Mapping[str, str]) -> AsyncIterator[Stage]:
    """`settings`: of the node, besides those that follow from the stage. Inside of the block this process runs on the
    other cores. Raises `StageError`."""
    cores = sorted(os.sched_getaffinity(0))
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-bench-")))
        check_on_disk(folder)
        port = free_port()
        env = {
            "PENCILSDOWN_DATA": str(folder / "data"),
            "PENCILSDOWN_TOKEN_SECRET": secrets.token_urlsafe(48),
            "PENCILSDOWN_PORT": str(port),
            **settings,
        }
        postgres, name = None, ""
        if database == "postgresql":
            with on_cores(set(cores[1:] or cores)):
                postgres = await postgres_for(exits, folder, _ROOMY)
            name = await postgres.create_database()
            env["PENCILSDOWN_DATABASE_URL"] = postgres.url(name)
        argv = [sys.executable, "-m", "loadtest.bench.crowded", str(_control(folder))]
        paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]
        node = Process("node", argv, folder, env | {"PYTHONPATH": os.pathsep.join(filter(None, paths))})
        exits.push_async_callback(node.close)
        with on_cores({cores[0]}):
            await node.start()
        # The load generator is this process.
        keep_priority([os.getpid(), node.pid, *([] if postgres is None else [postgres.pid])])
        exits.enter_context(on_cores(set(cores[1:] or cores)))
        await until_listening(node, port)
        stage = Stage(
            database=database,
            folder=folder,
            port=port,
            core=cores[0],
            node=node,
            control=await Control.to(_control(folder)),
            postgres=postgres,
            name=name,
        )
        exits.callback(_close, stage)
        yield stage


def _close(stage: Stage) -> None:
    """Whatever node it talks to by then."""
    stage.control.close()


def _control(folder: Path) -> Path:
    return folder / "control"
