"""The end of an exam for a whole room at one instant: how late each attempt is closed and its candidate told, whether
what was typed last is in, and how long marking takes.

The logs of the candidates, with every question answered, are written before the node has anything to do with them.
Then all connect, and their time runs out. At the deadline each page sends the draft that was not sent yet, all within a
fifth of a second; the node takes them until the grace is over, and then closes all attempts at the same instant.
Candidates of another exam answer all the time.

The log says when each closing was written and how many answers there are; the results say whether the draft counts.
"""

import asyncio
import math
import random
import time
from collections.abc import Sequence
from typing import Final

from loadtest.bench.coming import come
from loadtest.bench.control import Advance, Make, Run, Write
from loadtest.bench.exam import DURATION_MS, GRACE_MS, OTHER_TEST, QUESTIONS, TEST, answer
from loadtest.bench.figure import Figure
from loadtest.bench.frames import frame
from loadtest.bench.others import Others
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.sitter import Sitter
from loadtest.bench.stage import Stage, on_each_database
from loadtest.drill.process import StageError
from loadtest.latency import Latency
from protocol.messages.operations import Answer

_OTHERS: Final = 50
_LEAD_MS: Final = 15_000
"""Before the deadline everybody is connected, and the clock, which stood still until then, begins to run."""
_CALM_S: Final = 3.0
_DRAFTS_S: Final = 0.2
_PATIENCE_S: Final = 60.0
_MARKING_PATIENCE_S: Final = 120.0
_LOOK_S: Final = 0.5
_TOLD_GOAL_S: Final = 2.0
_P50_GOAL_S: Final = 1.0
_MARKED_GOAL_S: Final = 60.0
_OTHERS_GOAL_MS: Final = 15.0
_KEY: Final = "a"
_N: Final = QUESTIONS + 2
"""Of the draft: the start was the first operation."""
_DRAFT: Final = frame(Answer(_N, answer(_N - 1, QUESTIONS - 1).question_id, _KEY, QUESTIONS - 1, 0))
"""The last question was answered wrongly before."""
_SCORE_MPT: Final = 1_000 * (1 + sum(answer(position + 2, position).value == _KEY for position in range(QUESTIONS - 1)))

_CLOSED: Final = f"""
    SELECT coalesce(sum(CASE WHEN closings = 1 THEN 1 ELSE 0 END), 0), max(written) FROM (
        SELECT count(l.seq) AS closings, max(l.written_at_ms) AS written FROM test_attempts AS a
        LEFT JOIN attempt_log AS l ON l.attempt_id = a.attempt_id AND l.kind = 'expired'
        WHERE a.test_id = '{TEST}' GROUP BY a.attempt_id) AS each_one"""  # noqa: S608 -- a constant of ours
_ANSWERED: Final = f"""
    SELECT count(*) FROM (
        SELECT l.attempt_id FROM attempt_log AS l JOIN test_attempts AS a ON a.attempt_id = l.attempt_id
        WHERE a.test_id = '{TEST}' AND l.kind = 'answered'
        GROUP BY l.attempt_id HAVING count(*) = {QUESTIONS + 1}) AS each_one"""  # noqa: S608
_MARKED: Final = f"SELECT count(*) FROM test_attempts WHERE test_id = '{TEST}' AND status = 'completed'"  # noqa: S608
_SCORED: Final = f"""
    SELECT count(*) FROM results AS r JOIN test_attempts AS a ON a.attempt_id = r.attempt_id
    WHERE a.test_id = '{TEST}' AND r.complete AND r.score_mpt = {_SCORE_MPT}"""  # noqa: S608


async def measure_bell(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    settings = {
        "PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates + _OTHERS),
        # Nobody sends beats here.
        "PENCILSDOWN_HEARTBEAT_MS": "60000",
    }
    return await on_each_database(plan, settings, lambda stage: _Room(stage, plan.candidates, say).measure())


class _Room:
    """One node and its candidates."""

    def __init__(self, stage: Stage, candidates: int, say: Say) -> None:
        self._stage = stage
        self._candidates = candidates
        self._say = say

    async def measure(self) -> Round:
        stage, candidates = self._stage, self._candidates
        control, loop, began_s = stage.control, asyncio.get_running_loop(), time.monotonic()
        seats = (await control.ask(Write(candidates))).seats
        other_seats = (await control.ask(Make(_OTHERS, OTHER_TEST))).seats
        self._say(f"{stage.database}: the logs are written after {time.monotonic() - began_s:.0f} s")
        await control.ask(Advance(DURATION_MS - _LEAD_MS))
        sitters = [Sitter(seat, number) for number, seat in enumerate(seats)]
        await come(stage, sitters, stage.database, self._say)
        for sitter in sitters:
            if sitter.failure is not None:
                raise StageError(sitter.failure)
        others = Others(stage.port)
        await others.come(other_seats)
        told = await control.ask(Run(0))
        ahead_ms = told.now_ms - loop.time() * 1_000
        others.begin()
        deadline_ms = sitters[0].deadline_ms
        assert deadline_ms is not None, "the exam has a time limit"
        deadline_s = (deadline_ms - ahead_ms) / 1_000
        closing_ms, closing_s = deadline_ms + GRACE_MS, deadline_s + GRACE_MS / 1_000
        await asyncio.sleep(deadline_s - loop.time() - _CALM_S)
        others.take()
        await asyncio.sleep(deadline_s - loop.time() - 0.5)
        calm, generator_s, node_s = others.take(), time.process_time(), stage.node_cpu_s
        database_s = stage.database_cpu_s
        drafts = asyncio.create_task(self._send_drafts(sitters, deadline_s))
        all_ended = asyncio.gather(*(sitter.ended for sitter in sitters))
        await asyncio.wait([all_ended], timeout=closing_s + _PATIENCE_S - loop.time())
        ended_s = loop.time()
        generator = (time.process_time() - generator_s) / (ended_s - deadline_s + 0.5)
        bell_node_s, node_s = stage.node_cpu_s - node_s, stage.node_cpu_s
        bell_database_s = stage.database_cpu_s - database_s
        at_the_bell = others.take()
        acked_s = await drafts
        marked_s = await self._until_marked(closing_s)
        marking_node_s = stage.node_cpu_s - node_s
        marking = others.take()
        await others.stop()
        told_late, drafts_late = Latency(), Latency()
        for sitter in sitters:
            if sitter.ended.done() and sitter.ended.result() != math.inf:
                told_late.add(max(0.0, sitter.ended.result() - closing_s) * 1_000)
        for one in acked_s:
            if one != math.inf:
                drafts_late.add(max(0.0, one - deadline_s) * 1_000)
        closed, written_ms = (await stage.rows(_CLOSED))[0]
        answered, scored = (await stage.rows(_ANSWERED))[0][0], (await stage.rows(_SCORED))[0][0]
        name = stage.database
        self._say(
            f"{name}: told p50 {told_late.percentile_ms(50) / 1000:.2f} s, last {told_late.max_ms / 1000:.2f} s after"
            f" the closing; drafts acknowledged p50 {drafts_late.percentile_ms(50) / 1000:.2f} s, last"
            f" {drafts_late.max_ms / 1000:.2f} s after the deadline; node {bell_node_s / candidates * 1e6:,.0f} µs of"
            f" CPU each until told (database {bell_database_s / candidates * 1e6:,.0f}),"
            f" {marking_node_s / candidates * 1e6:,.0f} µs for marking; ack p99 of the other exam"
            f" {calm.percentile_ms(99):.1f} ms before, {at_the_bell.percentile_ms(99):.1f} at the bell,"
            f" {marking.percentile_ms(99):.1f} while marking"
        )
        for why in sorted({sitter.failure for sitter in sitters if sitter.failure is not None})[:5]:
            self._say(f"{name}: {sum(sitter.failure == why for sitter in sitters):,} × {why}")
        written_late_s = round(((written_ms or math.inf) - closing_ms) / 1_000, 2)
        figures = [
            Figure.at_most(f"{name}: told of the end, half of them", _seconds(told_late, 50), "s", _P50_GOAL_S),
            Figure.at_most(f"{name}: told of the end, the last one", _seconds(told_late, 100), "s", _TOLD_GOAL_S),
            Figure.at_most(f"{name}: the last closing is written", written_late_s, "s", _TOLD_GOAL_S),
            Figure.at_most(f"{name}: not told of the end", candidates - told_late.count, "candidates", 0),
            Figure.at_most(f"{name}: not closed exactly once in the log", candidates - closed, "attempts", 0),
            Figure.at_most(f"{name}: drafts not acknowledged", candidates - drafts_late.count, "drafts", 0),
            Figure.at_most(f"{name}: drafts not in the log", candidates - answered, "drafts", 0),
            Figure.at_most(f"{name}: marks without the draft", candidates - scored, "attempts", 0),
            Figure.at_most(f"{name}: all are marked", round(marked_s, 1), "s", _MARKED_GOAL_S),
            Figure.told(f"{name}: ack p99 of another exam at the bell", at_the_bell.percentile_ms(99), "ms"),
            Figure.at_most(
                f"{name}: ack p99 of another exam while marking", marking.percentile_ms(99), "ms", _OTHERS_GOAL_MS
            ),
        ]
        return Round(figures, round(generator, 2))

    async def _send_drafts(self, sitters: Sequence[Sitter], deadline_s: float) -> list[float]:
        """When each was acknowledged."""
        loop = asyncio.get_running_loop()
        acked: list[asyncio.Future[float]] = []
        for number, sitter in enumerate(random.sample(sitters, len(sitters))):
            at_s = deadline_s + number / len(sitters) * _DRAFTS_S
            if at_s > loop.time():
                await asyncio.sleep(at_s - loop.time())
            acked.append(sitter.ask(_N, _DRAFT))
        await asyncio.wait(acked, timeout=_PATIENCE_S)
        return [one.result() if one.done() else math.inf for one in acked]

    async def _until_marked(self, closing_s: float) -> float:
        """Seconds from the closing until all attempts are marked; infinity after a long while."""
        loop = asyncio.get_running_loop()
        while loop.time() - closing_s < _MARKING_PATIENCE_S:
            if (await self._stage.rows(_MARKED))[0][0] == self._candidates:
                return loop.time() - closing_s
            await asyncio.sleep(_LOOK_S)
        return math.inf


def _seconds(latency: Latency, percent: float) -> float:
    return round((latency.max_ms if percent == 100 else latency.percentile_ms(percent)) / 1_000, 2)
