"""Live attempts on a real database, without a server around them; any number of writers side by side."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol.attempt.chain import NewerLog
from protocol.attempt.commands import AnyCommand, Create, Disconnect, Operate
from protocol.attempt.facts import Record, tag_of
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role
from protocol.attempt.sheet import Sheet
from protocol.content import TestContent
from protocol.errors import Refusal
from protocol.messages.operations import Answer
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.attempts.registry import Registry
from server.ids import new_id, new_key, new_seed
from server.media.addresses import MediaAddresses
from server.papers import Papers
from server.people.grants import Grants
from server.tracing.spans import Tracing
from storage.attempts import Attempts
from storage.database import Database
from storage.enrolments import Enrolments
from storage.log.batch import Rows
from storage.log.journal import Journal, Newcomer
from storage.overrides import Overrides
from storage.tests import Tests
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import CANDIDATE, ORG, TEST, exam

ADA = Actor(Role.CANDIDATE, CANDIDATE)
GRACE = Actor(Role.INSTRUCTOR, "grace")


class Heard:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.facts: list[tuple[int, str, bool]] = []
        self.settlings = 0
        self.losses: list[Disconnect | Exception] = []
        """What is answered to those who ask for a loss before a closing, one after the other."""
        self.diverged_at: list[LiveAttempt] = []
        self.erased_at: list[LiveAttempt] = []
        self.outgrown_at: list[LiveAttempt] = []

    def committed(self, live: LiveAttempt, before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        assert (before.seq + 1, after.seq) == (record.entry.seq, record.entry.seq) or record.entry.seq == 1
        self.facts.append((record.entry.seq, tag_of(record.entry.fact), own))

    def settled(self, live: LiveAttempt) -> None:
        self.settlings += 1

    async def loss_before_closing(self, attempt: Attempt) -> Disconnect | None:
        if self.losses:
            lost = self.losses.pop(0)
            if isinstance(lost, Exception):
                raise lost
            return lost
        return None

    def diverged(self, live: LiveAttempt) -> None:
        self.diverged_at.append(live)

    def outgrown(self, live: LiveAttempt, error: NewerLog) -> None:
        self.outgrown_at.append(live)

    def erased(self, live: LiveAttempt) -> None:
        self.erased_at.append(live)

    @property
    def tags(self) -> list[str]:
        return [tag for _, tag, _ in self.facts]


class Gate:
    """Holds a journal's transactions back until it is opened; with `written`, only the word that they are durable."""

    def __init__(self, journal: Journal, *, written: bool = False) -> None:
        self._written = written
        self._open = asyncio.Event()
        self._journal = journal
        self._write = journal._writer.write
        self.waiting = 0
        journal._writer.write = self._wait  # type: ignore[method-assign]

    async def _wait(self, rows: Rows) -> dict[str, str]:
        outcome = await self._write(rows) if self._written else None
        self.waiting += 1
        await self._open.wait()
        self.waiting -= 1
        return await self._write(rows) if outcome is None else outcome

    def open(self) -> None:
        self._open.set()


class ShortPapers(Papers):
    """Offers terms that no test could have: time limits of less than a second."""

    terms: Mapping[str, Any] = MappingProxyType({})

    async def sheet(self, attempt: Attempt) -> Sheet:
        sheet = await super().sheet(attempt)
        return replace(sheet, terms=replace(sheet.terms, **self.terms))


class Writer:
    """What one node has of storage and live attempts."""

    def __init__(self, database: Database, clock: MovableClock, *, alone: bool, tracing: Tracing | None = None) -> None:
        self.database = database
        self.clock = clock
        self.journal = Journal(database, clock.now_ms)
        self.store = Attempts(database)
        self.tests = Tests(database)
        self.papers = ShortPapers(self.tests, Enrolments(database), MediaAddresses("of no use here").address)
        self.heard = Heard()
        self.gates: list[Gate] = []
        self.registry = Registry(
            clock=clock,
            journal=self.journal,
            store=self.store,
            papers=self.papers,
            grants=Grants(Overrides(self.database)),
            observer=self.heard,
            alone=alone,
            tracing=tracing,
        )

    def hold(self, *, written: bool = False) -> Gate:
        """Until the gate is opened or the test ends nothing is committed; with `written`, nothing is told."""
        self.gates.append(Gate(self.journal, written=written))
        return self.gates[-1]

    async def make(self, **terms: Any) -> LiveAttempt:
        """A new attempt of Ada's. From here on the test offers these terms."""
        self.papers.terms = terms
        identity = Identity(new_id(), ORG, None, TEST, None, CANDIDATE, 1)
        command = Create(ADA, identity, new_seed(), Accommodation(), new_key())
        live = await self.registry.make(command, Newcomer("Ada"))
        assert isinstance(live, LiveAttempt), live
        return live

    async def log(self, live: LiveAttempt) -> list[str]:
        """The tags of the records that are in the database."""
        return [tag_of(record.entry.fact) for record in await self.store.records(live.attempt_id)]


@asynccontextmanager
async def writer(
    file: Path, clock: MovableClock, *, alone: bool = True, tracing: Tracing | None = None
) -> AsyncIterator[Writer]:
    """One more writer on the database `file`. Its journal commits from the beginning."""
    database = await Database.open(f"sqlite:///{file}")
    one = Writer(database, clock, alone=alone, tracing=tracing)
    await one.journal.start()
    try:
        await one.tests.put(ORG, TEST, msgspec.convert(exam(), TestContent), clock.now_ms())
        yield one
    finally:
        for gate in one.gates:
            gate.open()
        one.registry.close()
        await one.journal.close()
        await database.close()


def answer(n: int, value: str = "a", question_id: str = "single") -> Operate:
    """Ada answers, over REST."""
    return Operate(ADA, None, Answer(n, question_id, value, None, 0))


def offer(live: LiveAttempt, command: AnyCommand) -> asyncio.Future[Done | Refusal]:
    """Offers it now; the outcome comes when it comes."""
    future: asyncio.Future[Done | Refusal] = asyncio.get_running_loop().create_future()
    live.offer(command, future.set_result)
    return future


def done(outcome: Done | Refusal) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def refusal(outcome: Done | Refusal) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code.value
