"""A room of honest candidates, measured in turn while it is quiet and during each mischief.

The machine may be noisy, if only by a disk that syncs slowly now and then. So quiet times lie between all that is
measured, and of the quiet times and of the rounds the middle one counts.

Whoever does a mischief is new each time, with all of a person's budget unspent, and is measured from the first message
on: what a budget lets through at once is a part of the worst that one can do.
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
from loadtest.unfair.spare import spare_node
from protocol import limits
from protocol.content import Essay, Option, Question, Rules, SingleChoice, TestContent
from protocol.rest.attempts import NewAttempt

_TEST: Final = "unfair"
_PACE_S: Final = 1.0
_SETTLE_S: Final = 1.5
"""After a mischief has ended: what it leaves behind (connections that end) is not measured as quiet."""


class Plan(msgspec.Struct, frozen=True):
    """`seconds` of each measurement; a round is a quiet one and one of each mischief. `elsewhere`: the mischief is done
    to another node, as a control."""

    candidates: int
    seconds: float
    rounds: int
    elsewhere: bool = False


class Round(msgspec.Struct, frozen=True):
    """During one mischief: p99 of acknowledgements, of how many, and what the mischief got done a second."""

    mischief_ms: float
    acks: int
    per_s: float


class Row(msgspec.Struct, frozen=True):
    """One mischief on one database. p99 of acknowledgements: `quiets` has that of every quiet time of the run,
    `mischiefs` that of each round, and `ratio` compares the middle ones. `acks`: in the middle round. `per_s`: what the
    mischief got done."""

    database: str
    mischief: str
    quiet_ms: float
    mischief_ms: float
    ratio: float
    quiets: list[float]
    mischiefs: list[float]
    acks: int
    per_s: float


async def measure(kind: DatabaseKind, plan: Plan, names: Sequence[str], tell: Callable[[str], None]) -> list[Row]:
    """`names` of `MISCHIEFS`. Raises `StageError`, `SeatError` and what the network raises."""
    async with opened(kind) as stage, stage.service() as rest, _target(plan, stage, rest) as (url, target):
        await rest.put_test(_TEST, _content())
        acks = Latency()
        users = (f"candidate-{number:04}" for number in range(plan.candidates))
        seats = await asyncio.gather(*(_seat(stage, rest, user, acks) for user in users))
        assets = await _assets(url)
        async with Crowd(seats, limits.HEARTBEAT_MS / 1_000, random.Random(plan.candidates)) as crowd:
            await crowd.come()
            await crowd.start()
            await _acks(crowd, plan.seconds)
            found: dict[str, list[Round]] = {name: [] for name in names}
            quiets = [await _p99(crowd, plan.seconds)]
            for number in range(plan.rounds):
                for name in names:
                    task = await _task(url, target, name, f"{name}, round {number}", assets)
                    async with _at_work(task) as work:
                        worse = await _acks(crowd, plan.seconds)
                    quiets.append(await _p99(crowd, plan.seconds))
                    one = Round(worse.percentile_ms(99), worse.count, work.per_s)
                    found[name].append(one)
                    tell(f"{kind}, {name}: {one.mischief_ms:.1f}, then {quiets[-1]:.1f} ms, {one.per_s:,.0f}/s")
            await crowd.leave()
    return [middle(kind, name, quiets, rounds) for name, rounds in found.items()]


def middle(kind: DatabaseKind, name: str, quiets: list[float], rounds: list[Round]) -> Row:
    """Of several rounds, among quiet times with these p99 in ms."""
    quiet_ms = statistics.median(quiets)
    mischief_ms = statistics.median(one.mischief_ms for one in rounds)
    return Row(
        database=kind,
        mischief=name,
        quiet_ms=quiet_ms,
        mischief_ms=mischief_ms,
        ratio=round(mischief_ms / max(quiet_ms, 0.001), 2),
        quiets=quiets,
        mischiefs=[one.mischief_ms for one in rounds],
        acks=int(statistics.median(one.acks for one in rounds)),
        per_s=statistics.median(one.per_s for one in rounds),
    )


@asynccontextmanager
async def _target(plan: Plan, stage: Stage, rest: Rest) -> AsyncIterator[tuple[str, Rest]]:
    """To whom the mischief is done."""
    if not plan.elsewhere:
        yield stage.url, rest
        return
    async with spare_node() as (url, spare):
        await spare.put_test(_TEST, _content())
        yield url, spare


async def _acks(crowd: Crowd, seconds: float) -> Latency:
    acks = Latency()
    for seat in crowd.seats:
        seat.acks = acks
    await crowd.sit(_PACE_S, seconds)
    return acks


async def _p99(crowd: Crowd, seconds: float) -> float:
    return (await _acks(crowd, seconds)).percentile_ms(99)


async def _task(url: str, rest: Rest, name: str, user_id: str, assets: list[str]) -> Task:
    """For a person who has sent nothing yet."""
    greedy = await rest.make_attempt(NewAttempt(test_id=_TEST, user_id=user_id))
    assert greedy.token is not None
    await rest.start(greedy.attempt_id)
    return Task(name, url, greedy.attempt_id, greedy.token, assets)


class _Work:
    per_s = 0.0


@asynccontextmanager
async def _at_work(task: Task) -> AsyncIterator[_Work]:
    """Runs the mischief inside the block, and then knows how much it did."""
    # In a session of its own, which the kernel may give a share of its own.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.unfair.mischief"), stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    work = _Work()
    try:
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        await process.stdin.drain()
        await process.stdout.readline()
        began_s = time.monotonic()
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
    """The assets that the candidate's page loads."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/sit") as response:
        return re.findall(r"/assets/[\w.-]+", await response.text())


async def _seat(stage: Stage, rest: Rest, user_id: str, acks: Latency) -> Seat:
    made = await rest.make_attempt(NewAttempt(test_id=_TEST, user_id=user_id))
    assert made.token is not None
    return Seat(stage.url, made.attempt_id, made.token, acks)


def _content() -> TestContent:
    options = [Option(option, f"Option {option}") for option in OPTIONS]
    choices: list[Question] = [
        Question(
            question_id=f"q{number}",
            body=f"Question {number}",
            interactions=[SingleChoice(options=options, correct="a")],
        )
        for number in range(1, QUESTIONS + 1)
    ]
    return TestContent(
        title="Unfair",
        questions=[*choices, Question(question_id=ESSAY, body="Write.", interactions=[Essay()])],
        rules=Rules(duration_ms=3 * 3_600_000, warnings_ms=[]),
    )
