"""Runs the application under uvicorn, and stops it without losing anything."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType

import uvicorn
from uvicorn.middleware.proxy_headers import _TrustedHosts

from protocol import limits
from server.app import VERSION, make_app
from server.clock import Clock
from server.limits.capacity import most_http, raise_open_files
from server.limits.http_limits import Doors, LimitedHttp
from server.node import Node
from server.ops import ByPort, make_ops_app
from server.process import garbage, logs
from server.process.accepting import OneByOneServer
from server.process.hangup import ignore_hangup
from server.process.listening import sockets_at
from server.process.starting import EXPECTED
from server.settings import Settings
from server.sockets.carried import CarriedWebSocket
from server.sockets.straight import Straight
from storage.database import Database
from storage.failpoints import FailingWriter, parse
from storage.log.batch import LogWriter
from storage.log.journal import writer_for

log = logging.getLogger(__name__)

_STOP_S = 5
"""How long REST calls under way may take to end, once the sockets have been sent away."""
_NOT_IN_ORDER = "Something kept this server from stopping in order. It ends now; all that was acknowledged is durable"
_BACKLOG = 4096
"""Length of the accept queue: a whole exam reconnects at the same instant."""


class DrainingServer(OneByOneServer):
    """On SIGTERM it first sends its clients away politely; uvicorn alone would cut them all off at once. A server that
    stops in order because it was told to has done well: it ends with status 0, not by the signal."""

    def __init__(
        self,
        config: uvicorn.Config,
        prepare: Callable[[], Awaitable[None]],
        ready: Callable[[], None],
        drain: Callable[[], Awaitable[None]],
        within_s: float,
    ) -> None:
        """`prepare` is awaited before anything is served, `ready` is called once it serves, `drain` when it is to stop;
        `within_s` later the process has ended."""
        super().__init__(config)
        self._prepare = prepare
        self.failure: Exception | None = None
        """The reason why it did not start, if an operator can fix it."""
        self._ready = ready
        self._drain = drain
        self._within_s = within_s
        self._draining: asyncio.Task[None] | None = None
        self._ending = False

    def stop_in_order(self) -> None:
        """The same as the first signal, from within."""
        self.handle_exit(signal.SIGTERM, None)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self._ending:
            self._ending = True
            end_within(self._within_s)
        if not self.started:
            super().handle_exit(sig, frame)
        elif self._draining is None:
            self._loop.call_soon_threadsafe(self._begin)
        elif not self.should_exit:
            # The second signal skips the notice, but still stops in order.
            self.should_exit = True
        else:
            self.force_exit = True

    def _begin(self) -> None:
        async def drain_then_exit() -> None:
            try:
                await self._drain()
            finally:
                self.should_exit = True

        if self._draining is None:
            self._draining = asyncio.create_task(drain_then_exit(), name="drain")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._prepare()
        except EXPECTED as error:
            # Start here and not in the ASGI lifespan, where uvicorn would print a traceback.
            self.failure = error
            self.should_exit = True
            return
        await super().startup(sockets)
        if self.started:
            self._ready()


def end_within(seconds: float) -> None:
    """Kills the process if it still runs after this time. A separate thread does so, because the loop itself may
    hang."""

    def end() -> None:
        # A log that nobody reads must not block the exit either.
        last_words = threading.Thread(target=log.error, args=(_NOT_IN_ORDER,), daemon=True)
        last_words.start()
        last_words.join(1.0)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


async def open_node(settings: Settings, clock: Clock | None = None) -> Node:
    """A node that serves, with its database open."""
    database = await Database.open(settings.database)
    try:
        node = Node(settings, database, clock, writer=_failing_writer(settings, database))
        await node.start()
    except BaseException:
        await database.close()
        raise
    return node


def _failing_writer(settings: Settings, database: Database) -> LogWriter | None:
    """In a drill, a writer that kills the process at its failpoint. Otherwise None, and the journal uses the database's
    own writer."""
    if not settings.failpoints:
        return None
    log.warning("This process is going to die on purpose: %s", settings.failpoints)
    return FailingWriter(writer_for(database), *parse(settings.failpoints))


def run(
    settings: Settings,
    prepare: Callable[[Node], Awaitable[None]] | None = None,
    announce: Callable[[Node], None] | None = None,
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serves until a signal says to stop. `prepare` runs before the first request, `announce` once it can come.
    `sockets` are bound already; without them it is host and port of the settings. Raises one of `EXPECTED` where it
    cannot start, and `SystemExit` where it has ended without having been told to."""
    raise_open_files()
    ignore_hangup()
    nodes: list[Node] = []
    stopping: list[Callable[[], None]] = []

    sockets = sockets or own_sockets(settings)

    async def open_first() -> None:
        node = await open_node(settings)
        nodes.append(node)
        node.end_process = stopping[0]
        logs.speak_for(node.name)
        if prepare is not None:
            await prepare(node)

    async def the_node() -> Node:
        return nodes[0]

    def ready() -> None:
        garbage.settle(lambda: len(nodes[0].connections))
        log.info("Serving at %s as node %s", settings.url, nodes[0].name)
        if announce is not None:
            announce(nodes[0])

    async def drain() -> None:
        for node in nodes:
            await node.drain()

    within_s = (settings.drain_notice_ms + settings.stop_ms) / 1000
    server = DrainingServer(configuration(settings, the_node), open_first, ready, drain, within_s)
    stopping.append(server.stop_in_order)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets)
    if server.failure is not None:
        raise server.failure
    if not server.started:
        raise SystemExit(3)
    if any(node.vital.ended for node in nodes):
        raise SystemExit(1)


def own_sockets(settings: Settings) -> list[socket.socket]:
    """Bound for this process alone: the public port, and the one for operators. Raises `CannotListen`."""
    sockets = sockets_at(settings.host, settings.port)
    try:
        return [*sockets, *(sockets_at(settings.ops_host, settings.ops_port) if settings.ops_port else ())]
    except BaseException:
        for one in sockets:
            one.close()
        raise


def configuration(settings: Settings, make_node: Callable[[], Awaitable[Node]]) -> uvicorn.Config:
    """How uvicorn carries the application."""
    proxies = _TrustedHosts(os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"))
    public = make_app(settings, make_node)
    straight = Straight(public.state, proxies, settings.ops_port)
    app = ByPort(public, make_ops_app(public.state, VERSION), settings.ops_port) if settings.ops_port else public
    return uvicorn.Config(
        app,
        interface="asgi3",
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=partial(LimitedHttp, doors=Doors(most_http(), proxies), straight=straight),  # type: ignore[arg-type]
        ws=CarriedWebSocket,
        ws_max_size=limits.MAX_READ_BYTES,
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
