"""The relay of several nodes, over Redis pub/sub: one server, or the primaries of a cluster.

A `Layout` maps channels to servers; there is a `Link` for every server that carries channels. A cluster's layout may
change while we run. Then messages that wait for a channel's old server move to the new one.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from server.relay import Listener, Unsubscribe
from server.relay.layout import Layout, OneServer, Slots, channel_at
from server.relay.link import Link
from server.relay.probe import Probe
from server.relay.seal import OLDEST_MS, Seal, Verdict
from server.relay.sender import QUEUE, Message
from server.relay.servers import Address, Servers
from server.relay.subscribers import Subscribers, guarded
from server.relay.survey import Survey
from server.relay.words import Events

log = logging.getLogger(__name__)

_PREFIX: Final = "pencilsdown:"
_PROBE_EVERY_S: Final = 1.0
_WARN_EVERY_S: Final = 60.0
_DROPPED: Final[dict[Verdict, str]] = {
    "forged": "somebody else writes to Redis, or a node has another token secret",
    "replayed": "somebody else writes to Redis",
    "late": f"they took more than {OLDEST_MS // 1000} s; Redis or a node has too much to do",
}
"""Why messages are not heard, and what that means."""


class RedisRelay:
    """At most once between nodes; this process hears its own messages at once, with Redis or without.

    If a replica takes over while the old primary lives on, messages on their way to the old one may arrive late.
    """

    def __init__(self, url: str, seal: Seal) -> None:
        self._servers = Servers(url)
        self._subscribers = Subscribers()
        self._gap_listeners: list[Callable[[], None]] = []
        self._seal = seal
        self.dropped: Counter[str] = Counter(dict.fromkeys(_DROPPED, 0))
        self._warned_s: dict[str, float] = {}
        self._probes = f"{_PREFIX}probe:{seal.name}:"
        self._layout: Layout = Slots()
        self._links: dict[Address, Link] = {}
        self._homeless: deque[Message] = deque(maxlen=QUEUE)
        self._survey: Survey | None = None
        self._probing: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._began_s = time.monotonic()

    @property
    def healthy(self) -> bool:
        placed = all(self._layout.home(_PREFIX + channel) for channel in self._subscribers.channels)
        return bool(self._links) and placed and all(link.healthy for link in self._links.values())

    @property
    def shared(self) -> bool:
        return True

    @property
    def lag_s(self) -> float:
        """The lag of the slowest server."""
        lags = [link.probe.lag_s for link in self._links.values()]
        return max(lags, default=time.monotonic() - self._began_s)

    @property
    def waiting(self) -> int:
        return len(self._homeless) + sum(link.waiting for link in self._links.values())

    async def start(self) -> None:
        self._began_s = time.monotonic()
        if self._servers.are_cluster:
            self._survey = Survey(self._servers, self._lay_out, lambda: self.healthy)
            self._survey.start()
        else:
            self._lay_out(OneServer(self._servers.seeds[0]))
        self._probing = asyncio.create_task(self._probe_on(), name="relay probes")

    async def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        if self._survey is not None:
            await self._survey.close()
        await asyncio.gather(*(link.close() for link in self._links.values()), *self._leaving)

    def publish(self, channel: str, data: bytes) -> None:
        self._subscribers.tell(channel, data)
        self._send((_PREFIX + channel, self._seal.close(_PREFIX + channel, data)))

    def subscribe(self, channel: str, listener: Listener) -> Unsubscribe:
        leave, is_new = self._subscribers.add(channel, listener)
        if is_new and (link := self._link(_PREFIX + channel)):
            link.want(_PREFIX + channel)

        def leave_and_tell() -> None:
            leave()
            if channel not in self._subscribers and (link := self._link(_PREFIX + channel)):
                link.forget(_PREFIX + channel)

        return leave_and_tell

    def on_gap(self, listener: Callable[[], None]) -> None:
        self._gap_listeners.append(listener)

    def _link(self, channel: str) -> Link | None:
        home = self._layout.home(channel)
        return None if home is None else self._links.get(home)

    def _send(self, message: Message) -> None:
        link = self._link(message[0])
        if link is None:
            self._homeless.append(message)
        else:
            link.send(message)

    def _lay_out(self, layout: Layout) -> None:
        """The channels are spread like this from now on."""
        if layout == self._layout:
            for link in self._links.values():
                link.ask_again()
            return
        waiting = list(self._homeless)
        self._homeless.clear()
        for link in self._links.values():
            waiting += link.take_waiting()
        self._layout = layout
        for server in self._links.keys() - layout.servers:
            leaving = asyncio.create_task(self._links.pop(server).close(), name="relay leaves a server")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        for server in layout.servers - self._links.keys():
            events = Events(self._hear, self._tell_gap, self._look)
            self._links[server] = Link(self._servers, server, events, channel_at(layout, server, self._probes))
            self._links[server].start()
        wanted: dict[Address | None, set[str]] = {}
        for channel in self._subscribers.channels:
            wanted.setdefault(layout.home(_PREFIX + channel), set()).add(_PREFIX + channel)
        for server, link in self._links.items():
            if layout.home(link.probe.channel) != server:
                link.probe = Probe(channel_at(layout, server, self._probes))
            link.want_only(wanted.get(server, set()) | {link.probe.channel})
        for message in waiting:
            self._send(message)
        self._send_probes()

    def _look(self) -> None:
        if self._survey is not None:
            self._survey.look()

    def _hear(self, channel: str, message: bytes) -> bool:
        opened = self._seal.open(channel, message)
        if isinstance(opened, str):
            self._drop(opened)
            # Our own nodes' late messages are no flood of a stranger's.
            return opened == "late"
        own, data = opened
        # Our own messages were delivered when they were published, so only probes matter when they come back.
        if not own:
            self._subscribers.tell(channel.removeprefix(_PREFIX), data)
        elif link := self._link(channel):
            link.probe.back(channel, data)
        return True

    def _drop(self, reason: Verdict) -> None:
        self.dropped[reason] += 1
        now_s = time.monotonic()
        if now_s - self._warned_s.get(reason, -_WARN_EVERY_S) >= _WARN_EVERY_S:
            self._warned_s[reason] = now_s
            log.warning("The relay drops %s messages: %s", reason, _DROPPED[reason])

    def _tell_gap(self) -> None:
        # A probe sent before its channel is subscribed is lost, and would only be repeated a second later.
        self._send_probes()
        for listener in self._gap_listeners:
            guarded(listener, "A listener for gaps of the relay failed")

    def _send_probes(self) -> None:
        for link in self._links.values():
            channel = link.probe.channel
            link.send((channel, self._seal.close(channel, link.probe.word())))

    async def _probe_on(self) -> None:
        while True:
            await asyncio.sleep(_PROBE_EVERY_S)
            guarded(self._send_probes, "Probing the relay failed")
