"""Measures one level: a number of candidates at a pace, from connecting to the end."""

import asyncio
import gc
import random
import time
from dataclasses import dataclass
from typing import Final

from clients.python.rest import Rest
from loadtest.capacity.crowd import Crowd
from loadtest.capacity.seat import OPTIONS, QUESTIONS, Seat
from loadtest.capacity.stage import DatabaseKind, Stage, opened
from loadtest.latency import Latency
from protocol import limits
from protocol.content import Option, Question, Rules, SingleChoice, TestContent
from protocol.rest.attempts import NewAttempt

_TEST: Final = "capacity"
_AT_ONCE: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """`pace_s`: about how long a candidate takes for an answer; `seconds`: for how long they all do."""

    database: DatabaseKind
    candidates: int
    pace_s: float
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """CPU as a share of one core, or in microseconds; `node_kib`: of memory for each candidate who sits.

    `behind_ms` is by how much the load generator itself was late (p99): acknowledgements are no truer than that.
    `come_s`, `start_s`, `return_s`: until all of them, at the same moment, had connected, started, come back.
    """

    level: Level
    answers_per_s: float
    node_cpu: float
    database_cpu: float
    node_us_per_answer: float
    database_us_per_answer: float
    ack_ms_p50: float
    ack_ms_p99: float
    behind_ms: float
    node_kib: float
    bytes_per_record: float
    come_s: float
    connect_us: float
    start_s: float
    return_s: float


async def measure(level: Level) -> Measured:
    """Raises `StageError`, `SeatError` and what the network raises."""
    async with opened(level.database) as stage:
        return await _Run(stage, level).measured()


class _Run:
    def __init__(self, stage: Stage, level: Level) -> None:
        self._stage = stage
        self._level = level
        self._acks = Latency()

    async def measured(self) -> Measured:
        level, stage = self._level, self._stage
        async with stage.service() as rest:
            await rest.put_test(_TEST, _content())
            seats = await self._seats(rest)
        # The node forgets attempts without a connection after a while, so memory is measured with everybody connected.
        empty_kib = stage.node_kib
        bytes_before = stage.database_bytes
        gc.collect()
        gc.freeze()
        async with Crowd(seats, limits.HEARTBEAT_MS / 1_000, random.Random(level.candidates)) as crowd:
            cpu_s = stage.node_cpu_s
            come_s = await crowd.come()
            connect_us = (stage.node_cpu_s - cpu_s) / level.candidates * 1e6
            start_s = await crowd.start()
            node_cpu, database_cpu, answers, took_s = await self._steady(crowd)
            node_kib = (stage.node_kib - empty_kib) / level.candidates
            bytes_after = stage.database_bytes
            return_s = await crowd.cut()
            await crowd.leave()
        records = answers + 2 * level.candidates
        return Measured(
            level=level,
            answers_per_s=answers / took_s,
            node_cpu=node_cpu / took_s,
            database_cpu=database_cpu / took_s,
            node_us_per_answer=node_cpu / answers * 1e6,
            database_us_per_answer=database_cpu / answers * 1e6,
            ack_ms_p50=self._acks.percentile_ms(50),
            ack_ms_p99=self._acks.percentile_ms(99),
            behind_ms=crowd.late.percentile_ms(99),
            node_kib=node_kib,
            bytes_per_record=(bytes_after - bytes_before) / records,
            come_s=come_s,
            connect_us=connect_us,
            start_s=start_s,
            return_s=return_s,
        )

    async def _steady(self, crowd: Crowd) -> tuple[float, float, int, float]:
        """CPU seconds of the node and of the database, answers, and seconds: of the time in which all answer."""
        level, stage = self._level, self._stage
        # The common start is measured separately and does not count as acknowledgements of answers.
        starts, self._acks = self._acks, Latency()
        for seat in crowd.seats:
            seat.acks = self._acks
        node_s, database_s = stage.node_cpu_s, stage.database_cpu_s
        began_s = time.monotonic()
        await crowd.sit(level.pace_s, level.seconds)
        took_s = time.monotonic() - began_s
        assert starts.count == level.candidates
        return stage.node_cpu_s - node_s, stage.database_cpu_s - database_s, self._acks.count, took_s

    async def _seats(self, rest: Rest) -> list[Seat]:
        door = asyncio.Semaphore(_AT_ONCE)

        async def make(number: int) -> Seat:
            async with door:
                made = await rest.make_attempt(NewAttempt(test_id=_TEST, user_id=f"candidate-{number:06}"))
            assert made.token is not None
            return Seat(self._stage.url, made.attempt_id, made.token, self._acks)

        return await asyncio.gather(*(make(number) for number in range(self._level.candidates)))


def _content() -> TestContent:
    options = [Option(option, f"Option {option}") for option in OPTIONS]
    return TestContent(
        title="Capacity",
        questions=[
            Question(
                question_id=f"q{number}",
                body=f"Question {number}",
                interactions=[SingleChoice(options=options, correct="a")],
            )
            for number in range(1, QUESTIONS + 1)
        ],
        rules=Rules(duration_ms=3 * 3_600_000, warnings_ms=[300_000]),
    )
