"""What the analytics of a test cost: `python -m tests.benchmarks.analytics --attempts 818`.

Attempts of 180 questions, a visit and an answer each, are written into an SQLite database; then a report is worked out
as the server does it, and the event loop is watched meanwhile: how late a timer of 5 ms is.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import uvloop
from msgspec.structs import replace
from rich.console import Console

from loadtest.bench import exam
from loadtest.bench.exam import ORG, QUESTIONS, TEST, content
from protocol.attempt.chain import seal, seed
from protocol.attempt.commands import AnyCommand, Begin, Create, HandIn, Operate
from protocol.attempt.decide import create, decide
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Created, Record
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role
from protocol.errors import Refused
from protocol.messages.operations import Progress
from server.analysis import cohort
from server.analysis.analyst import Analyst
from server.analysis.cohorts import Cohorts, Look
from server.analysis.course_keeper import CourseKeeper
from server.clock import Clock
from server.ids import new_id, new_key, new_seed
from server.papers import FormAtHand
from storage.courses import Courses
from storage.database import Database
from storage.log.batch import Append, Newcomer, Outcome, make_rows
from storage.log.journal import writer_for
from storage.migrate import migrate
from storage.sittings import Sittings
from storage.statistics import Selection, Statistics
from storage.tests import StoredTest, Tests

SAID: Final = Console(highlight=False, width=120)
START_MS: Final = 1_800_000_000_000
_ITEM_MS: Final = 60_000
_AT_ONCE: Final = 50
_TICK_S: Final = 0.005
_SELECTION: Final = Selection(ORG, TEST)


@dataclass
class Lateness:
    """How late the loop's timers were, in milliseconds."""

    late_ms: list[float]

    @classmethod
    async def watch(cls, until: "asyncio.Future[Any]") -> "Lateness":
        late = []
        while not until.done():
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            late.append((time.perf_counter() - began - _TICK_S) * 1_000)
        return cls(sorted(late))

    def __str__(self) -> str:
        median, p99, most = (self.late_ms[int((len(self.late_ms) - 1) * part)] for part in (0.5, 0.99, 1))
        return f"{median:.1f} ms (p50), {p99:.1f} ms (p99), {most:.1f} ms at most"


def sit(form: FormAtHand, *, ended: bool) -> tuple[list[Record], Attempt]:
    """One attempt from its start to its end, or to its last answer: a minute for each question."""
    her = Actor(Role.CANDIDATE, "one")
    identity = Identity(new_id(), ORG, None, TEST, None, her.id, 1)
    records = list(create(Create(Actor(Role.SERVICE, "s"), identity, new_seed(), Accommodation(), new_key()), START_MS))
    attempt = evolve(None, records[0])
    sheet = form.sheet(attempt)

    def carry_out(command: AnyCommand, at_ms: int) -> None:
        nonlocal attempt
        decision = decide(attempt, command, at_ms, sheet)
        assert isinstance(decision, tuple), decision
        for record in decision:
            attempt = evolve(attempt, record)
            records.append(record)

    carry_out(Begin(her, 0), START_MS)
    for position in range(QUESTIONS):
        at_ms = START_MS + position * _ITEM_MS
        carry_out(Operate(her, None, Progress(2 * position + 1, position, 0)), at_ms)
        carry_out(Operate(her, None, exam.answer(2 * position + 2, position)), at_ms + _ITEM_MS - 1_000)
    if ended:
        carry_out(HandIn(her, 0), START_MS + QUESTIONS * _ITEM_MS)
    return records, attempt


async def write(database: Database, count: int, *, ended: bool = True) -> int:
    """So many attempts; returns how many records each has."""
    tests = Tests(database)
    await tests.put(ORG, TEST, content(), START_MS)
    stored: StoredTest | None = await tests.get(ORG, TEST, 1)
    assert stored is not None
    like, last = sit(FormAtHand(stored, None, lambda org, name: name), ended=ended)
    writer = writer_for(database)
    for first in range(0, count, _AT_ONCE):
        appends = [_again(like, last, f"user-{n}") for n in range(first, min(first + _AT_ONCE, count))]
        assert not await writer.write(make_rows(database.dialect, appends, START_MS))
    await writer.close()
    return len(like)


def _again(like: list[Record], last: Attempt, user_id: str) -> Append:
    """The same facts under an identity and a key of their own."""
    identity, key = replace(last.identity, attempt_id=new_id(), user_id=user_id), new_key()
    head, records = seed(identity.attempt_id), []
    for one in like:
        entry = one.entry
        fact = Created(identity, last.seed, Accommodation()) if isinstance(entry.fact, Created) else entry.fact
        record = seal(head, key, entry.seq, entry.at_ms, Actor(entry.role, entry.by), fact)
        head = record.hash
        records.append(record)
    state = replace(last, identity=identity, key=key, head=head)
    return Append(identity.attempt_id, tuple(records), (state,) * len(records), None, Newcomer(user_id), _nobody)


def _nobody(outcome: Outcome) -> None:
    """Nobody waits."""


async def frames(sittings: Sittings) -> AsyncIterator[bytes]:
    after: str | None = None
    while page := await sittings.page(_SELECTION, after, 10):
        for one in page:
            yield cohort.frame(cohort.Seen(*one[:8]))
        after = page[-1].attempt_id


async def measure(folder: Path, count: int) -> None:
    url = f"sqlite:///{folder / 'bench.sqlite3'}"
    await migrate(url)
    database = await Database.open(url)
    each = await write(database, count)
    SAID.print(f"{count:,} attempts of {each} records")
    sittings = Sittings(database)
    one = (await sittings.page(_SELECTION, None, 1))[0]
    began = time.perf_counter()
    for _ in range(20):
        cohort.follow(one.lines, {}, START_MS)
    each_ms = (time.perf_counter() - began) * 50
    SAID.print(f"the fold: {each_ms:.2f} ms an attempt, {each_ms * 1_000 / each:.1f} µs a record")
    began = time.perf_counter()
    size = sum([len(one) async for one in frames(sittings)])
    took = time.perf_counter() - began
    SAID.print(f"reading: {took:.2f} s, {took * 1_000 / count:.2f} ms an attempt, {size / count / 1_000:.0f} kB each")
    idle = await Lateness.watch(asyncio.create_task(asyncio.sleep(5, b"")))
    order = msgspec.json.encode(cohort.Order({1: content()}, START_MS))
    began = time.perf_counter()
    asked = asyncio.create_task(Analyst().ask(ORG, cohort, order, frames(sittings)))
    late = await Lateness.watch(asked)
    took = time.perf_counter() - began
    SAID.print(f"the report: {took:.2f} s, {took * 1_000 / count:.2f} ms an attempt, {len(await asked) / 1e6:.1f} MB")
    SAID.print(f"the loop was late by {late}; with nothing to do by {idle}")
    keeper = CourseKeeper(Courses(database), Tests(database), Analyst(), lambda: False)
    keeper.notice(*await sittings.lacking(_SELECTION, count))
    began = time.perf_counter()
    kept = asyncio.create_task(_empty(keeper))
    late = await Lateness.watch(kept)
    took = time.perf_counter() - began
    SAID.print(
        f"folding them for good: {took:.2f} s, {took * 1_000 / count:.2f} ms an attempt; the loop late by {late}"
    )
    began = time.perf_counter()
    asked = asyncio.create_task(Analyst().ask(ORG, cohort, order, frames(sittings)))
    late = await Lateness.watch(asked)
    took = time.perf_counter() - began
    SAID.print(f"the report then: {took:.2f} s, {took * 1_000 / count:.2f} ms an attempt; late: {late}")
    cohorts = Cohorts(Clock(), sittings, Tests(database), Statistics(database), Analyst(), keeper)
    await cohorts.look(_SELECTION)
    began = time.perf_counter()
    late = await Lateness.watch(asyncio.create_task(cohorts.look(_SELECTION)))
    SAID.print(f"once more, where nothing has changed: {time.perf_counter() - began:.3f} s; late: {late}")
    await database.close()


async def measure_live(folder: Path, count: int) -> None:
    """The same of attempts that go on: a first look, and the next one, which has to read nothing."""
    url = f"sqlite:///{folder / 'live.sqlite3'}"
    await migrate(url)
    database = await Database.open(url)
    each = await write(database, count, ended=False)
    SAID.print(f"{count:,} attempts of {each} records that go on")
    tests, analyst = Tests(database), Analyst()
    keeper = CourseKeeper(Courses(database), tests, analyst, lambda: False)
    cohorts = Cohorts(Clock(), Sittings(database), tests, Statistics(database), analyst, keeper)
    for name in ("a first look", "the next look"):
        began = time.perf_counter()
        looks = 1
        asked = asyncio.create_task(_look(cohorts))
        late = await Lateness.watch(asked)
        while (await asked) is None:
            looks += 1
            asked = asyncio.create_task(_look(cohorts))
        took = time.perf_counter() - began
        kept = sum(len(one.standing) for one in cohorts.kept(ORG, TEST).values()) / count
        SAID.print(
            f"{name}: {took:.2f} s in {looks}, {took * 1_000 / count:.2f} ms an attempt; the loop late by {late}"
        )
        SAID.print(f"kept: {kept / 1_000:.1f} kB of each")
    await database.close()


async def _look(cohorts: Cohorts) -> Look | None:
    try:
        return await cohorts.look(_SELECTION)
    except Refused:
        return None


async def _empty(keeper: CourseKeeper) -> bytes:
    await keeper.look()
    assert not keeper.waiting
    return b""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=818)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        uvloop.run(measure(Path(folder), given.attempts))
        uvloop.run(measure_live(Path(folder), given.attempts))


if __name__ == "__main__":
    main()
