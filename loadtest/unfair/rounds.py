"""A room of honest candidates, measured in turn while it is quiet and during each mischief.

The machine may be noisy: what is compared was measured within seconds, and of several rounds the middle one counts.
"""

import asyncio
import random
import re
import statistics
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec

from clients.python.rest import Rest
from loadtest.capacity.crowd import Crowd
from loadtest.capacity.seat import OPTIONS, QUESTIONS, Seat
from loadtest.capacity.stage import DatabaseKind, Stage, opened
from loadtest.latency import Latency
from loadtest.unfair.mischief import ESSAY, Task
from protocol import limits
from protocol.content import Essay, Option, Question, Rules, SingleChoice, TestContent
from protocol.rest import NewAttempt

_TEST: Final = "unfair"
_PACE_S: Final = 1.0
_SETTLE_S: Final = 1.5
"""After a mischief has begun or ended: what it had sent before is not measured with what comes after."""


class Plan(msgspec.Struct, frozen=True):
    """`seconds` of each measurement; a round is a quiet one and one of each mischief."""

    candidates: int
    seconds: float
    rounds: int


class Row(msgspec.Struct, frozen=True):
    """One mischief on one database. p99 of acknowledgements, the middle of all rounds; `ratio` to the quiet time around
    it. `per_s`: what the mischief got done."""

    database: str
    mischief: str
    quiet_ms: float
    mischief_ms: float
    ratio: float
    ratios: list[float]
    per_s: float


async def measure(kind: DatabaseKind, plan: Plan, names: Sequence[str], tell: Callable[[str], None]) -> list[Row]:
    """`names` of `MISCHIEFS`. Raises `StageError`, `SeatError` and what the network raises."""
    async with opened(kind) as stage, stage.service() as rest:
        await rest.put_test(_TEST, _content())
        acks = Latency()
        users = (f"candidate-{number:04}" for number in range(plan.candidates))
        seats = await asyncio.gather(*(_seat(stage, rest, user, acks) for user in users))
        greedy = await rest.make_attempt(NewAttempt(test_id=_TEST, user_id="greedy"))
        assert greedy.token is not None
        await rest.start(greedy.attempt_id)
        assets = await _assets(stage.url)
        async with Crowd(seats, limits.HEARTBEAT_MS / 1_000, random.Random(plan.candidates)) as crowd:
            await crowd.come()
            await crowd.start()
            await _p99(crowd, plan.seconds)
            quiets: list[float] = []
            found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
            for _ in range(plan.rounds):
                quiets.append(await _p99(crowd, plan.seconds))
                for name in names:
                    task = Task(name, stage.url, greedy.attempt_id, greedy.token, assets)
                    async with _at_work(task) as work:
                        worse = await _p99(crowd, plan.seconds)
                    quiets.append(await _p99(crowd, plan.seconds))
                    around = statistics.mean(quiets[-2:])
                    found[name].append((around, worse, work.per_s))
                    tell(f"{kind}, {name}: {around:.1f} → {worse:.1f} ms, {work.per_s:,.0f}/s")
            await crowd.leave()
    return [middle(kind, name, rounds) for name, rounds in found.items()]


def middle(kind: DatabaseKind, name: str, rounds: list[tuple[float, float, float]]) -> Row:
    """Of several rounds, each with its p99 in the quiet times and during the mischief, in ms, and what that got done a
    second."""
    ratios = [round(worse / max(quiet, 0.001), 2) for quiet, worse, _ in rounds]
    return Row(
        database=kind,
        mischief=name,
        quiet_ms=statistics.median(quiet for quiet, _, _ in rounds),
        mischief_ms=statistics.median(worse for _, worse, _ in rounds),
        ratio=statistics.median(ratios),
        ratios=ratios,
        per_s=statistics.median(per_s for _, _, per_s in rounds),
    )


async def _p99(crowd: Crowd, seconds: float) -> float:
    acks = Latency()
    for seat in crowd.seats:
        seat.acks = acks
    await crowd.sit(_PACE_S, seconds)
    return acks.percentile_ms(99)


class _Work:
    per_s = 0.0


@asynccontextmanager
async def _at_work(task: Task) -> AsyncIterator[_Work]:
    """The mischief is under way within; after it, how much it did."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.unfair.mischief"), stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    work = _Work()
    try:
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        await process.stdin.drain()
        await process.stdout.readline()
        began_s = time.monotonic()
        await asyncio.sleep(_SETTLE_S)
        yield work
        process.stdin.close()
        took_s = time.monotonic() - began_s
        work.per_s = int(await process.stdout.readline() or b"0") / took_s
        await process.wait()
        await asyncio.sleep(_SETTLE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _assets(url: str) -> list[str]:
    """What the candidate's page loads."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/sit") as response:
        return re.findall(r"/assets/[\w.-]+", await response.text())


async def _seat(stage: Stage, rest: Rest, user_id: str, acks: Latency) -> Seat:
    made = await rest.make_attempt(NewAttempt(test_id=_TEST, user_id=user_id))
    assert made.token is not None
    return Seat(stage.url, made.attempt_id, made.token, acks)


def _content() -> TestContent:
    options = [Option(option, f"Option {option}") for option in OPTIONS]
    choices: list[Question] = [
        SingleChoice(question_id=f"q{number}", prompt=f"Question {number}", options=options, correct="a")
        for number in range(1, QUESTIONS + 1)
    ]
    return TestContent(
        title="Unfair",
        questions=[*choices, Essay(question_id=ESSAY, prompt="Write.")],
        rules=Rules(duration_ms=3 * 3_600_000, warnings_ms=[]),
    )
