"""Carries out the plan's faults, and in the end heals everything."""

import asyncio
from collections.abc import Callable
from typing import Final

from loadtest.checker.history import Relief, Trouble
from tests.simulation.cluster import Machine
from tests.simulation.database import DatabaseServer, Weather
from tests.simulation.loop import VirtualLoop
from tests.simulation.plan import Fault
from tests.simulation.recorder import Recorder
from tests.simulation.relay import Hub, RelayWeather

_TROUBLE: Final = {
    "kill": "node",
    "drain": "node",
    "stall": "stall",
    "database_away": "database",
    "database_frozen": "database",
    "database_unsure": "database",
    "database_slow": "database",
    "database_cut": "cut",
    "relay_down": "relay",
    "relay_bad": "relay",
    "relay_cut": "relay",
    "network_slow": "network",
    "wall_jump": "clock",
}


class Nemesis:
    """Overlapping faults of one kind end with the last of them."""

    def __init__(
        self,
        loop: VirtualLoop,
        recorder: Recorder,
        machines: list[Machine],
        server: DatabaseServer,
        hub: Hub,
        on_death: Callable[[Machine], None],
    ) -> None:
        self._loop = loop
        self._recorder = recorder
        self._machines = machines
        self._server = server
        self._hub = hub
        self._active: dict[tuple[str, int], int] = {}
        self.slow_network = False
        self._on_death = on_death

    async def inflict(self, fault: Fault, number: int) -> None:
        """One fault, from its beginning to its end."""
        await asyncio.sleep(fault.at_ms / 1_000)
        what = f"{fault.kind}-{number}"
        kind = _TROUBLE[fault.kind]
        machine = self._machines[fault.node % len(self._machines)]
        self._recorder.note(
            Trouble(at_ms=self._recorder.now_ms(), who="nemesis", kind=kind, what=what, node=machine.name)
        )
        if fault.kind == "drain":
            await machine.drain()
        key = (fault.kind, fault.node)
        self._active[key] = self._active.get(key, 0) + 1
        self._begin(fault, machine)
        await asyncio.sleep(fault.for_ms / 1_000)
        self._active[key] -= 1
        if self._active[key] == 0:
            self._end(fault, machine)
        if kind == "node":
            await machine.serving()
        # A transaction that has lost its client and is not over is part of the trouble.
        while kind == "database" and self._server.at_large:  # noqa: ASYNC110 (virtual time costs nothing)
            await asyncio.sleep(0.1)
        self._recorder.note(Relief(at_ms=self._recorder.now_ms(), who="nemesis", kind=kind, what=what))

    def _begin(self, fault: Fault, machine: Machine) -> None:
        weather = self._server.weather
        match fault.kind:
            case "kill":
                machine.kill()
                self._on_death(machine)
            case "drain":
                self._on_death(machine)
            case "stall":
                machine.process.stop()
            case "database_away":
                weather.away = True
            case "database_frozen":
                self._server.freeze()
            case "database_unsure":
                weather.not_written, weather.unknown, weather.late = 0.1, 0.25, 0.5
            case "database_slow":
                weather.slow, weather.slow_s = 0.5, 1.5
            case "database_cut":
                self._server.cut_off.add(machine.name)
            case "relay_down":
                self._hub.weather.down = True
            case "relay_bad":
                self._hub.weather = RelayWeather(self._hub.weather.down, lost=0.3, twice=0.3, slow_s=1.0)
            case "relay_cut":
                self._hub.cut_off.add(machine.name)
            case "network_slow":
                self.slow_network = True
            case "wall_jump":
                machine.jump_s = 3_600 if fault.for_ms % 2 else -3_600

    def _end(self, fault: Fault, machine: Machine) -> None:
        weather, fine = self._server.weather, Weather()
        match fault.kind:
            case "kill" | "drain":
                machine.start()
            case "stall":
                machine.process.resume()
            case "database_away":
                weather.away = False
            case "database_frozen":
                self._server.thaw()
            case "database_unsure":
                weather.not_written, weather.unknown, weather.late = fine.not_written, fine.unknown, fine.late
            case "database_slow":
                weather.slow, weather.slow_s = fine.slow, fine.slow_s
            case "database_cut":
                self._server.cut_off.discard(machine.name)
            case "relay_down":
                self._hub.weather.down = False
                self._hub.heal(self._hub.names)
            case "relay_bad":
                self._hub.weather = RelayWeather(self._hub.weather.down)
            case "relay_cut":
                self._hub.cut_off.discard(machine.name)
                self._hub.heal([machine.name])
            case "network_slow":
                self.slow_network = False
            case "wall_jump":
                machine.jump_s = 0.0
