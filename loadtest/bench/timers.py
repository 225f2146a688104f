"""How late everybody hears of what the clock decides, while others keep the node busy.

Half of the candidates are warned, and the time of the other half is up, all within half a minute, each at an instant of
her own or of a few. All of them are connected and do nothing. A thousand candidates of another exam answer 2,000 times
a second meanwhile. What counts is from the instant that the rules name to the one at which the page is told.
"""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loadtest.bench.coming import come
from loadtest.bench.control import Advance, Invite, Make, Run, Write
from loadtest.bench.exam import DURATION_MS, GRACE_MS, OTHER_TEST, TEST, WARNED_MS
from loadtest.bench.figure import Figure
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.script import candidate_script
from loadtest.bench.sitter import Sitter
from loadtest.bench.stage import Stage, on_each_database
from loadtest.drill.process import StageError
from loadtest.latency import Latency

_OTHERS: Final = 1_000
_RATE: Final = 2_000.0
_SPREAD_MS: Final = 30_000
_LEAD_MS: Final = 25_000
"""Before the first of those instants the clock, which stood still until then, begins to run: the others come, and
answer for some seconds."""
_WARM_S: Final = 2.0
_PATIENCE_S: Final = 20.0
_LOOKS: Final = 10
_GOAL_MS: Final = 10.0
_WRITTEN: Final = f"""
    SELECT l.kind, count(*) FROM attempt_log AS l JOIN test_attempts AS a ON a.attempt_id = l.attempt_id
    WHERE a.test_id = '{TEST}' AND l.kind IN ('warned', 'expired') GROUP BY l.kind"""  # noqa: S608 -- a constant of ours


async def measure_timers(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError` and `Lost`."""
    settings = {
        "PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates + _OTHERS),
        # Nobody sends beats here.
        "PENCILSDOWN_HEARTBEAT_MS": "60000",
    }
    return await on_each_database(plan, settings, lambda stage: _Timers(stage, plan, say).measure())


class _Timers:
    """One node and its candidates."""

    def __init__(self, stage: Stage, plan: Plan, say: Say) -> None:
        self._stage = stage
        self._plan = plan
        self._say = say

    async def measure(self) -> Round:
        stage, control, name = self._stage, self._stage.control, self._stage.database
        half = self._plan.candidates // 2
        ending = (await control.ask(Write(half, _SPREAD_MS))).seats
        warned = (await control.ask(Write(half, _SPREAD_MS, warned=False))).seats
        other_seats = (await control.ask(Make(_OTHERS, OTHER_TEST))).seats
        await control.ask(Advance(DURATION_MS - _LEAD_MS))
        sitters = [Sitter(seat, number) for number, seat in enumerate([*ending, *warned])]
        await come(stage, sitters, name, self._say)
        for sitter in sitters:
            if sitter.failure is not None:
                raise StageError(sitter.failure)
        ahead_ms = await self._run()
        load = Load(
            port=stage.port,
            rate=self._plan.rate or _RATE,
            warm_s=_WARM_S,
            window_s=(_LEAD_MS + _SPREAD_MS + GRACE_MS) / 1_000,
            server_pid=stage.pid,
            database_pid=None if stage.postgres is None else stage.postgres.pid,
        )
        folder = Path(stage.folder)
        answering = asyncio.create_task(generate(candidate_script(other_seats), load, folder))
        of_ends = [(one.ended, _deadline_ms(one) + GRACE_MS - ahead_ms) for one in sitters[:half]]
        of_warnings = [(one.warned, _deadline_ms(one) - WARNED_MS - ahead_ms) for one in sitters[half:]]
        last_s = max(due_ms for _, due_ms in (*of_ends, *of_warnings)) / 1_000
        loop = asyncio.get_running_loop()
        told = [one for one, _ in (*of_ends, *of_warnings)]
        await asyncio.wait(told, timeout=last_s - loop.time() + _PATIENCE_S)
        measured = await answering
        measured.check()
        ends, warnings = _lateness(of_ends), _lateness(of_warnings)
        for what, one in (("ends", ends), ("warnings", warnings)):
            self._say(
                f"{name}: {one.count:,} {what} told, p50 {one.percentile_ms(50):.1f}, p99 {one.percentile_ms(99):.1f},"
                f" last {one.max_ms:.1f} ms late"
            )
        self._say(_in_words(name, measured))
        # Those whose time is up had been warned before.
        written = dict(await stage.rows(_WRITTEN))
        wrong = abs(written.get("expired", 0) - half) + abs(written.get("warned", 0) - 2 * half)
        figures = [
            Figure.at_most(f"{name}: told of the end, p99", ends.percentile_ms(99), "ms", _GOAL_MS),
            Figure.at_most(f"{name}: warned, p99", warnings.percentile_ms(99), "ms", _GOAL_MS),
            Figure.at_most(f"{name}: not told", 2 * half - ends.count - warnings.count, "candidates", 0),
            Figure.at_most(f"{name}: not exactly once in the log", wrong, "records", 0),
            Figure.told(f"{name}: others' answers acknowledged after, p99", measured.p99_ms, "ms"),
        ]
        return Round(figures, round(measured.utilisation, 2))

    async def _run(self) -> float:
        """Lets the node's clock run. How far it is ahead of the event loop's, in milliseconds."""
        await self._stage.control.ask(Run(0))
        loop, found = asyncio.get_running_loop(), -math.inf
        for _ in range(_LOOKS):
            told = await self._stage.control.ask(Invite(0))
            # The way back takes a moment: of several the quickest is right.
            found = max(found, told.now_ms - loop.time() * 1_000)
        return found


def _deadline_ms(sitter: Sitter) -> int:
    assert sitter.deadline_ms is not None, "the exam has a time limit"
    return sitter.deadline_ms


def _lateness(told: Sequence[tuple[asyncio.Future[float], float]]) -> Latency:
    lateness = Latency()
    for one, due_ms in told:
        if one.done() and one.result() != math.inf:
            lateness.add(max(0.0, one.result() * 1_000 - due_ms))
    return lateness


def _in_words(name: str, one: Measured) -> str:
    return (
        f"{name}: others {one.per_s:,.0f} answers/s, {one.server_us:.1f} µs of the node's CPU each"
        f" ({one.server_utilisation:.0%} of a core); p50 {one.p50_ms:.1f}, p99 {one.p99_ms:.1f} ms;"
        f" generator {one.utilisation:.0%} of a core"
    )
