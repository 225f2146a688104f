"""How fast a recorded exam day can be sat again on one core while acknowledgements stay quick.

Everybody of the day sits again, with think times divided by the speed. The speed rises by a quarter, or falls, until
the highest is found at which 99 of 100 answers are acknowledged soon enough. Then the core carries, by its answers, the
candidates of the day times the speed. That leaves out what costs a node by the clock and not by the answer: heartbeats,
and the memory of so many. Each day is checked as `python -m loadtest replay` checks it: a lost answer, a wrong score or
a wrong paper ends the benchmark.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace as changed
from typing import Final

import msgspec
from rich.console import Console

from loadtest.bench.bare_echo import echoed
from loadtest.bench.figure import Figure
from loadtest.bench.plan import Lost, Plan, Round, Say, together
from loadtest.bench.priority import keep_priority
from loadtest.capacity.stage import Stage, opened
from loadtest.capacity.usage import cpu_s
from loadtest.drill.process import Impossible
from loadtest.replay import Plan as ReplayPlan
from loadtest.replay import Target, make_report, replay
from loadtest.report import Report
from loadtest.sockets import allow_many_sockets
from loadtest.tokens import mint
from loadtest.trace import Trace, TraceError, read_trace

_FIRST_SPEED: Final = 200.0
_STEP: Final = 1.25
_GOAL_P99_MS: Final = 50.0
_MOST_DAYS: Final = 6
_PATIENCE_S: Final = 120.0
_WINDOW_S: Final = 5.0
_SAMPLE_S: Final = 0.5


class Day(msgspec.Struct, frozen=True):
    """One day at one speed. `busiest`: the largest share of its core that the node used over five seconds; `generator`:
    the load generator's share of its own, on the average."""

    speed: float
    report: Report
    busiest: float
    generator: float

    @property
    def is_quick(self) -> bool:
        return self.report.ack_ms_p99 <= _GOAL_P99_MS


async def measure_replay(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError` where the recorded day is not there, and `Lost`."""
    if plan.trace is None:
        raise Impossible("replay needs a recorded exam day: name its folder with --trace")
    try:
        day = read_trace(plan.trace)
    except (TraceError, OSError) as error:
        raise Impossible(f"replay needs a recorded exam day: {error}") from error
    allow_many_sockets()
    if plan.candidates < len(day.candidates):
        day = changed(day, candidates=day.candidates[: plan.candidates])
    parts = [await _measure(database, day, plan, say) for database in plan.databases]
    return together(parts)


async def _measure(database: str, day: Trace, plan: Plan, say: Say) -> Round:
    async def sit(speed: float) -> Day:
        return await _sit(database, day, speed, plan, say)

    best = await fastest(sit, plan.speed or _FIRST_SPEED)
    answers_per_s = best.report.acks_per_second
    bare = await echoed(len(day.candidates), answers_per_s, plan.seconds)
    return Round(_figures(database, day, best, bare.server_utilisation), best.generator)


async def fastest(sit: Callable[[float], Awaitable[Day]], speed: float) -> Day:
    """The fastest day that is quick enough, of a few beginning with this speed; if none of them is, the slowest."""
    tried: list[Day] = []
    while len(tried) < _MOST_DAYS:
        one = await sit(speed)
        tried.append(one)
        if one.is_quick != tried[0].is_quick:
            break
        speed = speed * _STEP if one.is_quick else speed / _STEP
    quick = [one for one in tried if one.is_quick]
    return max(quick, key=_speed) if quick else min(tried, key=_speed)


def _speed(day: Day) -> float:
    return day.speed


def _figures(database: str, day: Trace, best: Day, bare: float) -> list[Figure]:
    carried = len(day.candidates) * best.speed
    return [
        Figure.told(f"{database}: speed", round(best.speed, 1), "times"),
        Figure.told(f"{database}: candidates per core, {len(day.candidates):,} × speed", round(carried), "candidates"),
        Figure.told(f"{database}: answers, on the average", best.report.acks_per_second, "/s"),
        Figure.told(f"{database}: acknowledged after, p50", best.report.ack_ms_p50, "ms"),
        Figure.at_most(f"{database}: acknowledged after, p99", best.report.ack_ms_p99, "ms", _GOAL_P99_MS),
        Figure.told(f"{database}: the node's share of its core in its busiest five seconds", best.busiest, "cores"),
        Figure.told(f"{database}: a bare echo's share of its core at as many messages", round(bare, 3), "cores"),
        Figure.told(f"{database}: answers left late by, p99", best.report.behind_ms_p99, "ms"),
    ]


async def _sit(database: str, day: Trace, speed: float, plan: Plan, say: Say) -> Day:
    async with opened("postgresql" if database == "postgresql" else "sqlite") as stage:
        keep_priority([stage.node_pid] if stage.database_pid is None else [stage.node_pid, stage.database_pid])
        asked = ReplayPlan(
            trace_name=str(plan.trace),
            trace=day,
            speed=speed,
            ramp_s=0.0,
            patience_s=_PATIENCE_S,
            roster=stage.folder / "roster.csv",
        )
        token = mint(stage.secret, "service", "loadtest", "loadtest")
        target = Target(url=stage.url, token=token, database=database, redis=database == "postgresql")
        busiest = _Busiest(stage)
        watching = asyncio.create_task(busiest.watch())
        try:
            outcome = await replay(asked, target, Console(quiet=True))
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    report = make_report(asked, target, outcome, None, None)
    if not report.passed:
        raise Lost(f"{database}, speed {speed:g}: the day was not sat as it should: {'; '.join(report.faults)}")
    generator = round(outcome.client_cpu_s / outcome.wall_s, 3)
    say(
        f"{database}, speed {speed:.0f}: {report.acks_per_second:,.0f} answers/s, ack p50 {report.ack_ms_p50:.1f},"
        f" p99 {report.ack_ms_p99:.1f} ms; node {busiest.share:.0%} of its core at the most, generator {generator:.0%}"
    )
    return Day(speed, report, round(busiest.share, 3), generator)


class _Busiest:
    """The largest share of its core that the node used over some seconds."""

    def __init__(self, stage: Stage) -> None:
        self._pid = stage.node_pid
        self.share = 0.0

    async def watch(self) -> None:
        samples: list[tuple[float, float]] = []
        while True:
            samples.append((time.monotonic(), cpu_s(self._pid)))
            while samples[-1][0] - samples[0][0] > _WINDOW_S + _SAMPLE_S:
                samples.pop(0)
            (first_s, first_cpu_s), (last_s, last_cpu_s) = samples[0], samples[-1]
            if last_s - first_s >= _WINDOW_S:
                self.share = max(self.share, (last_cpu_s - first_cpu_s) / (last_s - first_s))
            await asyncio.sleep(_SAMPLE_S)
