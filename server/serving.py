"""Running the application under uvicorn, and stopping it so that nobody loses anything."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

from protocol import limits
from server.app import make_app
from server.capacity import raise_open_files
from server.clock import Clock
from server.node import Node
from server.settings import Settings
from storage.database import Database

log = logging.getLogger(__name__)

_STOP_S = 10
_BACKLOG = 4096
"""Connections that wait to be accepted: a whole exam reconnects at the same instant."""


class DrainingServer(uvicorn.Server):
    """On SIGTERM it first sends its clients away politely; uvicorn alone would cut them all off at once. A server that
    stops in order because it was told to has done well: it ends with status 0, not by the signal."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._ready = ready
        self._drain = drain
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._draining is not None or not self.started:
            super().handle_exit(sig, frame)
            return
        self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        async def drain_then_exit() -> None:
            try:
                await self._drain()
            finally:
                self.should_exit = True

        if self._draining is None:
            self._draining = asyncio.create_task(drain_then_exit(), name="drain")

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._ready()


async def open_node(settings: Settings, clock: Clock | None = None) -> Node:
    """A node that serves, with its database open."""
    database = await Database.open(settings.database)
    try:
        node = Node(settings, database, clock)
        await node.start()
    except BaseException:
        await database.close()
        raise
    return node


def run(
    settings: Settings,
    prepare: Callable[[Node], Awaitable[None]] | None = None,
    announce: Callable[[Node], None] | None = None,
) -> None:
    """Serves until a signal says to stop. `prepare` runs before the first request, `announce` once it can come."""
    raise_open_files()
    nodes: list[Node] = []

    async def make_node() -> Node:
        node = await open_node(settings)
        nodes.append(node)
        if prepare is not None:
            await prepare(node)
        return node

    def ready() -> None:
        log.info("Serving at %s", settings.url)
        if announce is not None:
            announce(nodes[0])

    async def drain() -> None:
        for node in nodes:
            await node.drain()

    server = DrainingServer(configuration(settings, make_node), ready, drain)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(3)


def configuration(settings: Settings, make_node: Callable[[], Awaitable[Node]]) -> uvicorn.Config:
    """How uvicorn carries the application."""
    return uvicorn.Config(
        make_app(settings, make_node),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=limits.MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_ping_timeout=None,
        timeout_graceful_shutdown=_STOP_S,
        backlog=_BACKLOG,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on",
    )
