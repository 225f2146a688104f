"""A node dies in the middle of an exam, and everybody comes back: how long until the last one goes on, what that costs,
and whether anything is lost.

The room works as in `room.py`. The node is killed, and started again on the same database as soon as it is dead.
Everybody comes back as our clients do: at once, and after each try in vain later, each wait drawn evenly from nothing
to a bound that doubles. What was not acknowledged is sent again. How long it takes counts from the instant at which the
node listens again.
"""

import asyncio
import math
import random
import time
from typing import Final

from clients.python.backoff import Backoff
from loadtest.bench.coming import come_in
from loadtest.bench.control import Make, Run
from loadtest.bench.crowd import Crowd, Member
from loadtest.bench.figure import Figure
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.stage import Stage, on_each_database
from loadtest.latency import Latency

_WORK_S: Final = 5.0
"""Before the node is killed, and when everybody is back."""
_PATIENCE_S: Final = 90.0
_SETTLE_S: Final = 10.0
_GOAL_S: Final = 10.0
_GOAL_CPU_US: Final = 1_000.0


async def measure_return(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    settings = {"PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates)}
    return await on_each_database(plan, settings, lambda stage: _Return(stage, plan.candidates, say).measure())


class _Return:
    """One node and its candidates."""

    def __init__(self, stage: Stage, candidates: int, say: Say) -> None:
        self._stage = stage
        self._candidates = candidates
        self._say = say
        self._tries = 0
        self._back_s: list[float] = []
        """When each of them was welcome, by the event loop's clock."""

    async def measure(self) -> Round:
        stage, name = self._stage, self._stage.database
        crowd = Crowd((await stage.control.ask(Make(self._candidates))).seats)
        told = await stage.control.ask(Run(0))
        ahead_ms = told.now_ms - time.monotonic() * 1_000
        await come_in(stage, crowd, name, self._say)
        crowd.begin()
        await asyncio.sleep(_WORK_S)
        crowd.check()
        killed_s = time.monotonic()
        await stage.kill()
        coming = [asyncio.create_task(self._come_back(member)) for member in crowd.members]
        await stage.start_again()
        told = await stage.control.ask(Run(0))
        # The clock of a node that starts is right; that of this one stood still until now.
        await stage.control.ask(Run(round(time.monotonic() * 1_000 + ahead_ms) - told.now_ms))
        loop = asyncio.get_running_loop()
        listens_s, node_s, generator_s = loop.time(), stage.node_cpu_s, time.process_time()
        _, away = await asyncio.wait(coming, timeout=_PATIENCE_S)
        for task in away:
            task.cancel()
        took_s = loop.time() - listens_s
        node_s, generator_s = stage.node_cpu_s - node_s, time.process_time() - generator_s
        await asyncio.sleep(_WORK_S)
        await crowd.stop()
        await crowd.settle(_SETTLE_S)
        if not away:
            crowd.check()
        lateness = Latency()
        for back_s in self._back_s:
            lateness.add(max(0.0, back_s - listens_s) * 1_000)
        p99_s, each_us = lateness.percentile_ms(99) / 1_000, round(node_s / self._candidates * 1e6)
        self._say(
            f"{name}: down for {listens_s - killed_s:.1f} s; back p50 {lateness.percentile_ms(50) / 1_000:.1f} s, p99"
            f" {p99_s:.1f} s, last {lateness.max_ms / 1_000:.1f} s later, after {self._tries:,} tries; {each_us:,} µs"
            f" of the node's CPU each, {node_s / took_s:.0%} of its core"
        )
        figures = [
            Figure.at_most(f"{name}: 99 % are back", round(p99_s, 2), "s", _GOAL_S),
            Figure.told(f"{name}: the last one is back", round(lateness.max_ms / 1_000, 2), "s"),
            Figure.at_most(f"{name}: not back", len(away), "candidates", 0),
            Figure.at_most(f"{name}: the node's processor time of a return", each_us, "µs", _GOAL_CPU_US),
            Figure.at_most(f"{name}: not acknowledged", crowd.unacknowledged, "operations", 0),
            Figure.at_most(f"{name}: not exactly once in the log", await crowd.lost(stage), "attempts", 0),
        ]
        return Round(figures, round(generator_s / took_s, 2))

    async def _come_back(self, member: Member) -> None:
        await member.sitter.over
        backoff = Backoff(random.random)
        welcomed_s = math.inf
        while welcomed_s == math.inf:
            await asyncio.sleep(backoff.next_ms() / 1_000)
            self._tries += 1
            welcomed_s = await member.connect(self._stage.port)
        self._back_s.append(welcomed_s)
