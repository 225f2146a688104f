"""Carries a pure session over a real WebSocket: opens the socket, feeds and wakes the session, sends its messages, and
reconnects."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Generic, Protocol, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from clients.python.carrier import Carrier
from clients.python.link import ABNORMAL_CLOSE, Link, Phase
from clients.python.wire import MAX_SERVER_MESSAGE_BYTES, NewerMessage, UnreadableMessage, pack
from protocol.codes import Close

CONNECT_TIMEOUT_S: Final = 10.0
"""From the first packet to the end of the WebSocket handshake."""

CLOSE_TIMEOUT_S: Final = 2.0
"""For the closing handshake: a server that is gone does not answer."""

UNREADABLE_CLOSE: Final = 1002
"""Our close after bytes that are no message (RFC 6455: protocol error)."""

Renew = Callable[[], Awaitable[str]]
"""Gets a fresh token: when the old one ends soon, and when it has ended. What it raises then counts as a failed try to
connect."""

M_contra = TypeVar("M_contra", contravariant=True)
M = TypeVar("M")
_log = logging.getLogger(__name__)


class Core(Protocol[M_contra]):
    """What a session offers to its driver."""

    @property
    def link(self) -> Link:
        """The life of its connection."""
        ...

    def opened(self, now_ms: int) -> None: ...
    def closed(self, code: int, detail: str, now_ms: int) -> None: ...
    def received(self, message: M_contra, now_ms: int) -> None: ...
    def wake(self, now_ms: int) -> None: ...
    def next_wake_ms(self) -> int | None: ...


_EPOCH_MS: Final = time.time_ns() // 1_000_000 - time.monotonic_ns() // 1_000_000


def now_ms() -> int:
    """This machine's clock: the wall clock was read once, and runs on monotonically from there."""
    return _EPOCH_MS + time.monotonic_ns() // 1_000_000


def socket_url(base_url: str, path: str) -> str:
    """The address of a socket on a server that is named by its web address (`http:`, `https:`, `ws:`, `wss:`)."""
    scheme, host, prefix, _, _ = urlsplit(base_url)
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if scheme not in schemes or not host:
        raise ValueError(f"no web address: {base_url!r}")
    return urlunsplit((schemes[scheme], host, prefix.rstrip("/") + path, "", ""))


class Shell(Generic[M]):
    """Runs one core. `changed` is called after everything that may have made events."""

    def __init__(
        self,
        url: str,
        core: Core[M],
        unpack: Callable[[bytes], M],
        changed: Callable[[], None],
        renew: Renew | None,
    ) -> None:
        self._url = url
        self._core = core
        self._unpack = unpack
        self._changed = changed
        self._renew = renew
        self._socket: Carrier | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_ms = 0

    async def run(self) -> None:
        """Keeps the connection until the core says that it has ended. Cancelling it closes the socket."""
        link = self._core.link
        try:
            while link.phase != Phase.ENDED:
                await asyncio.sleep(max(0, link.retry_at_ms - now_ms()) / 1_000)
                code, detail = await self._live_once()
                self._core.closed(code, detail, now_ms())
                self._changed()
        finally:
            self._disarm()
            if self._renewing is not None:
                self._renewing.cancel()

    def flush(self) -> None:
        """The core may have something to send, or another time to be woken at."""
        link = self._core.link
        if self._socket is not None:
            while link.outgoing:
                self._socket.say(pack(link.outgoing.popleft()))
            if link.broken is not None:
                self._leave(Close.HEARTBEAT_LOST, link.broken)
        self._arm()

    async def stop(self) -> None:
        """Ends it from this side, with a closing handshake where a socket is open."""
        self._core.link.stop()
        if self._socket is not None:
            await self._socket.close()

    async def drop(self) -> None:
        """Cuts the connection as a failing network would; the core comes back by itself."""
        if self._socket is not None:
            self._socket.transport.abort()
            await self._socket.wait_closed()

    # ── one connection ─────────────────────────────────────────────────────────────────────────────────────────

    async def _live_once(self) -> tuple[int, str]:
        """From the try to connect to the close: its code, and what is known about why."""
        link = self._core.link
        if link.needs_token:
            try:
                assert self._renew is not None
                link.renewed(await self._renew())
            except Exception as error:  # noqa: BLE001  (whatever the program's own function raises is a failed try)
                _log.warning("no fresh token: %s", error)
                return Close.TOKEN_EXPIRED, str(error)
        link.connecting()
        try:
            socket = await self._connect()
        except (OSError, TimeoutError, WebSocketException) as error:
            return ABNORMAL_CLOSE, f"could not connect: {error}"
        self._socket = socket
        try:
            self._core.opened(now_ms())
            self.flush()
            await socket.wait_closed()
            return socket.close_code or ABNORMAL_CLOSE, socket.close_reason or link.broken or ""
        finally:
            self._socket = None
            self._disarm()
            await socket.close()

    async def _connect(self) -> Carrier:
        socket = await connect(
            self._url,
            # Typed as a class there, and documented as any wrapper of it.
            create_connection=cast(type[ClientConnection], partial(Carrier, heard=self._heard)),
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=CONNECT_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_SERVER_MESSAGE_BYTES,
        )
        assert isinstance(socket, Carrier)
        return socket

    def _heard(self, data: bytes) -> None:
        try:
            message = self._unpack(data)
        except NewerMessage:
            self._core.link.heard(now_ms())
            return
        except UnreadableMessage as error:
            _log.error("closing after a message that this client can't read: %s", error)
            self._leave(UNREADABLE_CLOSE, "unreadable message")
            return
        self._core.received(message, now_ms())
        self._changed()
        self.flush()
        if self._core.link.wants_token and self._renewing is None:
            self._renewing = asyncio.create_task(self._give_fresh_token())

    async def _give_fresh_token(self) -> None:
        """While the connection lives, so that nothing has to wait for a new one."""
        assert self._renew is not None
        try:
            self._core.link.renewed(await self._renew())
            self.flush()
        except Exception as error:  # noqa: BLE001  (whatever the program's own function raises)
            # The server closes the connection when the token has ended; then it is tried again.
            self._core.link.wants_token = False
            _log.warning("no fresh token: %s", error)
        finally:
            self._renewing = None

    def _leave(self, code: int, reason: str) -> None:
        """Starts the closing handshake, once. The task that waits for the socket's end notices when it is done."""
        if self._socket is not None and self._leaving is None:
            self._leaving = asyncio.create_task(self._socket.close(code, reason))
            self._leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Task[None]) -> None:
        self._leaving = None
        if not leaving.cancelled() and (error := leaving.exception()) is not None:
            _log.error("the socket could not be closed", exc_info=error)

    # ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _arm(self) -> None:
        # Move the alarm only if it would be late: an early alarm does no harm.
        wake_at_ms = self._core.next_wake_ms()
        if wake_at_ms is None or (self._timer is not None and self._timer_at_ms <= wake_at_ms):
            return
        self._disarm()
        self._timer_at_ms = wake_at_ms
        delay_s = max(0, wake_at_ms - now_ms()) / 1_000
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._core.wake(now_ms())
        self._changed()
        self.flush()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
