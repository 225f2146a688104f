"""Everything that runs for one day of a drill: the database, Redis, the nodes, and what stands in front of them."""

import asyncio
import random
import secrets
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiohttp

from clients.python.rest import OwnedRest, Rest
from loadtest.drill.archive import Archive
from loadtest.drill.failover.cluster import Cluster
from loadtest.drill.meddler import Meddler
from loadtest.drill.metrics import Figures
from loadtest.drill.namespace import DATABASE, NODE, RELAY, Namespace, address_of
from loadtest.drill.node import Node
from loadtest.drill.postgres import Postgres
from loadtest.drill.process import HOST, Impossible, run_program
from loadtest.drill.proxy import Proxy
from loadtest.drill.recorder import Recorder, canary
from loadtest.drill.redis import Redis
from loadtest.drill.tmpfs import Tmpfs
from loadtest.drill.version import CURRENT, Version
from loadtest.ports import free_port
from loadtest.tokens import mint

HEARTBEAT_MS: Final = 1_000
MEMORY: Final = "memory KiB"
SWEEP_MS: Final = 500
DRAIN_MS: Final = 1_000
_SQLITE_DISK_MB: Final = 32


class Servers:
    """PostgreSQL and Redis, which serve every day of a drill; each day has a database of its own. In a namespace each
    of `nodes` nodes reaches them at an address of its own."""

    def __init__(self, folder: Path, network: Namespace | None, nodes: int) -> None:
        names = node_names(nodes)
        self.folder = folder
        self.postgres = Postgres(folder, [HOST] if network is None else network.hosts(DATABASE, names))
        self.redis = Redis(folder, [HOST] if network is None else network.hosts(RELAY, names))
        self.templates: dict[str, str] = {}
        """A version's name → a database with its tables and nothing in them."""

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


def node_names(number: int) -> list[str]:
    """What so many nodes are called."""
    return [f"node-{one + 1}" for one in range(number)]


class Stage:
    """`async with Stage(...)`. `special` is what single nodes have in their environment besides, by their names."""

    def __init__(
        self,
        servers: Servers | None,
        folder: Path,
        nodes: int,
        chance: random.Random,
        network: Namespace | Impossible,
        heartbeat_ms: int = HEARTBEAT_MS,
    ) -> None:
        """`servers` nil: one node on SQLite. `network` says why there is none where there is none."""
        self.servers = servers
        self.folder = folder
        self.heartbeat_ms = heartbeat_ms
        self.version: Version = CURRENT
        self._tables: Version = CURRENT
        """What the nodes run, and what the tables are for."""
        self.revision: str | None = None
        """Which older version is meant, where one is needed; nil: the newest with other tables."""
        self.disk: Tmpfs | None = None
        self.special: dict[str, dict[str, str]] = {}
        self.first_start: dict[str, dict[str, str]] = {}
        """What a node has in its environment when it is started for the first time, and never again."""
        self.through: dict[str, Proxy] = {}
        """Nodes that reach their database through a proxy of ours."""
        self.meddler: Meddler | None = None
        """Who stands between all nodes and Redis."""
        self.fails_over = False
        """Whether the day's database is on three machines of its own: then `cluster`."""
        self._cluster: Cluster | None = None
        self.names = node_names(nodes if servers else 1)
        self.nodes: list[Node] = []
        self.balancer = Proxy([], chance)
        self._network = network
        self._url: str | None = None
        self._secret = secrets.token_urlsafe(48)
        self._database = ""
        self._exits = AsyncExitStack()

    @property
    def postgres(self) -> Postgres:
        assert self.servers is not None
        return self.servers.postgres

    @property
    def cluster(self) -> Cluster:
        assert self._cluster is not None
        return self._cluster

    @property
    def redis(self) -> Redis:
        assert self.servers is not None
        return self.servers.redis

    @property
    def archive(self) -> Archive:
        if self.servers is None:
            return Archive(self._file)
        return Archive((self._cluster or self.postgres, self._database))

    @property
    def network(self) -> Namespace:
        """Raises `Impossible`."""
        if isinstance(self._network, Impossible):
            raise self._network
        return self._network

    @property
    def url(self) -> str:
        """Where everybody comes in: our own balancer, or the kernel's (`balance_in_the_kernel`)."""
        return self._url or self.balancer.url

    async def balance_in_the_kernel(self) -> None:
        """For a crowd: our own balancer takes three sockets for each of them, and as much time as they do. Raises
        `Impossible`."""
        targets = [(node.host, node.port) for node in self.nodes]
        self._url = await self.network.balance(free_port(), targets)

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
        return Rest.open(self.url, self.token("service", "platform", org), connections=64)

    async def ready(self) -> bool:
        """Whether every node can serve."""
        for node in self.nodes:
            if not await node.ready():
                return False
        return True

    async def verify_log(self) -> str:
        """What `pencilsdown verify-log` of the version that made the tables says. Raises `StageError` where a chain is
        broken."""
        return await self._run("verify-log", self._tables)

    async def watch(self, recorder: Recorder) -> None:
        """Notes the nodes' figures every second until it is cancelled."""
        await asyncio.gather(*(self._watch_one(node, recorder) for node in self.nodes))

    async def _watch_one(self, node: Node, recorder: Recorder) -> None:
        timeout = aiohttp.ClientTimeout(total=2)
        figures = Figures()
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                recorder.gauge(node.name, MEMORY, node.rss_kib)
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with http.get(f"{node.ops_url}/metrics") as response:
                        text = await response.text()
                    recorder.look(node.name, "", "metrics", text.encode())
                    for name, value in figures.read(text).items():
                        recorder.gauge(node.name, name, value)
                await asyncio.sleep(1)

    # ── another version ────────────────────────────────────────────────────────────────────────────────────────

    async def migrate(self, version: Version) -> None:
        """Brings the tables to this version, whoever is at work on them."""
        await self._run("migrate", version)
        self._tables = version

    def upgrade(self, node: Node, version: Version) -> None:
        """From its next start on that node runs this version."""
        node.becomes(version, self._environment(node.name, version))

    def spare_node(self) -> Node:
        """One more of the version that the day began with; not started, and no balancer knows it."""
        node = Node(f"node-{len(self.names) + 1}", self.folder, HOST, self.version, self._environment())
        self._exits.push_async_callback(node.close)
        return node

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
            await self._run("migrate", self.version)
        for name in self.names:
            env = self._environment(name) | self.special.get(name, {})
            host = HOST if isinstance(self._network, Impossible) else address_of(NODE, name)
            self.nodes.append(Node(name, self.folder, host, self.version, env))
            self._exits.push_async_callback(self.nodes[-1].close)
        self.balancer.targets = [(node.host, node.port) for node in self.nodes]
        for proxy in self.through.values():
            await self._exits.enter_async_context(proxy)
        if self.meddler is not None:
            await self._exits.enter_async_context(self.meddler)
        await self._exits.enter_async_context(self.balancer)
        await asyncio.gather(*(node.start(self.first_start.get(node.name)) for node in self.nodes))

    async def _open_database(self, servers: Servers) -> None:
        postgres = servers.postgres
        if self.fails_over:
            self._cluster = Cluster(self.folder)
            self._exits.push_async_callback(self._cluster.close)
            await self._cluster.create()
            self._database = await self._cluster.create_database()
            await self._run("migrate", self.version)
            return
        if self.version.name not in servers.templates:
            self._database = await postgres.create_database()
            await self._run("migrate", self.version)
            servers.templates[self.version.name] = self._database
        self._database = await postgres.create_database(servers.templates[self.version.name])
        self._exits.push_async_callback(postgres.drop_database, self._database)

    def _environment(self, name: str | None = None, version: Version | None = None) -> dict[str, str]:
        if self.servers is None:
            url = f"sqlite:///{self._file}"
            more: dict[str, str] = {}
        else:
            apart = name is not None and not isinstance(self._network, Impossible)
            proxy = self.through.get(name or "")
            postgres, redis = self.servers.postgres, self.servers.redis
            if self._cluster is not None:
                url = self._cluster.url(self._database)
            elif proxy is not None:
                url = postgres.url(self._database, port=proxy.port)
            else:
                url = postgres.url(self._database, address_of(DATABASE, name) if apart and name else HOST)
            relay = redis.url(address_of(RELAY, name) if apart and name else HOST)
            more = {"REDIS_URL": relay if self.meddler is None else self.meddler.url}
        settings = more | {
            "DATA": str(self.folder / "data"),
            "DATABASE_URL": url,
            "TOKEN_SECRET": self._secret,
            "HEARTBEAT_MS": str(self.heartbeat_ms),
            "SWEEP_MS": str(SWEEP_MS),
            "SNAPSHOT_MS": "2000",
            "DRAIN_MS": str(DRAIN_MS),
        }
        # Compiling everything takes longer than starting, and where packages are kept without it, each start would.
        bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.folder.parent / "bytecode")}
        return bytecode | (version or self.version).environment(settings)

    async def _run(self, command: str, version: Version = CURRENT) -> str:
        env = [f"{key}={value}" for key, value in self._environment(version=version).items()]
        return await run_program(["env", *env, *version.command, command], self.folder)
