"""A room of candidates starts within one second: how long until the last one has her paper.

Twice, each time on a node of its own. "After the click": everybody is connected and waits at the start page; each
presses start once, at an instant within one second, and fetches her paper over HTTP when the start is acknowledged.
"After the link": nobody is connected before; each opens a socket at such an instant, starts when she is welcome, and
fetches her paper. The node has none of their attempts in memory before they come.

Every hello and every paper takes a token, which the node checks. Candidates of another exam answer meanwhile. It is no
time limit of ours that fails this: whoever is refused, put off, cut off, or has another paper than the first one is
counted, and the log is asked who has started, and how often.
"""

import asyncio
import gzip
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from loadtest.bench.coming import come
from loadtest.bench.control import Forget, Make, Run
from loadtest.bench.exam import OTHER_TEST, QUESTIONS, TEST
from loadtest.bench.figure import Figure
from loadtest.bench.frames import frame
from loadtest.bench.others import Others
from loadtest.bench.plan import Plan, Round, Say, together
from loadtest.bench.sitter import Sitter
from loadtest.bench.stage import Stage, on_each_database
from loadtest.latency import Latency
from protocol.messages.operations import Start
from protocol.paper import Paper

_OTHERS: Final = 50
_WITHIN_S: Final = 1.0
_GOAL_S: Final = 10.0
_OTHERS_GOAL_MS: Final = 50.0
_PATIENCE_S: Final = 120.0
_CALM_S: Final = 2.0
_START: Final = frame(Start(1, None, 0))
_STARTED: Final = f"""
    SELECT count(*), coalesce(sum(CASE WHEN starts = 1 THEN 1 ELSE 0 END), 0) FROM (
        SELECT count(l.seq) AS starts FROM test_attempts AS a
        LEFT JOIN attempt_log AS l ON l.attempt_id = a.attempt_id AND l.kind = 'started'
        WHERE a.test_id = '{TEST}' GROUP BY a.attempt_id) AS each_one"""  # noqa: S608 -- a constant of ours


async def measure_start(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    settings = {
        "PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates + _OTHERS),
        # Nobody sends beats here.
        "PENCILSDOWN_HEARTBEAT_MS": "60000",
    }

    async def measure(stage: Stage, way: str) -> Round:
        return await _Room(stage, plan.candidates, way, say).measure()

    return together([await on_each_database(plan, settings, partial(measure, way=way)) for way in ("click", "link")])


@dataclass(slots=True)
class _Outcome:
    papers: Latency = field(default_factory=Latency)
    last_s: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    first_paper: bytes = b""


class _Room:
    """One node and its candidates. `way`: after the click, or after the link."""

    def __init__(self, stage: Stage, candidates: int, way: str, say: Say) -> None:
        self._stage = stage
        self._candidates = candidates
        self._way = way
        self._say = say
        self._name = f"{stage.database}, after the {way}"
        self._outcome = _Outcome()

    async def measure(self) -> Round:
        stage = self._stage
        seats = (await stage.control.ask(Make(self._candidates))).seats
        other_seats = (await stage.control.ask(Make(_OTHERS, OTHER_TEST))).seats
        await stage.control.ask(Run(0))
        await stage.control.ask(Forget())
        others = Others(stage.port)
        await others.come(other_seats)
        others.begin()
        sitters = [Sitter(seat, number) for number, seat in enumerate(seats)]
        if self._way == "click":
            await come(stage, sitters, self._name, self._say)
        await asyncio.sleep(_CALM_S)
        calm = others.take()
        began_s, generator_s, node_s = time.monotonic(), time.process_time(), stage.node_cpu_s
        await self._start_all(sitters)
        took_s = time.monotonic() - began_s
        generator = (time.process_time() - generator_s) / took_s
        node_s = stage.node_cpu_s - node_s
        hurried = others.take()
        await others.stop()
        papers, failures = self._outcome.papers, self._outcome.failures
        self._say(
            f"{self._name}: {papers.count:,} papers, p50 {papers.percentile_ms(50) / 1000:.2f} s, p99"
            f" {papers.percentile_ms(99) / 1000:.2f} s, last {self._outcome.last_s:.2f} s;"
            f" node {node_s / self._candidates * 1e6:,.0f} µs of CPU each, {node_s / took_s:.0%} of its core;"
            f" other exam's acks p99 {calm.percentile_ms(99):.1f} ms before, {hurried.percentile_ms(99):.1f} meanwhile"
        )
        for why, count in failures.most_common(5):
            self._say(f"{self._name}: {count:,} × {why}")
        attempts, once = (await stage.rows(_STARTED))[0]
        figures = [
            Figure.at_most(f"{self._name}: the last one has her paper", round(self._outcome.last_s, 2), "s", _GOAL_S),
            Figure.at_most(f"{self._name}: refused, put off or without a paper", failures.total(), "candidates", 0),
            Figure.at_most(f"{self._name}: not started exactly once in the log", attempts - once, "attempts", 0),
            Figure.at_most(f"{self._name}: ack p99 of another exam", hurried.percentile_ms(99), "ms", _OTHERS_GOAL_MS),
        ]
        return Round(figures, round(generator, 2))

    async def _start_all(self, sitters: Sequence[Sitter]) -> None:
        """In no order, at even distances."""
        began_s = asyncio.get_running_loop().time() + 0.1
        in_turn = random.sample(sitters, len(sitters))
        tasks = [
            asyncio.create_task(self._start(sitter, began_s + number / len(sitters) * _WITHIN_S))
            for number, sitter in enumerate(in_turn)
        ]
        _, late = await asyncio.wait(tasks, timeout=_PATIENCE_S)
        for task in late:
            task.cancel()
            self._outcome.failures[f"no paper within {_PATIENCE_S:.0f} s"] += 1

    async def _start(self, sitter: Sitter, at_s: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, at_s - loop.time()))
        if self._way == "link":
            await sitter.connect(self._stage.port)
        paper = b""
        if await sitter.ask(1, _START) != math.inf:
            paper = await sitter.fetch_paper(self._stage.port)
        if sitter.failure is None and not self._is_the_paper(paper):
            sitter.fail("another paper")
        if sitter.failure is not None:
            self._outcome.failures[sitter.failure] += 1
            return
        took_s = loop.time() - at_s
        self._outcome.papers.add(took_s * 1_000)
        self._outcome.last_s = max(self._outcome.last_s, took_s)

    def _is_the_paper(self, paper: bytes) -> bool:
        """Nothing of the exam is drawn or shuffled, so that all have the same bytes. The first one is read."""
        outcome = self._outcome
        if not outcome.first_paper:
            plain = gzip.decompress(paper) if paper.startswith(b"\x1f\x8b") else paper
            if len(msgspec.json.decode(plain, type=Paper).questions) != QUESTIONS:
                return False
            outcome.first_paper = paper
        return paper == outcome.first_paper
