"""A recorded exam day, sat again: prepare the exam, let everybody sit it, compare what the server holds."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
from rich.console import Console

from clients.python.client import Client
from clients.python.errors import Refused
from clients.python.rest import Rest
from loadtest.blueprint import WrongPaper, deal, make_blueprint, roster_of
from loadtest.exam import extra_time_ms
from loadtest.report import Report
from loadtest.screen import show
from loadtest.sitting import Room, sit
from loadtest.tally import Tally
from loadtest.trace import Candidate, Trace
from loadtest.verdict import Verdict
from protocol.paper import Paper
from protocol.rest.attempts import NewAttempt
from protocol.rest.results import Result

REST_AT_ONCE: Final = 16
"""REST calls under way at the same time, while preparing and while comparing."""

CONNECTING_AT_ONCE: Final = 64
"""Sockets opened at the same time. A replay measures the exam, not the rush to connect."""

RESULTS_TIMEOUT_S: Final = 120.0
"""Marking runs behind the submissions; after this long a result that is not there counts as missing."""

_RESULT_POLL_S: Final = 0.25

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to replay. `ramp_s`: over how long the starts are spread, in real seconds. `patience_s`: how long after the
    last planned answer everybody must have handed in. `roster` is the file that says who sits and has extra time."""

    trace_name: str
    trace: Trace
    speed: float
    ramp_s: float
    patience_s: float
    roster: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The server to load."""

    url: str
    token: str
    database: str
    redis: bool


@dataclass(frozen=True, slots=True)
class _Seat:
    candidate: Candidate
    attempt_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured and found."""

    tally: Tally
    verdict: Verdict
    pilot_sets: int
    sitting_s: float
    wall_s: float
    client_cpu_s: float


async def replay(plan: Plan, target: Target, console: Console) -> Outcome:
    """Raises `Refused` and `aiohttp.ClientError` where the exam could not be prepared or the answers not be read."""
    began_s, cpu_began_s = time.monotonic(), time.process_time()
    async with Rest.open(target.url, target.token, connections=REST_AT_ONCE) as rest:
        seats = await _prepare(plan, rest)
        tally = Tally()
        items = {item.question_id: item for item in plan.trace.items}
        room = Room(len(seats), CONNECTING_AT_ONCE, plan.speed, tally, items)
        sitting_s = await _sit_all(plan, target, rest, seats, room, console)
        verdict = await _compare(rest, seats, room)
    sets = {frozenset(one.item for one in dealt.responses if not one.item.scored) for dealt in room.dealt.values()}
    return Outcome(tally, verdict, len(sets), sitting_s, time.monotonic() - began_s, time.process_time() - cpu_began_s)


def make_report(plan: Plan, target: Target, outcome: Outcome, server_cpu_s: float | None, log: Path | None) -> Report:
    """All figures of one replay."""
    tally, verdict = outcome.tally, outcome.verdict
    candidates = plan.trace.candidates
    missing = [candidate.candidate_id for candidate in candidates if candidate.candidate_id not in tally.submitted]
    return Report(
        trace=plan.trace_name,
        speed=plan.speed,
        server=target.url,
        database=target.database,
        redis=target.redis,
        candidates=len(candidates),
        submitted=len(tally.submitted),
        answers_in_trace=_answers(candidates),
        answers_sent=tally.sent,
        answers_acked=tally.acked,
        answers_stored=verdict.stored,
        lost=verdict.lost,
        broken_promises=verdict.broken_promises,
        unexpected=verdict.unexpected,
        score_mismatches=verdict.score_mismatches,
        extra_time=sum(extra_time_ms(candidate) > 0 for candidate in candidates),
        wrong_times=len(tally.wrong_times),
        pilot_sets=outcome.pilot_sets,
        wrong_papers=len(tally.wrong_papers),
        ack_ms_p50=tally.ack.percentile_ms(50),
        ack_ms_p99=tally.ack.percentile_ms(99),
        ack_ms_max=round(tally.ack.max_ms, 3),
        behind_ms_p99=tally.behind.percentile_ms(99),
        acks_per_second=round(tally.acked / outcome.sitting_s, 1) if outcome.sitting_s else 0.0,
        reconnects=tally.reconnects,
        refusals=dict(sorted(tally.refusals.items())),
        sitting_seconds=round(outcome.sitting_s, 2),
        wall_seconds=round(outcome.wall_s, 2),
        client_cpu_seconds=round(outcome.client_cpu_s, 2),
        server_cpu_seconds=server_cpu_s,
        faults=[
            *verdict.examples,
            *tally.wrong_papers[:20],
            *tally.wrong_times[:20],
            *(f"{candidate_id}: did not hand in" for candidate_id in missing[:20]),
        ],
        server_log=str(log) if log is not None else None,
    )


async def _prepare(plan: Plan, rest: Rest) -> list[_Seat]:
    # Every run makes a test of its own: a test that has been sat can't be replaced, and its attempts are counted.
    test_id = f"replay-{uuid.uuid4().hex[:12]}"
    await rest.put_test(test_id, make_blueprint(plan.trace))
    plan.roster.parent.mkdir(parents=True, exist_ok=True)
    plan.roster.write_text(roster_of(plan.trace.candidates), encoding="utf-8")
    await rest.import_roster(plan.roster.read_text(encoding="utf-8"), test_id=test_id)

    async def seat(candidate: Candidate) -> _Seat:
        attempt = NewAttempt(
            test_id=test_id,
            user_id=candidate.candidate_id,
            display_name=f"Candidate {candidate.candidate_id}",
        )
        made = await rest.make_attempt(attempt)
        assert made.token is not None, "the token that was given is not a service's"
        return _Seat(candidate, made.attempt_id, made.token)

    return await _each(plan.trace.candidates, seat)


async def _sit_all(plan: Plan, target: Target, rest: Rest, seats: list[_Seat], room: Room, console: Console) -> float:
    """Everybody connects, begins together, and hands in. Returns the seconds from the beginning to the last hand-in."""
    reading = asyncio.Semaphore(REST_AT_ONCE)
    sitting = [
        asyncio.create_task(
            sit(
                seat.candidate,
                Client(target.url, seat.attempt_id, seat.token),
                partial(_read_paper, rest.as_user(seat.token), seat.attempt_id, reading),
                plan.ramp_s * index / len(seats),
                room,
            )
        )
        for index, seat in enumerate(seats)
    ]
    screen = asyncio.create_task(show(console, room.tally, len(seats), _answers(plan.trace.candidates)))
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(room.full.wait(), plan.patience_s)
        began_s = time.monotonic()
        room.begin.set()
        longest_s = max(sum(response.seconds for response in seat.candidate.responses) for seat in seats)
        await asyncio.wait(sitting, timeout=plan.ramp_s + longest_s / plan.speed + plan.patience_s)
        return time.monotonic() - began_s
    finally:
        for task in (*sitting, screen):
            task.cancel()
        await asyncio.gather(*sitting, screen, return_exceptions=True)


async def _compare(rest: Rest, seats: list[_Seat], room: Room) -> Verdict:
    verdict, tally = Verdict(), room.tally
    now_s = time.monotonic()

    async def compare(seat: _Seat) -> None:
        # A candidate who has not handed in has no result.
        handed_in = seat.candidate.candidate_id in tally.submitted
        saved = await rest.answers(seat.attempt_id)
        result = await _result(rest, seat.attempt_id, now_s + RESULTS_TIMEOUT_S if handed_in else now_s)
        dealt = room.dealt.get(seat.candidate.candidate_id, seat.candidate)
        verdict.compare(dealt, saved.answers, result, tally.promised)
        if handed_in:
            await _same_paper(rest, seat, dealt, room)

    await _each(seats, compare)
    return verdict


async def _read_paper(rest: Rest, attempt_id: str, reading: asyncio.Semaphore) -> Paper:
    """A candidate's paper. Like a page it asks again when the server has not answered."""
    while True:
        # The wait of so many for a connection is none for the server.
        async with reading:
            with suppress(aiohttp.ClientError, TimeoutError):
                return await rest.paper(attempt_id)
        await asyncio.sleep(_RESULT_POLL_S)


async def _same_paper(rest: Rest, seat: _Seat, dealt: Candidate, room: Room) -> None:
    """Afterwards her paper has the items that it had when she began."""
    try:
        again = deal(seat.candidate, await rest.paper(seat.attempt_id), room.items)
    except WrongPaper as error:
        room.tally.wrong_papers.append(str(error))
        return
    if again != dealt:
        room.tally.wrong_papers.append(f"{seat.candidate.candidate_id}: another paper than before")


async def _result(rest: Rest, attempt_id: str, deadline_s: float) -> Result | None:
    while True:
        try:
            result = await rest.result(attempt_id)
        except Refused as refused:
            if not refused.may_repeat:
                return None
        except (aiohttp.ClientError, TimeoutError):
            pass
        else:
            return result
        if time.monotonic() >= deadline_s:
            return None
        await asyncio.sleep(_RESULT_POLL_S)


async def _each(things: Iterable[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """Runs the work on all items, a limited number at a time; results keep the items' order."""
    gate = asyncio.Semaphore(REST_AT_ONCE)

    async def one(thing: T) -> R:
        async with gate:
            return await work(thing)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(thing)) for thing in things]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _answers(candidates: Iterable[Candidate]) -> int:
    return sum(len(candidate.answered) for candidate in candidates)
