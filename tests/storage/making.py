"""Makes attempts, and appends for the journal, the way an owner does: decide, evolve, submit."""

import asyncio
import itertools
from collections.abc import Callable
from secrets import token_bytes
from typing import Final, TypedDict, Unpack

import uuid_utils
from msgspec.structs import replace

from protocol.answering import index_paper
from protocol.attempt.chain import KEY_BYTES, seal
from protocol.attempt.commands import AnyCommand, Begin, Create, HandIn, Operate
from protocol.attempt.decide import create, decide
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import AnyFact, Record
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role, Terms
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.content import Essay, Option, Question, Rules, SingleChoice, TestContent
from protocol.messages.base import Value
from protocol.messages.operations import Answer
from protocol.paper import Paper
from protocol.rules.admission import Earlier
from storage.database import Database
from storage.log.journal import Append, Committed, Journal, Newcomer, Outcome, Rejected
from storage.tests import Tests

ORG: Final = "org-1"
TEST: Final = "test-1"
NOW: Final = 1_800_000_000_000
FENCED: Final = Rejected("fenced")
CANDIDATE: Final = Actor(Role.CANDIDATE, "candidate")
STAFF: Final = Actor(Role.INSTRUCTOR, "staff")
SYSTEM: Final = Actor(Role.SYSTEM, "clock")
OPTIONS: Final = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
CONTENT: Final = TestContent(
    title="A test",
    questions=[
        *(
            Question(question_id=f"q{i}", body="Which?", interactions=[SingleChoice(options=OPTIONS, correct="a")])
            for i in range(1, 10)
        ),
        Question(question_id="essay", body="Why?", interactions=[Essay()]),
    ],
    rules=Rules(duration_ms=600_000, on_disconnect="pause"),
)
PAPER: Final[Paper] = make_paper(TEST, 1, CONTENT, None)
TERMS: Final = Terms(
    duration_ms=600_000,
    window_opens_at_ms=None,
    window_closes_at_ms=None,
    grace_ms=2_000,
    warnings_ms=(300_000, 60_000),
    pause_on_disconnect=True,
    pause_budget_ms=120_000,
    newest_connection_wins=True,
    link_opens_once=False,
)
LAYOUT: Final[Layout] = lay_out(CONTENT, None, 7)
SHEET: Final[Sheet] = replace(make_sheet(PAPER, index_paper(PAPER), CONTENT.rules, LAYOUT), terms=TERMS)
NEWCOMER: Final = Newcomer("Ann Other")

_numbers = itertools.count(1)


async def open_database(url: str) -> Database:
    """Opens a database that has our tables, and puts one test into it."""
    database = await Database.open(url)
    await Tests(database).put(ORG, TEST, CONTENT, NOW)
    return database


def new_identity(
    *,
    org_id: str = ORG,
    test_id: str = TEST,
    user_id: str | None = None,
    number: int = 1,
) -> Identity:
    """Somebody new, unless told who."""
    return Identity(
        attempt_id=str(uuid_utils.uuid7()),
        org_id=org_id,
        branch_id="branch",
        test_id=test_id,
        form_id=None,
        user_id=user_id or f"user-{next(_numbers)}",
        attempt_number=number,
    )


def long_sheet(question_total: int) -> Sheet:
    """That of a longer paper: what nobody answers is on nobody's screen."""
    (section,) = LAYOUT.sections
    more = tuple(LaidQuestion(f"more-{number}") for number in range(question_total - len(section.questions)))
    layout = Layout((LaidSection(None, section.questions + more),))
    return replace(SHEET, layout=layout, question_total=question_total, is_part=True)


class More(TypedDict, total=False):
    """What an append may have besides its records."""

    not_after_ms: int | None
    on_outcome: Callable[[Outcome], None] | None
    others: tuple[Earlier, ...] | None


class Owner:
    """Holds one attempt and speculates on it, as a live attempt does."""

    def __init__(self, identity: Identity | None = None, *, now_ms: int = NOW, sheet: Sheet = SHEET) -> None:
        self.identity = identity or new_identity()
        self.id = self.identity.attempt_id
        self.state: Attempt | None = None
        self.now_ms = now_ms
        self.sheet = sheet
        self.outcomes: list[Outcome] = []
        self._settled = asyncio.Event()

    @property
    def attempt(self) -> Attempt:
        assert self.state is not None
        return self.state

    def made(self, **more: Unpack[More]) -> Append:
        """The append that makes the attempt; without `others` it is its candidate's first one."""
        more.setdefault("others", ())
        return self.append(
            create(Create(CANDIDATE, self.identity, 7, Accommodation(), token_bytes(KEY_BYTES)), self.now_ms),
            newcomer=NEWCOMER,
            **more,
        )

    def asked(self, command: AnyCommand, **more: Unpack[More]) -> Append:
        """The append that `command` leads to; it must be allowed."""
        decision = decide(self.attempt, command, self.now_ms, self.sheet)
        assert isinstance(decision, tuple), decision
        return self.append(decision, **more)

    def answered(self, question_id: str, value: Value, **more: Unpack[More]) -> Append:
        """The append of an answer with the next number."""
        answer = Answer(self.attempt.last_n + 1, question_id, value, None, self.now_ms)
        return self.asked(Operate(CANDIDATE, None, answer), **more)

    def stated(self, *facts: AnyFact, **more: Unpack[More]) -> Append:
        """The append of facts that nobody decided."""
        records = []
        attempt = self.attempt
        for fact in facts:
            record = seal(attempt.head, attempt.key, attempt.seq + 1, self.now_ms, SYSTEM, fact)
            attempt = evolve(attempt, record)
            records.append(record)
        return self.append(tuple(records), **more)

    def append(
        self,
        records: tuple[Record, ...],
        *,
        newcomer: Newcomer | None = None,
        not_after_ms: int | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        others: tuple[Earlier, ...] | None = None,
    ) -> Append:
        """The append of `records`, which the owner takes for granted from now on."""
        states = []
        for record in records:
            self.state = evolve(self.state, record)
            states.append(self.state)
        return Append(self.id, records, tuple(states), not_after_ms, newcomer, on_outcome or self._heard, others)

    async def heard(self, count: int = 1) -> list[Outcome]:
        """Waits until that many outcomes are there, in all."""
        while len(self.outcomes) < count:
            self._settled.clear()
            await self._settled.wait()
        return self.outcomes

    def _heard(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._settled.set()


async def until(condition: Callable[[], bool]) -> None:
    """Returns when `condition` holds; pytest's own limit ends a wait in vain."""
    while not condition():  # noqa: ASYNC110 -- what we wait for tells nobody
        await asyncio.sleep(0.005)


async def made(journal: Journal, count: int = 1, *, org_id: str = ORG, user_id: str | None = None) -> list[Owner]:
    owners = [Owner(new_identity(org_id=org_id, user_id=user_id)) for _ in range(count)]
    for owner in owners:
        assert journal.submit(owner.made())
    await owners[-1].heard()
    return owners


async def begun(journal: Journal, count: int = 1) -> list[Owner]:
    owners = await made(journal, count)
    for owner in owners:
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owners[-1].heard(2)
    return owners


async def ended(journal: Journal, count: int = 1) -> list[Owner]:
    owners = await begun(journal, count)
    for owner in owners:
        assert journal.submit(owner.asked(HandIn(CANDIDATE, 0)))
    await owners[-1].heard(3)
    return owners


async def started(journal: Journal) -> Owner:
    """An attempt that is under way, all of it committed."""
    owner = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert await owner.heard(2) == [Committed(NOW)] * 2
    owner.outcomes.clear()
    return owner
