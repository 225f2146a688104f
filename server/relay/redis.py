"""The relay of several nodes, over Redis pub/sub.

Two supervised loops, one that sends and one that hears, each with its own connection; whatever happens to Redis, they
come back. A reconnect of the hearing side is a gap, also the silent one inside the library: a `subscribe` confirmation
that nobody asked for.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from server.relay import Listener, Unsubscribe
from server.relay.subscribers import Subscribers, guarded

log = logging.getLogger(__name__)

_PREFIX: Final = "pencilsdown:"
_QUEUE: Final = 10_000
"""Messages that wait while Redis is away; then the oldest go, and their numbers tell the others of the gap."""
_PIPELINE: Final = 200
_BACKOFF_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
_POLL_S: Final = 0.2
"""Seconds; also the longest that a new subscription waits to be told to Redis."""
_HEALTH_CHECK_S: Final = 5
_PROBE_EVERY_S: Final = 1.0
_PROBES: Final = "probes"
"""Every node listens here, so that it has a subscription at all; what it hears of itself tells how long that took."""


class RedisRelay:
    """At most once between nodes; this process hears its own messages at once, with Redis or without."""

    def __init__(self, url: str, node: str) -> None:
        options: dict[str, Any] = {
            "health_check_interval": _HEALTH_CHECK_S,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "retry": None,
        }
        self._sender = Redis.from_url(url, **options)
        self._hearer = Redis.from_url(url, **options)
        self._subscribers = Subscribers()
        self._outgoing: deque[tuple[str, bytes]] = deque(maxlen=_QUEUE)
        self._wake_sender = asyncio.Event()
        self._changed = asyncio.Event()
        self._gap_listeners: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._hears = False
        self._sends = True
        self._probe: bytes | None = None
        self._probed_s = self._lag_s = 0.0
        # Every message begins with its sender's mark, so that a node does not hear its own ones twice.
        self._own_mark = blake2b(node.encode(), digest_size=8).digest()

    @property
    def healthy(self) -> bool:
        return self._hears and self._sends

    @property
    def shared(self) -> bool:
        return True

    @property
    def lag_s(self) -> float:
        return self._lag_s if self._probe is None else max(self._lag_s, time.monotonic() - self._probed_s)

    @property
    def waiting(self) -> int:
        return len(self._outgoing)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._supervise(self._send), name="relay sender"),
            asyncio.create_task(self._supervise(self._hear), name="relay hearer"),
            asyncio.create_task(self._probe_on(), name="relay probe"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in (self._sender, self._hearer):
            try:
                await client.aclose()
            except (RedisError, OSError) as error:
                log.debug("Closing the connection to Redis failed: %s", type(error).__name__)

    def publish(self, channel: str, data: bytes) -> None:
        self._subscribers.tell(channel, data)
        self._outgoing.append((_PREFIX + channel, self._own_mark + data))
        self._wake_sender.set()

    def subscribe(self, channel: str, listener: Listener) -> Unsubscribe:
        leave, is_new = self._subscribers.add(channel, listener)
        if is_new:
            self._changed.set()

        def leave_and_tell() -> None:
            leave()
            self._changed.set()

        return leave_and_tell

    def on_gap(self, listener: Callable[[], None]) -> None:
        self._gap_listeners.append(listener)

    async def _probe_on(self) -> None:
        """Sends a word to itself the long way round; one that is lost is sent again, and its time counts on."""
        while True:
            if self._probe is None:
                self._probed_s = time.monotonic()
                self._probe = repr(self._probed_s).encode()
            self.publish(_PROBES, self._probe)
            await asyncio.sleep(_PROBE_EVERY_S)

    async def _supervise(self, work: Callable[[], Any]) -> None:
        failures = 0
        while True:
            try:
                await work()
                failures = 0
            except (RedisError, OSError, TimeoutError) as error:
                if failures == 0:
                    log.warning("The relay has lost Redis (%s); answers are not touched by it", type(error).__name__)
            except Exception:
                log.exception("The relay failed and starts again")
            self._hears = self._hears and work != self._hear
            self._sends = self._sends and work != self._send
            await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
            failures += 1

    async def _send(self) -> None:
        await self._sender.ping()
        self._sends = True
        while True:
            await self._wake_sender.wait()
            self._wake_sender.clear()
            while self._outgoing:
                batch = [self._outgoing.popleft() for _ in range(min(_PIPELINE, len(self._outgoing)))]
                pipeline = self._sender.pipeline(transaction=False)
                for channel, data in batch:
                    pipeline.publish(channel, data)
                await pipeline.execute()

    async def _hear(self) -> None:
        pubsub = self._hearer.pubsub()
        try:
            await self._listen(pubsub)
        finally:
            self._hears = False
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _listen(self, pubsub: PubSub) -> None:
        heard: set[str] = set()
        awaited: set[str] = set()
        await self._hearer.ping()
        self._changed.set()
        while True:
            if self._changed.is_set():
                self._changed.clear()
                wanted = {_PREFIX + channel for channel in self._subscribers.channels} | {_PREFIX + _PROBES}
                if new := wanted - heard:
                    awaited |= new
                    await pubsub.subscribe(*new)
                if old := heard - wanted:
                    await pubsub.unsubscribe(*old)
                heard = wanted
            message = await pubsub.get_message(timeout=_POLL_S if not self._changed.is_set() else 0)
            if message is None:
                continue
            name = message["channel"].decode()
            if message["type"] == "message":
                data: bytes = message["data"]
                if not data.startswith(self._own_mark):
                    self._subscribers.tell(name.removeprefix(_PREFIX), data[len(self._own_mark) :])
                elif self._probe is not None and data[len(self._own_mark) :] == self._probe:
                    self._lag_s, self._probe = time.monotonic() - self._probed_s, None
            elif message["type"] == "subscribe":
                silent_reconnect = name not in awaited
                awaited.discard(name)
                if silent_reconnect or not awaited:
                    self._hears = True
                    self._tell_gap()

    def _tell_gap(self) -> None:
        for listener in self._gap_listeners:
            guarded(listener, "A listener for gaps of the relay failed")
