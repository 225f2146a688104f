"""A deployment as an operator runs it: one database, one secret, and as many server processes as a test starts."""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import jwt

from clients.python.rest import OwnedRest, Rest
from loadtest.ports import LOOPBACK, free_port
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from storage.attempts import Attempts
from storage.database import Database
from storage.log.verify import verify_log
from tests.services.processes import ChildProcess, Processes

COMMAND: Final = Path(sys.executable).with_name("pencilsdown")
ORG: Final = "school"
_SECRET: Final = "a-secret-for-tests-that-protects-nothing"
READY: Final = r"Serving at"


def sqlite_file(folder: Path) -> Path:
    """Where a deployment in `folder` that is given no other database has its own."""
    return folder / "pencilsdown.sqlite3"


class Server:
    """Something that serves at a port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"

    def rest(self, token: str) -> OwnedRest:
        """`async with node.rest(token) as rest:`"""
        return Rest.open(self.url, token)


class ServerNode(Server):
    """One `pencilsdown serve` (or `demo`) on a port that stays its own."""

    def __init__(self, processes: Processes, command: str, port: int, env: Mapping[str, str], folder: Path) -> None:
        super().__init__(port)
        self._processes = processes
        self._command = command
        self._env = dict(env) | {"PENCILSDOWN_HOST": LOOPBACK, "PENCILSDOWN_PORT": str(port)}
        self._folder = folder
        self.process: ChildProcess | None = None

    async def start(self) -> None:
        """Returns when it serves."""
        await self.launch().line(READY)

    def launch(self) -> ChildProcess:
        """Starts it, and waits for nothing."""
        assert self.process is None or not self.process.running, "it runs already"
        self.process = self._processes.start(
            [COMMAND, *self._command.split()], name=f"{self._command} on {self.port}", env=self._env, cwd=self._folder
        )
        return self.process

    @property
    def output(self) -> str:
        """What it printed since its last start."""
        return self.process.output if self.process is not None else ""

    async def kill(self) -> None:
        """`kill -9`."""
        assert self.process is not None
        await asyncio.to_thread(self.process.kill)

    async def terminate(self) -> int:
        """SIGTERM; its exit status."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.terminate)


class Organisation:
    """One organisation of a deployment: its tokens, and its attempts as the database has them."""

    def __init__(self, database_url: str, org_id: str) -> None:
        self.database_url = database_url
        self.org_id = org_id

    @staticmethod
    def now_ms() -> int:
        """The clock of this machine, which its databases share."""
        return time.time_ns() // 1_000_000

    def token(self, role: str, user_id: str, name: str | None = None, **limits: str) -> str:
        """A token as an identity provider with our secret would make it. `limits` are claims such as `test`."""
        now_s = int(time.time())
        claims = {
            "sub": user_id,
            "org": self.org_id,
            "role": role,
            "aud": "pencilsdown",
            "iat": now_s,
            "exp": now_s + 3600,
            **limits,
        }
        return jwt.encode(claims if name is None else claims | {"name": name}, _SECRET, algorithm="HS256")

    def service(self, node: Server) -> OwnedRest:
        """The REST API as the rest of a platform uses it."""
        return node.rest(self.token("service", "platform"))

    async def log(self, attempt_id: str) -> tuple[list[Record], Attempt]:
        """All that is durable of one attempt, read past every server: its verified records, and what they add up to."""
        (found,) = await self.logs([attempt_id])
        return found

    async def logs(self, attempt_ids: Iterable[str]) -> list[tuple[list[Record], Attempt]]:
        """The same of several attempts, in their order."""
        database = await Database.open(self.database_url)
        try:
            attempts = Attempts(database)
            found = [await attempts.records(attempt_id) for attempt_id in attempt_ids]
        finally:
            await database.close()
        return [(records, _folded(records)) for records in found]


def _folded(records: list[Record]) -> Attempt:
    attempt = fold(records)
    assert attempt is not None, "there is no such attempt"
    return attempt


class Deployment(Organisation):
    """See above. The settings are those of production, except that what happens by itself happens sooner."""

    def __init__(
        self, processes: Processes, folder: Path, database_url: str | None = None, redis_url: str | None = None
    ) -> None:
        super().__init__(database_url or f"sqlite:///{sqlite_file(folder)}", ORG)
        self._processes = processes
        self._folder = folder
        self._env = {
            "PENCILSDOWN_DATA": str(folder / "data"),
            "PENCILSDOWN_DATABASE_URL": self.database_url,
            "PENCILSDOWN_TOKEN_SECRET": _SECRET,
            "PENCILSDOWN_SNAPSHOT_MS": "1000",
            "PENCILSDOWN_SWEEP_MS": "250",
            "PENCILSDOWN_DRAIN_MS": "500",
        }
        if redis_url is not None:
            self._env["PENCILSDOWN_REDIS_URL"] = redis_url

    def node(self, command: str = "serve", *, port: int | None = None, **settings: str) -> ServerNode:
        """A server process that is not started yet; `settings` by their names without the prefix."""
        env = self._env | {f"PENCILSDOWN_{name.upper()}": value for name, value in settings.items()}
        return ServerNode(self._processes, command, port or free_port(), env, self._folder)

    async def run(self, *arguments: str | os.PathLike[str]) -> str:
        """The output of one `pencilsdown` command that must succeed."""
        child = self._processes.start([COMMAND, *arguments], env=self._env, cwd=self._folder)
        status = await child.exit()
        assert status == 0, f"{arguments} ended with {status}:\n{child.output}"
        return child.output

    async def verify(self) -> int:
        """Checks every chain of the database, as `pencilsdown verify-log` does; the number of attempts."""
        database = await Database.open(self.database_url)
        try:
            verdicts = [verdict async for verdict in verify_log(database)]
        finally:
            await database.close()
        assert [broken for _, _, broken in verdicts if broken is not None] == []
        return len(verdicts)


class Tenant(Organisation):
    """An organisation at a server that many tests share. Whoever stops it, or sets it up otherwise, needs a deployment
    of their own."""

    def __init__(self, database_url: str, org_id: str, node: Server) -> None:
        super().__init__(database_url, org_id)
        self.node = node
