"""A simulated relay: what Redis pub/sub does on a bad day, and some things that it never would."""

import asyncio
from collections.abc import Callable
from random import Random

import msgspec

from server.relay import Listener, Unsubscribe
from server.relay.subscribers import Subscribers, guarded
from tests.simulation.loop import NOBODY, Process


class RelayWeather(msgspec.Struct):
    """How messages pass. Chances are of one message to one node."""

    down: bool = False
    lost: float = 0.0
    twice: float = 0.0
    slow_s: float = 0.002


class Hub:
    """Between all nodes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, chance: Random) -> None:
        self.weather = RelayWeather()
        self._loop = loop
        self._chance = chance
        self._members: dict[str, SimulatedRelay] = {}
        self.cut_off: set[str] = set()
        """Nodes that can't reach it."""

    def join(self, name: str, process: Process) -> "SimulatedRelay":
        """A node's relay; one that was there under this name is gone."""
        relay = SimulatedRelay(self, name, process)
        self._members[name] = relay
        return relay

    def passes(self, name: str) -> bool:
        return not self.weather.down and name not in self.cut_off

    def carry(self, sender: str, channel: str, data: bytes) -> None:
        """To everybody else, one by one."""
        if not self.passes(sender):
            return
        for name, member in self._members.items():
            if name == sender:
                continue
            copies = 1 + (self._chance.random() < self.weather.twice)
            for _ in range(copies):
                delay_s = 0.000_3 + self._chance.random() * self.weather.slow_s
                if self.passes(name) and self._chance.random() >= self.weather.lost:
                    member.process.call_later(delay_s, member.deliver, channel, data)

    def heal(self, names: list[str]) -> None:
        """Messages pass again: a node that had lost its connection knows that it may have missed something."""
        for name in names:
            if name in self._members:
                self._loop.call_later(self._chance.random(), self._members[name].reconnected, context=NOBODY)

    @property
    def names(self) -> list[str]:
        return list(self._members)


class SimulatedRelay:
    """One node's end: `server.relay.Relay`."""

    def __init__(self, hub: Hub, name: str, process: Process) -> None:
        self._hub = hub
        self._name = name
        self.process = process
        self._subscribers = Subscribers()
        self._gap_listeners: list[Callable[[], None]] = []

    @property
    def healthy(self) -> bool:
        return self._hub.passes(self._name)

    @property
    def shared(self) -> bool:
        return True

    async def start(self) -> None:
        """Connected, if that is possible."""
        self._hub.heal([self._name])

    async def close(self) -> None:
        """Nothing to end."""

    def publish(self, channel: str, data: bytes) -> None:
        self._subscribers.tell(channel, data)
        self._hub.carry(self._name, channel, data)

    def subscribe(self, channel: str, listener: Listener) -> Unsubscribe:
        return self._subscribers.add(channel, listener)[0]

    def on_gap(self, listener: Callable[[], None]) -> None:
        self._gap_listeners.append(listener)

    def deliver(self, channel: str, data: bytes) -> None:
        self._subscribers.tell(channel, data)

    def reconnected(self) -> None:
        if self.healthy:
            self.process.call(self._tell_gap)

    def _tell_gap(self) -> None:
        for listener in self._gap_listeners:
            guarded(listener, "A listener for gaps of the relay failed")
