"""The nodes: real ones, each a process that can be killed, stopped, drained and started again."""

import asyncio
from pathlib import Path
from typing import Any, Final

from server.app import VERSION, make_app
from server.clock import Clock
from server.metrics.collector import make_registry
from server.node import Node
from server.settings import Settings
from storage.errors import StorageUnavailable
from tests.simulation.analyst import AnalystHere
from tests.simulation.chance import EPOCH_MS, Chance
from tests.simulation.database import DatabaseServer, LogWriter, NodesEngine, QuickAttempts, QuickClaims, database_on
from tests.simulation.loop import Condition, Process, VirtualLoop
from tests.simulation.network import App
from tests.simulation.plan import Rules
from tests.simulation.relay import Hub

SECRET: Final = "a secret of the simulation, long enough"
_RESTART_S: Final = 1.0


def settings_for(rules: Rules) -> Settings:
    """One node keeps its own time and has no relay; several follow the database's clock."""
    return Settings(
        data=Path("/nonexistent"),
        database_url="postgresql://simulated/simulated" if rules.nodes > 1 else "",
        token_secret=SECRET,
        heartbeat_ms=rules.heartbeat_ms,
        sweep_ms=rules.sweep_ms,
        snapshot_ms=rules.snapshot_ms,
        monitor_flush_ms=rules.flush_ms,
    )


class Machine:
    """One node, over all its lives."""

    process: Process
    app: App
    node: Node

    def __init__(
        self, index: int, settings: Settings, loop: VirtualLoop, chance: Chance, server: DatabaseServer, hub: Hub
    ) -> None:
        self.name = f"node-{index}"
        self.ready = False
        self.draining = False
        self.jump_s = 0.0
        """How far the host's wall clock is off at the moment."""
        self._settings = settings
        self._loop = loop
        self._chance = chance
        self._server = server
        self._hub = hub
        self._lives = 0
        draw = chance.stream("machine", index)
        self._rate = 1 + (draw.uniform(-100e-6, 100e-6) if settings.on_postgres else 0.0)
        self._boot_s = draw.uniform(1_000, 100_000)
        self._offset_s = draw.uniform(-3_600, 3_600)

    @property
    def alive(self) -> bool:
        return self._lives > 0 and self.process.condition is not Condition.DEAD

    def start(self) -> None:
        """Starts it, unless it runs."""
        if self.alive:
            return
        self._lives += 1
        self.ready = self.draining = False
        self.process = Process(self._loop, f"{self.name}.{self._lives}")
        self.process.call(lambda: self.process.spawn(self._run(self.process), self.process.name))

    async def _run(self, process: Process) -> None:
        while True:
            engine = NodesEngine(self._server, self.name)
            relay = self._hub.join(self.name, process) if self._settings.on_postgres else None
            node = Node(
                self._settings,
                database_on(engine),
                Clock(self._wall_s, self._monotonic_s),
                relay=relay,
                attempts=QuickAttempts(engine),
                claims=QuickClaims(engine),
                writer=LogWriter(engine),
                chance=self._chance.stream(process.name),
                analyst=AnalystHere(),
            )
            try:
                await node.start()
                break
            except StorageUnavailable:
                await asyncio.sleep(_RESTART_S)
        app: Any = make_app(self._settings, _never)
        app.state.node = node
        app.state.metrics = make_registry(node, VERSION)
        self.node, self.app = node, app
        self.ready = True

    async def serving(self) -> None:
        """Returns when it serves."""
        while not self.ready:  # noqa: ASYNC110 (virtual time costs nothing, and an event would be its process's)
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        if self.alive:
            self.ready = False
            self.process.kill()

    async def drain(self) -> None:
        """In order, as on SIGTERM; what does not end in time is killed."""
        if not self.ready or self.draining:
            return
        process, node = self.process, self.node
        self.draining = True
        over: asyncio.Future[None] = self._loop.create_future()

        async def leave() -> None:
            await node.drain()
            await node.stop()
            if not over.done():
                over.set_result(None)

        process.call(lambda: process.spawn(leave(), "drain"))
        await asyncio.wait([over], timeout=30)
        if self.process is process:
            self.kill()

    def _wall_s(self) -> float:
        """Only looked at when a node starts. One that is alone starts with a clock that is right: it has no other."""
        wrong_s = self._offset_s + self.jump_s if self._settings.on_postgres else 0.0
        return EPOCH_MS / 1_000 + self._loop.time() + wrong_s

    def _monotonic_s(self) -> float:
        return self._boot_s + self._loop.time() * self._rate


async def _never() -> Node:
    raise AssertionError("the simulation makes its nodes itself")
