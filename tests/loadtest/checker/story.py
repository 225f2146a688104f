"""A short exam as its recorder would have it: a true log, made by the server's own core, and the history that fits."""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from loadtest.checker import Database, Event, Violation, check
from loadtest.checker.database import Attempt as KeptAttempt
from loadtest.checker.database import OutboxEvent, Projected, Record, Result, record_of
from loadtest.checker.history import (
    Arrived,
    Connected,
    Fail,
    Healed,
    Invoke,
    Ok,
    Quiet,
    Sent,
    Setup,
    Shown,
    Told,
    Watching,
)
from protocol.attempt import view
from protocol.attempt.chain import seal
from protocol.attempt.commands import AnyCommand, Assess, Connect, Create, Operate, Steer, Wake
from protocol.attempt.decide import create, decide
from protocol.attempt.decisions.rules import AskCandidacy
from protocol.attempt.events import event_of
from protocol.attempt.evolve import evolve, fold
from protocol.attempt.facts import AnyFact, tag_of
from protocol.attempt.facts import Record as LogRecord
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role, Terms
from protocol.attempt.sheet import Sheet
from protocol.codec import tag_of as tag_of_message
from protocol.messages.operations import Answer, Operation, Start, Submit
from protocol.messages.staff import StaffCommand
from protocol.messages.state import AttemptState
from protocol.rules.admission import Candidacy
from tests.protocol.attempt.scene import SHEET as ANY_SHEET

T0: Final = 1_800_000_000_000
ADA: Final = Actor(Role.CANDIDATE, "ada")
GRACE: Final = Actor(Role.INSTRUCTOR, "grace")
SYSTEM: Final = Actor(Role.SYSTEM, "timer")
ATTEMPT: Final = "00000000-0000-7000-8000-000000000001"
TERMS: Final = Terms(
    duration_ms=60_000,
    window_opens_at_ms=None,
    window_closes_at_ms=None,
    grace_ms=2_000,
    warnings_ms=(30_000,),
    pause_on_disconnect=False,
    pause_budget_ms=0,
    newest_connection_wins=True,
    link_opens_once=False,
)
SHEET: Final[Sheet] = replace(ANY_SHEET, terms=TERMS)


class Story:
    """Tells one attempt from its making on. What is in `rows` and `history` may be tampered with before `violations`.
    `rows` holds (record, written_at_ms)."""

    def __init__(self, sheet: Sheet = SHEET, granted: Accommodation | None = None) -> None:
        self.sheet = sheet
        self.now_ms = T0
        self.history: list[Event] = [Setup(at_ms=T0, who="recorder", scan_ms=500, bounds={"queue": 100})]
        self.rows: list[tuple[LogRecord, int]] = []
        self.state: Attempt | None = None
        self.connection_id: str | None = None
        self.connects = 0
        self.who = "ada/1"
        self.n = 0
        self._ops = 0
        self._client_at_ms = 5_000
        identity = Identity(ATTEMPT, "org", None, "test", None, "ada", 1)
        self._write(create(Create(ADA, identity, 7, granted or Accommodation(), bytes(32)), self.now_ms))

    @property
    def setup(self) -> Setup:
        """What the server was told."""
        first = self.history[0]
        assert isinstance(first, Setup)
        return first

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self.history[0] = setup

    # ── what happens ───────────────────────────────────────────────────────────────────────────────────────────

    def later(self, ms: int) -> None:
        self.now_ms += ms

    def connect(self, who: str, connection_id: str, *, asked: bool = True) -> None:
        """`asked`: it is noted that a person wanted it there."""
        self.later(10)
        self.who, self.connection_id = who, connection_id
        self.connects += 1
        self.history.append(
            Arrived(
                at_ms=self.now_ms,
                who=who,
                attempt_id=ATTEMPT,
                device=who,
                connect_n=self.connects,
                takeover=asked,
            )
        )
        self.command(Connect(ADA, connection_id, "test", who, self.connects, True))
        attempt = self.attempt
        self.history.append(
            Connected(
                at_ms=self.now_ms,
                who=who,
                attempt_id=ATTEMPT,
                connection_id=connection_id,
                last_n=attempt.last_n,
                state=view.state(attempt),
                answers=[(saved.question_id, saved.value) for saved in view.answers(attempt)],
            )
        )

    def ask(self, operation: Operation) -> str:
        """Invoked and sent; not yet decided. Returns its name."""
        self.later(10)
        self._ops += 1
        self._client_at_ms += 1
        op = f"{self.who}#{self._ops}"
        body = msgspec.to_builtins(operation)
        for name in ("t", "n", "client_at_ms"):
            body.pop(name)
        self.history.append(
            Invoke(
                at_ms=self.now_ms,
                who=self.who,
                op=op,
                attempt_id=ATTEMPT,
                kind=tag_of_message(type(operation)),
                body=body,
                client_at_ms=self._client_at_ms,
            )
        )
        self.send(op, operation.n)
        return op

    def send(self, op: str, n: int) -> None:
        self.history.append(Sent(at_ms=self.now_ms, who=self.who, op=op, connection_id=self.connection_id, n=n))

    def ok(self, op: str, n: int | None, seq: int | None = None) -> None:
        self.history.append(
            Ok(
                at_ms=self.now_ms + 5,
                who=self.who,
                op=op,
                connection_id=self.connection_id,
                n=n,
                seq=self.attempt.seq if seq is None else seq,
                committed_at_ms=self.now_ms,
            )
        )
        self.later(5)

    def fail(self, op: str, n: int | None, code: str) -> None:
        self.later(5)
        self.history.append(
            Fail(at_ms=self.now_ms, who=self.who, op=op, connection_id=self.connection_id, n=n, code=code)
        )

    def operate(self, operation: Operation) -> str:
        """Asked with the next number, decided, written, acknowledged."""
        self.n += 1
        operation = msgspec.structs.replace(operation, n=self.n, client_at_ms=self._client_at_ms + 1)
        op = self.ask(operation)
        self.command(Operate(ADA, self.connection_id, operation))
        self.ok(op, self.n)
        return op

    def answer(self, question_id: str, value: str) -> str:
        return self.operate(Answer(1, question_id, value, None, 0))

    def steer(self, order: StaffCommand) -> str:
        self.later(10)
        body = msgspec.to_builtins(order)
        kind = body.pop("t")
        body.pop("attempt_id")
        op = f"grace#{body['command_id']}"
        self.history.append(
            Invoke(at_ms=self.now_ms, who="grace", op=op, attempt_id=ATTEMPT, kind=kind, body=body, client_at_ms=None)
        )
        self.history.append(Sent(at_ms=self.now_ms, who="grace", op=op, connection_id="monitor", n=None))
        self.command(Steer(GRACE, order))
        self.history.append(
            Ok(
                at_ms=self.now_ms + 5,
                who="grace",
                op=op,
                connection_id="monitor",
                n=None,
                seq=self.attempt.seq,
                committed_at_ms=None,
            )
        )
        self.later(5)
        return op

    def wake(self) -> None:
        self.command(Wake(SYSTEM))
        self.show()

    def told(self, who: str | None = None) -> None:
        """A client is told the state as it is now."""
        self.history.append(
            Told(
                at_ms=self.now_ms,
                who=who or self.who,
                attempt_id=ATTEMPT,
                connection_id=self.connection_id,
                state=view.state(self.attempt),
            )
        )

    def watch(self) -> None:
        self.history.append(Watching(at_ms=self.now_ms, who="grace", org_id="org", test_id="test", online=True))

    def show(self) -> None:
        """The monitor is shown the row as it is now."""
        row = view.row(self.attempt, "Ada", "online", self.now_ms, 1)
        self.history.append(Shown(at_ms=self.now_ms, who="grace", org_id="org", test_id="test", rows=[row]))

    def complete(self) -> None:
        """Marked, healed, quiet."""
        attempt = self.attempt
        assert attempt.reference is not None
        self.later(100)
        self.command(Assess(SYSTEM, attempt.reference, 1_000, 6_000, 0))
        self.show()
        self.history.append(Healed(at_ms=self.now_ms, who="nemesis"))
        self.later(30_000)
        self.history.append(Quiet(at_ms=self.now_ms, who="recorder"))

    # ── what is kept ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def attempt(self) -> Attempt:
        assert self.state is not None
        return self.state

    def command(self, command: AnyCommand) -> None:
        decision = decide(self.attempt, command, self.now_ms, self.sheet)
        if isinstance(decision, AskCandidacy):
            assert isinstance(command, Steer)
            command = replace(command, candidacy=Candidacy(self.sheet.admission.rules, (), self.attempt.accommodation))
            decision = decide(self.attempt, command, self.now_ms, self.sheet)
        assert isinstance(decision, tuple), decision
        self._write(decision)

    def state_fact(self, fact: AnyFact, by: Actor = SYSTEM) -> None:
        """A record that nobody decided."""
        self._write((seal(self.attempt.head, self.attempt.key, self.attempt.seq + 1, self.now_ms, by, fact),))

    def _write(self, records: tuple[LogRecord, ...]) -> None:
        for record in records:
            self.state = evolve(self.state, record)
            self.rows.append((record, self.now_ms + 1))

    def rewrite(self, facts: list[tuple[int, Actor, AnyFact]], after: int) -> None:
        """Replaces all records after number `after` by others, properly chained: a log that a wrong server wrote."""
        self.rows = self.rows[:after]
        self.state = fold(record for record, _ in self.rows)
        for at_ms, by, fact in facts:
            record = seal(self.attempt.head, self.attempt.key, self.attempt.seq + 1, at_ms, by, fact)
            self.state = evolve(self.state, record)
            self.rows.append((record, at_ms + 1))

    def forged(self, facts: list[tuple[int, Actor, AnyFact]], after: int) -> KeptAttempt:
        """The same, for what the server's own fold would not even take: nothing but the log is kept."""
        records = [kept_record(record, written_at_ms) for record, written_at_ms in self.rows[:after]]
        head = self.rows[after - 1][0].hash
        for at_ms, by, fact in facts:
            record = seal(head, self.attempt.key, len(records) + 1, at_ms, by, fact)
            head = record.hash
            records.append(kept_record(record, at_ms + 1))
        return KeptAttempt(attempt_id=ATTEMPT, org_id="org", test_id="test", key=self.attempt.key, records=records)

    def kept(self) -> KeptAttempt:
        records = [kept_record(record, written_at_ms) for record, written_at_ms in self.rows]
        state: Attempt | None = None
        outbox = []
        for record, _ in self.rows:
            state = evolve(state, record)
            event = event_of(state, record)
            if event is not None:
                outbox.append(OutboxEvent(event_id=event.event_id, topic=event.topic))
        assert state is not None
        projected = Projected(
            seq=state.seq,
            status=state.status.value,
            started_at_ms=state.started_at_ms,
            ended_at_ms=state.ended_at_ms,
            deadline_ms=state.test_clock.deadline_ms,
        )
        result = None
        if state.score_mpt is not None and state.max_mpt is not None:
            result = Result(reference=state.reference, complete=True, score_mpt=state.score_mpt, max_mpt=state.max_mpt)
        return KeptAttempt(
            attempt_id=ATTEMPT,
            org_id="org",
            test_id="test",
            key=state.key,
            records=records,
            projected=projected,
            outbox=outbox,
            answers={question_id: saved.value for question_id, saved in state.answers.items()},
            result=result,
            result_read=True,
        )

    def violations(self, kept: KeptAttempt | None = None) -> list[Violation]:
        return check(self.history, Database(attempts=[kept or self.kept()]))

    def told_state(self) -> AttemptState:
        """The state that the candidate was told last."""
        return next(event.state for event in reversed(self.history) if isinstance(event, Told))

    def replace_last(self, kind: type, **changes: Any) -> None:
        """Changes the last event of one type."""
        for position in range(len(self.history) - 1, -1, -1):
            if isinstance(self.history[position], kind):
                self.history[position] = msgspec.structs.replace(self.history[position], **changes)
                return
        raise AssertionError(f"no {kind.__name__} in the history")


def kept_record(record: LogRecord, written_at_ms: int) -> Record:
    entry = record.entry
    return record_of(
        entry.seq,
        entry.at_ms,
        written_at_ms,
        tag_of(entry.fact),
        entry.role,
        record.digest,
        record.body,
        record.hash,
    )


def exam(sheet: Sheet = SHEET) -> Story:
    """A clean one: started, three answers, two devices, an extension, handed in, marked."""
    story = Story(sheet)
    story.watch()
    story.connect("ada/1", "c1")
    story.operate(Start(1, None, 0))
    story.told()
    story.answer("single", "a")
    story.answer("text", "no")
    story.show()
    story.connect("ada/2", "c2")
    story.answer("text", "yes")
    story.show()
    return story


def handed_in() -> Story:
    story = exam()
    story.operate(Submit(1, 0))
    story.told()
    story.complete()
    return story


def expired(late_ms: int = 0, sheet: Sheet = SHEET) -> Story:
    """The same, but nobody hands in: closed so much after the closing time."""
    story = exam(sheet)
    closes_at_ms = story.attempt.closes_at_ms
    assert closes_at_ms is not None
    story.now_ms = closes_at_ms - TERMS.grace_ms - 30_000
    story.wake()
    story.now_ms = closes_at_ms + late_ms
    story.wake()
    story.told()
    story.complete()
    return story


def invariants(violations: list[Violation]) -> set[str]:
    return {violation.invariant for violation in violations}
