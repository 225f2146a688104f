"""One peer on a core of its own; its database and Redis on the other cores, with whoever uses it."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.bench.on_disk import check_on_disk
from loadtest.bench.priority import keep_priority
from loadtest.bench.script import Log
from loadtest.capacity.usage import on_cores
from loadtest.drill.postgres import Postgres
from loadtest.drill.process import Process, StageError, until_listening
from loadtest.drill.services import postgres_for, redis_for
from loadtest.peers.install import installed
from loadtest.peers.peer import Peer
from loadtest.peers.wires import log_of
from loadtest.ports import free_port

_TABLE: Final = """
CREATE TABLE answers (
    attempt text NOT NULL, n integer NOT NULL, question text NOT NULL, value text NOT NULL, position integer NOT NULL,
    at_ms bigint NOT NULL, PRIMARY KEY (attempt, n)
);
ALTER TABLE answers OWNER TO nodes
"""
_ROWS: Final = "SELECT attempt, n, question, value FROM answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`folder` is for whatever a run needs until its end."""

    port: int
    server: Process
    postgres: Postgres
    name: str
    folder: Path

    @property
    def pid(self) -> int:
        return self.server.pid

    @property
    def output(self) -> str:
        """What the server has printed."""
        return self.server.output

    async def log(self) -> Log:
        """What its database has."""
        driver = await self.postgres.connect(self.name)
        try:
            return log_of([(row[0], row[1], row[2], row[3]) for row in await driver.fetch(_ROWS)])
        finally:
            await driver.close()


@asynccontextmanager
async def opened(peer: Peer) -> AsyncIterator[Stage]:
    """Raises `StageError` where something can't be installed or does not start."""
    cores = sorted(os.sched_getaffinity(0))
    there = await installed(peer)
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-peers-")))
        check_on_disk(folder)
        with on_cores(set(cores[1:] or cores)):
            postgres = await postgres_for(exits, folder)
            redis = await redis_for(exits, folder)
        name = await postgres.create_database()
        driver = await postgres.connect(name)
        await driver.execute(_TABLE)
        await driver.close()
        port = free_port()
        env = {
            "DATABASE_URL": postgres.url(name),
            "REDIS_URL": redis.url(),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "NODE_ENV": "production",
            "PYTHONPATH": str(peer.app),
        }
        server = Process("peer", peer.command(there, port), folder, env)
        exits.push_async_callback(server.close)
        with on_cores({cores[0]}):
            await server.start()
        exits.enter_context(on_cores(set(cores[1:] or cores)))
        try:
            await until_listening(server, port)
        except StageError as error:
            raise StageError(f"{error}: {server.output[-2_000:]}") from error
        keep_priority([server.pid, postgres.pid])
        yield Stage(port=port, server=server, postgres=postgres, name=name, folder=folder)
