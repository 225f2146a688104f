"""A deployment as an operator runs it: one database, one secret, and as many server processes as a test starts."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jwt

from clients.python.rest import OwnedRest, Rest
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from storage.attempts import Attempts
from storage.database import Database
from storage.verify import verify_log
from tests.services.ports import LOOPBACK, free_port
from tests.services.processes import ChildProcess, Processes

COMMAND: Final = Path(sys.executable).with_name("pencilsdown")
ORG: Final = "school"
_SECRET: Final = "a-secret-for-tests-that-protects-nothing"
_READY: Final = r"Serving at"


class ServerNode:
    """One `pencilsdown serve` (or `demo`) on a port that stays its own."""

    def __init__(self, processes: Processes, command: str, port: int, env: Mapping[str, str], folder: Path) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self._processes = processes
        self._command = command
        self._env = dict(env) | {"PENCILSDOWN_HOST": LOOPBACK, "PENCILSDOWN_PORT": str(port)}
        self._folder = folder
        self.process: ChildProcess | None = None

    async def start(self) -> None:
        """Returns when it serves."""
        await self.launch().line(_READY)

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

    def rest(self, token: str) -> OwnedRest:
        """`async with node.rest(token) as rest:`"""
        return Rest.open(self.url, token)


class Deployment:
    """See above. The settings are those of production, except that what happens by itself happens sooner."""

    def __init__(
        self, processes: Processes, folder: Path, database_url: str | None = None, redis_url: str | None = None
    ) -> None:
        self.database_url = database_url or f"sqlite:///{folder / 'pencilsdown.sqlite3'}"
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

    @staticmethod
    def now_ms() -> int:
        """The clock of this machine, which its databases share."""
        return time.time_ns() // 1_000_000

    def token(self, role: str, user_id: str, name: str | None = None, **limits: str) -> str:
        """A token as an identity provider with our secret would make it. `limits` are claims such as `test`."""
        now_s = int(time.time())
        claims = {
            "sub": user_id,
            "org": ORG,
            "role": role,
            "aud": "pencilsdown",
            "iat": now_s,
            "exp": now_s + 3600,
            **limits,
        }
        return jwt.encode(claims if name is None else claims | {"name": name}, _SECRET, algorithm="HS256")

    def service(self, node: ServerNode) -> OwnedRest:
        """The REST API as the rest of a platform uses it."""
        return node.rest(self.token("service", "platform"))

    async def log(self, attempt_id: str) -> tuple[list[Record], Attempt]:
        """All that is durable of one attempt, read past every server: its verified records, and what they add up to."""
        database = await Database.open(self.database_url)
        try:
            records = await Attempts(database).records(attempt_id)
        finally:
            await database.close()
        attempt = fold(records)
        assert attempt is not None, "there is no such attempt"
        return records, attempt
