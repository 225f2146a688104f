"""Everything that runs for one day of a drill: the database, Redis, the nodes, and what stands in front of them."""

import asyncio
import random
import re
import secrets
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiohttp

from clients.python.rest import OwnedRest, Rest
from loadtest.drill.archive import Archive
from loadtest.drill.node import COMMAND, Node
from loadtest.drill.postgres import Postgres
from loadtest.drill.process import Impossible, run_program
from loadtest.drill.proxy import Proxy
from loadtest.drill.recorder import Recorder, canary
from loadtest.drill.redis import Redis
from loadtest.drill.tmpfs import Tmpfs
from loadtest.tokens import mint

HEARTBEAT_MS: Final = 1_000
SWEEP_MS: Final = 500
DRAIN_MS: Final = 1_000
_SQLITE_DISK_MB: Final = 32
_FIGURES: Final = {
    "pencilsdown_journal_queue_records": "journal queue",
    "pencilsdown_outbound_messages_max": "outbox",
    "pencilsdown_relay_queue_messages": "relay queue",
}
_FIGURE: Final = re.compile(r"^(\w+) ([0-9.e+-]+)$", re.MULTILINE)


class Servers:
    """PostgreSQL and Redis, which serve every day of a drill; each day has a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(folder)
        self.redis = Redis(folder)
        self.template: str | None = None
        """A database with its tables and nothing in them, once there is one."""

    async def __aenter__(self) -> Self:
        try:
            await self.postgres.create()
            await self.redis.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self.redis.close()
        await self.postgres.close()


class Stage:
    """`async with Stage(...)`. `special` is what single nodes have in their environment besides, by their names."""

    def __init__(self, servers: Servers | None, folder: Path, nodes: int, chance: random.Random) -> None:
        """`servers` nil: one node on SQLite."""
        self.servers = servers
        self.folder = folder
        self.disk: Tmpfs | None = None
        self.special: dict[str, dict[str, str]] = {}
        self.first_start: dict[str, dict[str, str]] = {}
        """What a node has in its environment when it is started for the first time, and never again."""
        self.through: dict[str, Proxy] = {}
        """Nodes that reach their database through a proxy of ours."""
        self.names = [f"node-{number + 1}" for number in range(nodes if servers else 1)]
        self.nodes: list[Node] = []
        self.balancer = Proxy([], chance)
        self._secret = secrets.token_urlsafe(48)
        self._database = ""
        self._exits = AsyncExitStack()

    @property
    def postgres(self) -> Postgres:
        assert self.servers is not None
        return self.servers.postgres

    @property
    def redis(self) -> Redis:
        assert self.servers is not None
        return self.servers.redis

    @property
    def archive(self) -> Archive:
        return Archive((self.postgres, self._database) if self.servers is not None else self._file)

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def token(self, role: str, user_id: str, org: str) -> str:
        """As an identity provider with the deployment's secret would make it."""
        return mint(self._secret, role, user_id, org, name=f"{user_id} {canary(org)}")

    def service(self, org: str) -> OwnedRest:
        """The REST API as the rest of that organisation's platform uses it, over the balancer."""
        return Rest.open(self.balancer.url, self.token("service", "platform", org), connections=64)

    async def ready(self) -> bool:
        """Whether every node can serve."""
        for node in self.nodes:
            try:
                async with Rest.open(node.url, "") as rest:
                    if not (await rest.ready()).ready:
                        return False
            except (aiohttp.ClientError, TimeoutError):
                return False
        return True

    async def verify_log(self) -> str:
        """What `pencilsdown verify-log` says. Raises `StageError` where a chain is broken."""
        return await self._run("verify-log")

    async def watch(self, recorder: Recorder) -> None:
        """Notes the nodes' figures every second until it is cancelled."""
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                for node in self.nodes:
                    recorder.gauge(node.name, "memory KiB", node.rss_kib)
                    with suppress(aiohttp.ClientError, TimeoutError):
                        async with http.get(f"{node.url}/metrics") as response:
                            text = await response.text()
                        recorder.look(node.name, "", "metrics", text.encode())
                        for name, value in _FIGURE.findall(text):
                            if name in _FIGURES:
                                recorder.gauge(node.name, _FIGURES[name], int(float(value)))
                await asyncio.sleep(1)

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _file(self) -> Path:
        return (self.disk.folder if self.disk is not None else self.folder) / "pencilsdown.sqlite3"

    async def _open(self) -> None:
        if self.servers is not None:
            await self._open_database(self.servers)
            await self.servers.redis.start()
        else:
            with suppress(Impossible):
                self.disk = Tmpfs(self.folder / "disk", _SQLITE_DISK_MB)
                self._exits.callback(self.disk.unmount)
            await self._run("migrate")
        for name in self.names:
            env = self._environment(name) | self.special.get(name, {})
            self.nodes.append(Node(name, self.folder, env))
            self._exits.push_async_callback(self.nodes[-1].close)
        self.balancer.targets = [node.port for node in self.nodes]
        for proxy in self.through.values():
            await self._exits.enter_async_context(proxy)
        await self._exits.enter_async_context(self.balancer)
        await asyncio.gather(*(node.start(self.first_start.get(node.name)) for node in self.nodes))

    async def _open_database(self, servers: Servers) -> None:
        postgres = servers.postgres
        if servers.template is None:
            self._database = await postgres.create_database()
            await self._run("migrate")
            servers.template = self._database
        self._database = await postgres.create_database(servers.template)
        self._exits.push_async_callback(postgres.drop_database, self._database)

    def _environment(self, name: str | None = None) -> dict[str, str]:
        if self.servers is None:
            url = f"sqlite:///{self._file}"
            more: dict[str, str] = {}
        else:
            proxy = self.through.get(name or "")
            url = self.servers.postgres.url(self._database, proxy.port if proxy is not None else None)
            more = {"REDIS_URL": self.servers.redis.url}
        settings = more | {
            "DATA": str(self.folder / "data"),
            "DATABASE_URL": url,
            "TOKEN_SECRET": self._secret,
            "HEARTBEAT_MS": str(HEARTBEAT_MS),
            "SWEEP_MS": str(SWEEP_MS),
            "SNAPSHOT_MS": "2000",
            "DRAIN_MS": str(DRAIN_MS),
        }
        return {f"PENCILSDOWN_{key}": value for key, value in settings.items()}

    async def _run(self, command: str) -> str:
        env = [f"{key}={value}" for key, value in self._environment().items()]
        return await run_program(["env", *env, COMMAND, command], self.folder)
