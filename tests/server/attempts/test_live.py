"""Decide, journal, tell; and what happens when the journal says no."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from protocol.attempt import decide as core
from protocol.attempt import digests
from protocol.attempt.commands import AnyCommand, Begin, Connect, Disconnect, HandIn, Operate, Steer
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Answered, Messaged, Record
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.limits import MAX_INT
from protocol.messages.operations import Answer
from protocol.messages.staff import ExtendAttempt, MessageAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt
from server.attempts import alarm
from server.attempts import live as live_module
from server.attempts.hearsay import DEAF_MS
from server.attempts.live import LiveAttempt
from server.attempts.pending import NotKnownYet
from storage.batch import Append, NotWritten, OutcomeUnknown, Rows
from storage.errors import StorageUnavailable
from storage.schema import attempt_log
from tests.server.attempts.bench import ADA, GRACE, Writer, answer, done, offer, refusal, writer
from tests.server.harness.clock import MovableClock
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S


@pytest.fixture
async def one(tmp_path: Path, migrated_database: Path) -> AsyncIterator[Writer]:
    file = tmp_path / "log.sqlite3"
    file.write_bytes(migrated_database.read_bytes())
    async with writer(file, MovableClock()) as opened:
        yield opened


@pytest.fixture
async def other(one: Writer, tmp_path: Path) -> AsyncIterator[Writer]:
    """Another node on the same database."""
    async with writer(tmp_path / "log.sqlite3", one.clock) as opened:
        yield opened


HOUR = 3_600_000


async def running(one: Writer, **terms: Any) -> LiveAttempt:
    live = await one.make(**terms)
    done(await live.run(Begin(ADA, 0)))
    return live


async def copy_of(live: LiveAttempt, other: Writer) -> LiveAttempt:
    copy = await other.registry.get(live.attempt_id)
    assert copy is not None
    return copy


# The good path


async def test_nothing_is_told_before_it_is_durable(one: Writer) -> None:
    live = await running(one)
    gate = one.hold()
    outcome = offer(live, answer(1))
    await eventually(lambda: gate.waiting)
    assert not outcome.done()
    assert live.committed.last_n == 0
    assert live.busy
    gate.open()
    assert done(await outcome).attempt.last_n == 1
    assert await one.log(live) == ["created", "started", "answered"]
    assert one.heard.tags == ["created", "started", "answered"]


async def test_commands_are_decided_on_what_is_on_its_way(one: Writer) -> None:
    live = await one.make()
    gate = one.hold()
    outcomes = [offer(live, command) for command in (Begin(ADA, 0), answer(1), answer(2, "b"), HandIn(ADA, 0))]
    late = offer(live, answer(3))
    await eventually(lambda: gate.waiting)
    assert not late.done(), "what it stands on may yet be rejected"
    gate.open()
    for outcome in outcomes:
        done(await outcome)
    assert refusal(await late) == Code.ALREADY_SUBMITTED
    assert await one.log(live) == ["created", "started", "answered", "answered", "submitted"]


async def test_a_repeated_command_is_answered_when_the_first_is_durable(one: Writer) -> None:
    live = await running(one)
    gate = one.hold()
    first, again = offer(live, answer(1)), offer(live, answer(1))
    await eventually(lambda: gate.waiting)
    assert not again.done()
    gate.open()
    assert len(done(await first).records) == 1
    assert done(await again).records == ()
    assert await one.log(live) == ["created", "started", "answered"]


async def test_an_observer_or_a_listener_that_raises_keeps_nobody_waiting(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    live.offer(answer(1), fail)
    monkeypatch.setattr(one.heard, "committed", fail)
    done(await asyncio.wait_for(live.run(answer(2)), PATIENCE_S))
    assert live.committed.last_n == 2


def plant(monkeypatch: pytest.MonkeyPatch, fails: Callable[[AnyCommand], bool]) -> None:
    """A bug in what decides on some commands."""

    def decide(attempt: Attempt, command: AnyCommand, *others: Any) -> Any:
        if fails(command):
            raise RuntimeError("a bug")
        return core.decide(attempt, command, *others)

    monkeypatch.setattr(live_module, "decide", decide)


async def test_a_bug_in_one_command_refuses_that_one_and_no_other(
    one: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live = await running(one)
    plant(monkeypatch, lambda command: isinstance(command, Steer))
    gate = one.hold()
    before, bad, after = (offer(live, command) for command in (answer(1), steer_a_message(), answer(2, "b")))
    assert refusal(await bad) == Code.INTERNAL
    gate.open()
    done(await before)
    done(await after)
    assert live.committed.last_n == 2
    assert "a bug" in caplog.text


async def test_a_bug_in_the_fold_reaches_no_log(
    one: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live = await running(one)
    done(await live.run(answer(7)))
    with monkeypatch.context() as planted:
        planted.setattr(live_module, "evolve", lambda attempt, record: replace(evolve(attempt, record), last_n=3))
        assert refusal(await live.run(answer(8))) == Code.INTERNAL
    assert "the numbers of operations rise" in caplog.text
    assert await one.log(live) == ["created", "started", "answered"]
    done(await live.run(answer(8)))


async def test_a_bug_in_one_command_does_not_keep_those_behind_it_waiting_when_the_log_is_read_again(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    gate = one.hold()
    first = offer(live, answer(2))
    await eventually(lambda: gate.waiting)
    bad, after = offer(live, steer_a_message()), offer(live, answer(3, "b"))
    plant(monkeypatch, lambda command: isinstance(command, Steer))
    gate.open()
    done(await asyncio.wait_for(first, PATIENCE_S))
    assert refusal(await asyncio.wait_for(bad, PATIENCE_S)) == Code.INTERNAL
    done(await asyncio.wait_for(after, PATIENCE_S))
    assert live.committed.last_n == 3


@pytest.mark.parametrize("place", ["not_after_ms", "submit"])
async def test_a_bug_behind_the_decision_keeps_nobody_waiting_when_the_log_is_read_again(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await live.run(answer(1)))
    journal, command = other.journal, steer_a_message()
    gate = other.hold()
    first = offer(copy, answer(2))
    await eventually(lambda: gate.waiting)
    bad, after = offer(copy, command), offer(copy, answer(3, "b"))

    def fail(*given: Any, **named: Any) -> Any:
        if command in given or any(isinstance(one, Append) and _is_a_message(one) for one in given):
            raise RuntimeError("a bug")
        return original(*given, **named)

    where, name = (journal, "submit") if place == "submit" else (live_module, place)
    original = getattr(where, name)
    monkeypatch.setattr(where, name, fail)
    gate.open()
    done(await asyncio.wait_for(first, PATIENCE_S))
    done(await asyncio.wait_for(after, PATIENCE_S))
    assert refusal(await asyncio.wait_for(bad, PATIENCE_S)) == Code.INTERNAL
    assert copy.committed.last_n == 3


def _is_a_message(append: Append) -> bool:
    return any(isinstance(record.entry.fact, Messaged) for record in append.records)


async def test_an_observer_that_fails_at_the_end_keeps_the_timer_and_nobody_waiting(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one, duration_ms=600_000, warnings_ms=())

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(one.heard, "settled", fail)
    done(await live.run(Steer(GRACE, ExtendAttempt("e", "", 60_000, ""))))
    assert live._alarm.at_ms == live.committed.closes_at_ms


async def test_whoever_waits_for_quiet_hears_of_it_when_the_log_cannot_be_folded(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await live.run(answer(1)))

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(live_module, "evolve", fail)
        copy.reload()
        await asyncio.wait_for(copy.settle(), PATIENCE_S)
    done(await copy.run(answer(2)))
    assert copy.committed.last_n == 2


def steer_a_message() -> Steer:
    return Steer(GRACE, MessageAttempt("m", "", "Hello"))


# Repetitions


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three digests are kept."""
    monkeypatch.setattr(digests, "_DROPPED", -2 * 2 * digests.SIZE)


@pytest.mark.usefixtures("short_memory")
async def test_what_memory_has_forgotten_the_log_decides(one: Writer) -> None:
    live = await running(one)
    for n in range(2, 22, 2):
        done(await live.run(answer(n)))
    before = live.committed.seq
    assert done(await live.run(answer(2))).records == ()
    assert refusal(await live.run(answer(4, "b"))) == Code.NUMBER_REUSED
    assert refusal(await live.run(answer(5))) == Code.NUMBER_SKIPPED
    assert live.committed.seq == before


@pytest.mark.usefixtures("short_memory")
async def test_old_and_new_operations_are_answered_in_their_order(one: Writer, other: Writer) -> None:
    """Also where a record of the same turn is on its way, and another node has written in the meantime."""
    live = await running(one)
    for n in range(1, 11):
        done(await live.run(answer(n)))
    copy = await copy_of(live, other)
    done(await copy.run(answer(11)))
    told: list[int] = []
    commands = [answer(n) for n in (12, 1, 2, 13, 3, 14, 9, 15)]
    outcomes = [offer(live, command) for command in commands]
    for command, outcome in zip(commands, outcomes, strict=True):
        outcome.add_done_callback(partial(_note, told, command.operation.n))
    for outcome in outcomes:
        done(await outcome)
    assert told == [12, 1, 2, 13, 3, 14, 9, 15]
    facts = [record.entry.fact for record in await one.store.records(live.attempt_id, 2)]
    numbers = [fact.n for fact in facts if isinstance(fact, Answered)]
    assert numbers == list(range(1, 16)), "each once"


@pytest.mark.parametrize("is_over", [False, True])
async def test_no_acknowledgement_goes_before_a_refusal_that_the_log_is_asked_for(
    one: Writer, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, is_over: bool
) -> None:
    """An acknowledgement speaks for all lesser numbers, refused or not: the client would drop what was never saved.
    Here all was written, but the connection was lost in the commit, and the refusal must be decided anew; the time may
    be up by then, so that the end is written first."""
    if not is_over:
        request.getfixturevalue("short_memory")
    live = await running(one)
    real, told = one.journal._writer.write, list[int]()

    async def write(rows: Rows) -> dict[str, str]:
        monkeypatch.setattr(one.journal._writer, "write", real)
        await real(rows)
        if is_over:
            one.clock.advance((live.committed.closes_at_ms or 0) - one.clock.now_ms())
        raise OutcomeUnknown("the connection was lost in COMMIT")

    monkeypatch.setattr(one.journal._writer, "write", write)
    misplaced = Operate(ADA, None, Answer(2, "single", "a", 99, 0))
    commands = [answer(1), misplaced, *(answer(n) for n in range(3, 9))]
    outcomes = [offer(live, command) for command in commands]
    for command, outcome in zip(commands, outcomes, strict=True):
        outcome.add_done_callback(partial(_note, told, command.operation.n))
    for command, outcome in zip(commands, outcomes, strict=True):
        if command is misplaced:
            assert refusal(await outcome) in (Code.NUMBER_SKIPPED, Code.DEADLINE_PASSED)
        else:
            assert len(done(await outcome).records) == 1
    await eventually(lambda: len(told) == len(commands))
    assert told == list(range(1, 9))


def _note(told: list[int], n: int, _: object) -> None:
    told.append(n)


@pytest.mark.usefixtures("short_memory")
async def test_many_old_operations_are_looked_for_together(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    for n in range(1, 41):
        done(await live.run(answer(n)))
    searches: list[set[int]] = []
    search = one.store.operations

    async def counted(attempt_id: str, numbers: set[int], newest: int) -> Any:
        searches.append(numbers)
        return await search(attempt_id, numbers, newest)

    monkeypatch.setattr(one.store, "operations", counted)
    outcomes = [offer(live, answer(n)) for n in range(1, 31)]
    for outcome in outcomes:
        done(await outcome)
    assert searches == [set(range(1, 31))], "the others had come before the log was read"


@pytest.mark.usefixtures("short_memory")
async def test_an_old_operation_waits_for_the_database(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    for n in range(1, 11):
        done(await live.run(answer(n)))
    search, tries = one.store.operations, 0

    async def away(*given: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StorageUnavailable("away")
        return await search(*given)

    monkeypatch.setattr(one.store, "operations", away)
    old, new = offer(live, answer(1)), offer(live, answer(11))
    done(await old)
    done(await new)
    assert tries == 3


# Conflicts


async def test_a_second_writer_is_fenced_reloads_and_decides_again(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    done(await copy.run(answer(2, "b")))
    assert live.committed.last_n == 0, "nobody has told it"
    outcome = done(await live.run(answer(3, "c")))
    assert (outcome.attempt.last_n, len(outcome.records)) == (3, 1)
    assert await one.log(live) == ["created", "started", "answered", "answered", "answered"]
    assert [own for _, tag, own in one.heard.facts if tag == "answered"] == [False, False, True]


async def test_what_waits_is_decided_again_in_its_order(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    outcomes = [offer(live, answer(n, "abc"[n % 3])) for n in (2, 3, 4)]
    assert [done(outcome).records[0].entry.seq for outcome in await asyncio.gather(*outcomes)] == [4, 5, 6]


async def test_what_the_other_has_made_impossible_is_refused_in_the_end(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(HandIn(ADA, 0)))
    assert refusal(await live.run(answer(1))) == Code.ALREADY_SUBMITTED
    assert await one.log(live) == ["created", "started", "submitted"]


async def test_what_the_other_has_done_already_is_done(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    order = Steer(GRACE, ExtendAttempt("e", live.attempt_id, 60_000, ""))
    done(await copy.run(order))
    assert done(await live.run(order)).records == ()
    assert (await one.log(live)).count("extended") == 1


async def test_a_repeated_command_keeps_its_own_answer_when_the_one_before_it_is_refused(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    done(await live.run(answer(1)))
    copy = await copy_of(live, other)
    done(await copy.run(HandIn(ADA, 0)))
    new, repeated = offer(live, answer(2)), offer(live, answer(1))
    assert refusal(await new) == Code.ALREADY_SUBMITTED
    assert done(await repeated).records == (), "it is in the log, and nothing changes that"


async def test_commands_that_come_while_the_log_is_read_again_wait(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    real, reading = one.store.records, asyncio.Event()

    async def records(*args: Any, **kwargs: Any) -> Any:
        if not reading.is_set():
            reading.set()
            outcomes.append(offer(live, answer(3, "c")))
            raise StorageUnavailable("not now")
        return await real(*args, **kwargs)

    monkeypatch.setattr(one.store, "records", records)
    outcomes = [offer(live, answer(2, "b"))]
    await reading.wait()
    assert [done(await outcome).attempt.last_n for outcome in outcomes] == [2, 3]


# The database goes away


async def test_an_outage_keeps_the_commands_and_answers_them_later(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    real, away = one.journal._writer.write, True

    async def write(rows: Rows) -> dict[str, str]:
        if away:
            raise NotWritten("the database is away")
        return await real(rows)

    monkeypatch.setattr(one.journal._writer, "write", write)
    monkeypatch.setattr("storage.journal.BACKOFF_S", 0.01)
    outcomes = [offer(live, answer(n)) for n in (1, 2)]
    await eventually(lambda: one.journal.stats.retries)
    assert not any(outcome.done() for outcome in outcomes)
    away = False
    for outcome in outcomes:
        done(await outcome)
    assert await one.log(live) == ["created", "started", "answered", "answered"]


@pytest.mark.parametrize("was_written", [True, False])
async def test_an_unknown_outcome_is_looked_up(one: Writer, monkeypatch: pytest.MonkeyPatch, was_written: bool) -> None:
    live = await running(one)
    real, failures = one.journal._writer.write, 0

    async def write(rows: Rows) -> dict[str, str]:
        nonlocal failures
        if failures == 0:
            failures += 1
            if was_written:
                await real(rows)
            raise OutcomeUnknown("the connection was lost in COMMIT")
        return await real(rows)

    monkeypatch.setattr(one.journal._writer, "write", write)
    outcomes = [offer(live, answer(1)), offer(live, answer(2, "b"))]
    for outcome in outcomes:
        done(await outcome)
    assert failures == 1
    assert await one.log(live) == ["created", "started", "answered", "answered"]
    assert [own for _, tag, own in one.heard.facts if tag == "answered"] == [True, True]


async def test_a_full_journal_refuses_and_changes_nothing(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await running(one)
    with monkeypatch.context() as patch:
        patch.setattr(one.journal, "submit", lambda append: False)
        assert refusal(await live.run(answer(1))) == Code.OVERLOADED
    done(await live.run(answer(1)))
    assert live.committed.last_n == 1


async def test_what_can_not_be_decided_any_more_is_refused_when_the_node_stops(
    one: Writer, other: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))

    async def records(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("for good")

    monkeypatch.setattr(one.store, "records", records)
    outcome = offer(live, answer(2))
    await eventually(lambda: live._reloading)
    late = offer(live, answer(3))
    live.close()
    assert refusal(await outcome) == Code.STORAGE_UNAVAILABLE
    assert refusal(await late) == Code.STORAGE_UNAVAILABLE
    assert refusal(await live.run(answer(4))) == Code.STORAGE_UNAVAILABLE


# Time


async def test_the_timer_warns_and_closes(one: Writer) -> None:
    """In real time: a timer that sleeps wakes by itself."""
    live = await one.make(duration_ms=300, grace_ms=50, warnings_ms=(200,))
    done(await live.run(Begin(ADA, 0)))
    await eventually(lambda: live.committed.ended_at_ms)
    assert await one.log(live) == ["created", "started", "warned", "expired"]
    assert live.committed.started_at_ms is not None
    assert live.committed.ended_at_ms == live.committed.started_at_ms + 300
    written = (await one.store.records(live.attempt_id))[-1].entry.at_ms
    assert written >= live.committed.started_at_ms + 350, "not before the grace is over"


def pass_time(writer: Writer, ms: int, live: LiveAttempt) -> None:
    """Moves the clock, and makes this timer look at it."""
    writer.clock.advance(ms)
    live._alarm.ring_now()


async def test_an_extension_moves_the_timer(one: Writer) -> None:
    live = await one.make(duration_ms=HOUR, grace_ms=0, warnings_ms=())
    done(await live.run(Begin(ADA, 0)))
    done(await live.run(Steer(GRACE, ExtendAttempt("e", live.attempt_id, HOUR, ""))))
    pass_time(one, HOUR, live)
    assert live._alarm.waits
    pass_time(one, HOUR, live)
    await eventually(lambda: live.committed.ended_at_ms)
    assert live.committed.started_at_ms is not None
    assert live.committed.ended_at_ms == live.committed.started_at_ms + 2 * HOUR


async def test_a_paused_clock_does_not_wake_anybody(one: Writer) -> None:
    live = await running(one)
    assert live._alarm.waits
    done(await live.run(Steer(GRACE, PauseAttempt("p", live.attempt_id, ""))))
    assert not live._alarm.waits


async def test_the_timer_goes_by_what_the_other_has_written(one: Writer, other: Writer) -> None:
    live = await one.make(duration_ms=HOUR, grace_ms=0, warnings_ms=())
    done(await live.run(Begin(ADA, 0)))
    copy = await copy_of(live, other)
    done(await live.run(Steer(GRACE, ExtendAttempt("e", live.attempt_id, HOUR, ""))))
    pass_time(other, HOUR, copy)
    await eventually(lambda: other.journal.stats.conflicts)
    await eventually(lambda: not copy.busy)
    assert copy.committed.ended_at_ms is None
    assert copy.committed.test_clock.deadline_ms == live.committed.test_clock.deadline_ms
    assert await one.log(live) == ["created", "started", "extended"], "it has tried to close, and was told better"


async def test_the_timer_tries_again_when_the_journal_is_full(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "_SOON_S", 0.01)
    live = await one.make(duration_ms=HOUR, grace_ms=0, warnings_ms=())
    done(await live.run(Begin(ADA, 0)))
    refusals = 0

    def submit(append: object) -> bool:
        nonlocal refusals
        refusals += 1
        return False

    with monkeypatch.context() as patch:
        patch.setattr(one.journal, "submit", submit)
        pass_time(one, HOUR, live)
        await eventually(lambda: refusals > 1)
    await eventually(lambda: live.committed.ended_at_ms)


STARTS_A_CLOCK: dict[str, tuple[list[AnyCommand], AnyCommand]] = {
    "start": ([], Begin(ADA, 0)),
    "resume": (
        [Begin(ADA, 0), Steer(GRACE, PauseAttempt("p", "", ""))],
        Steer(GRACE, ResumeAttempt("r", "", "")),
    ),
    "come back": (
        [Begin(ADA, 0), Connect(ADA, "a", "", "d", 1, True), Disconnect(ADA, "a", 2**50)],
        Connect(ADA, "b", "", "d", 2, False),
    ),
    "reopen": ([Begin(ADA, 0), HandIn(ADA, 0)], Steer(GRACE, ReopenAttempt("o", "", 600_000, "by mistake"))),
}


@pytest.mark.parametrize("name", STARTS_A_CLOCK)
async def test_no_clock_runs_while_nobody_can_be_told(one: Writer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is away for a minute: what starts a clock is decided anew when it is back."""
    before, command = STARTS_A_CLOCK[name]
    live = await one.make(pause_on_disconnect=True, pause_budget_ms=3_600_000)
    for earlier in before:
        done(await live.run(earlier))
    real, away = one.journal._writer.write, True

    async def write(rows: Rows) -> dict[str, str]:
        if away:
            raise NotWritten("away")
        return await real(rows)

    monkeypatch.setattr(one.journal._writer, "write", write)
    outcome, answered = offer(live, command), offer(live, answer(1))
    await eventually(lambda: one.journal.stats.retries)
    one.clock.advance(60_000)
    await eventually(lambda: one.journal.stats.late)
    away = False
    back_ms = one.clock.now_ms()
    done(await outcome)
    done(await answered)
    assert live.committed.test_clock.deadline_ms is not None
    assert live.committed.test_clock.deadline_ms >= back_ms + 599_000


class Somebody:
    """A candidate's connection on this node."""

    def __init__(self, connection_id: str) -> None:
        self.connection_id = connection_id

    def record_committed(self, before: Attempt, record: Record, after: Attempt) -> None:
        """Nobody is told."""

    def sheet_changed(self) -> None:
        pass

    def send_away(self, after_ms: int) -> None:
        """Nobody is told."""


async def orphaned(one: Writer) -> LiveAttempt:
    """An attempt whose clock stands while its candidate is away, and whose connection is on a node that has died."""
    live = await one.make(pause_on_disconnect=True, pause_budget_ms=3_600_000)
    done(await live.run(Begin(ADA, 0)))
    done(await live.run(Connect(ADA, "a", "", "d", 1, True, node="a dead node")))
    return live


async def test_a_lost_connection_is_asked_for_before_a_closing(one: Writer) -> None:
    live = await orphaned(one)
    deadline_ms = live.committed.test_clock.deadline_ms
    assert deadline_ms is not None
    one.clock.advance(660_000)
    one.heard.losses = [Disconnect(GRACE, "a", deadline_ms - 60_000)]
    done(await live.run(Connect(ADA, "b", "", "d", 2, False)))
    assert live.committed.test_clock.deadline_ms is not None
    assert live.committed.test_clock.deadline_ms >= deadline_ms + 120_000
    assert one.heard.tags[-4:] == ["disconnected", "paused", "connected", "resumed"]


async def test_while_it_is_not_known_yet_nothing_is_decided_and_then_it_closes_by_itself(one: Writer) -> None:
    live = await orphaned(one)
    one.clock.advance(660_000)
    one.heard.losses = [NotKnownYet(), StorageUnavailable("away"), NotKnownYet()]
    assert refusal(await live.run(answer(1))) == "storage_unavailable"
    assert "expired" not in one.heard.tags
    await eventually(lambda: "expired" in one.heard.tags)
    assert one.heard.losses == []


async def test_whose_connection_is_here_is_closed_without_asking(one: Writer) -> None:
    live = await orphaned(one)
    live.presence.sit(Somebody("a"))
    one.heard.losses = [Disconnect(GRACE, "a", one.clock.now_ms())]
    one.clock.advance(660_000)
    assert refusal(await live.run(answer(1))) == "deadline_passed"
    assert one.heard.losses


async def test_nothing_late_is_committed_even_if_it_was_in_time(one: Writer) -> None:
    live = await running(one)
    one.clock.advance(601_000)
    gate = one.hold()
    outcomes = [offer(live, answer(1))]
    await eventually(lambda: gate.waiting)
    outcomes.append(offer(live, HandIn(ADA, 0)))
    one.clock.advance(2_000)
    gate.open()
    done(await outcomes[0])
    assert done(await outcomes[1]).attempt.ended_as == "expired", "handing in says how it has ended"
    assert await one.log(live) == ["created", "started", "answered", "expired"]


# Other nodes


class Looks:
    """Counts how often a writer reads a log."""

    def __init__(self, writer: Writer) -> None:
        self.number = 0
        self._records = writer.store.records
        writer.store.records = self._count  # type: ignore[method-assign]

    async def _count(self, attempt_id: str, after: int = 0, head: bytes | None = None) -> list[Record]:
        self.number += 1
        return await self._records(attempt_id, after, head)


async def test_what_another_node_tells_of_is_read_from_the_log(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for n in (1, 2, 3):
        done(await live.run(answer(n)))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert (copy.committed.seq, copy.committed.head) == (live.committed.seq, live.committed.head)
    assert other.heard.facts == [(3, "answered", False), (4, "answered", False), (5, "answered", False)]
    copy.hear(live.committed.seq, live.committed.head)
    copy.hear(4, b"whatever it was")
    assert (copy.busy, looks.number) == (False, 1), "what is known leads to no other look"


async def test_what_is_heard_while_something_is_on_its_way_is_not_lost(one: Writer, other: Writer) -> None:
    """What is on its way may have been written before them, and is not fenced then."""
    live = await running(one)
    gate = one.hold(written=True)
    mine = offer(live, answer(1))
    await eventually(lambda: gate.waiting)
    copy = await copy_of(live, other)
    done(await copy.run(Steer(GRACE, MessageAttempt("m", live.attempt_id, "Hello"))))
    live.hear(copy.committed.seq, copy.committed.head)
    gate.open()
    done(await mine)
    await live.settle()
    assert live.committed.head == copy.committed.head


async def test_a_word_of_what_the_log_does_not_have_leads_to_one_look_and_then_to_none_for_a_while(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for seq in (3, 1_000_000, MAX_INT, 7):
        copy.hear(seq, bytes(32))
        await copy.settle()
    assert looks.number == 1
    assert copy.committed == live.committed, "nothing of it is believed"
    done(await copy.run(answer(1)))
    assert await one.log(live) == ["created", "started", "answered"], "and nothing is held up by it"
    one.clock.advance(DEAF_MS)
    live.reload()
    await live.settle()
    done(await live.run(answer(2)))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert copy.committed.head == live.committed.head, "heard again"


async def test_a_word_of_another_record_with_the_number_of_the_last_one_is_looked_at_once(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    looks = Looks(other)
    for _ in range(3):
        copy.hear(copy.committed.seq, bytes(32))
        await copy.settle()
    assert (looks.number, other.heard.diverged_at) == (1, [])
    assert copy.committed == live.committed


async def test_a_copy_that_does_not_lie_on_the_log_is_let_go_of(one: Writer, other: Writer) -> None:
    """As when a database takes over that lacks the newest records."""
    live = await running(one)
    copy = await copy_of(live, other)
    done(await copy.run(answer(1)))
    statement = delete(attempt_log).where(attempt_log.c.seq == copy.committed.seq)
    await one.database.write(lambda connection: connection.execute(statement))
    done(await live.run(answer(1, "b")))
    copy.hear(live.committed.seq, live.committed.head)
    await copy.settle()
    assert other.heard.diverged_at == [copy]
    assert copy.committed.answers["single"].value == "a", "it is not mended: whoever is told of it makes it anew"


async def test_a_connection_elsewhere_supersedes(one: Writer, other: Writer) -> None:
    live = await running(one)
    done(await live.run(Connect(ADA, "here", "x", "d", 1, True)))
    copy = await copy_of(live, other)
    done(await copy.run(Connect(ADA, "there", "x", "e", 1, True)))
    live.reload()
    await live.settle()
    assert live.committed.connection_id == "there"


# An old copy, with the relay down or after a freeze


async def test_an_old_copy_whose_time_seems_up_knows_of_a_command_that_was_executed_elsewhere(
    one: Writer, other: Writer
) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    pause = Steer(GRACE, PauseAttempt("pause-1", live.attempt_id, "fire alarm"))
    executed = done(await live.run(pause))
    one.clock.advance(700_000)
    assert done(await copy.run(pause)).attempt.seq == executed.attempt.seq
    assert await one.log(live) == ["created", "started", "paused"]


async def test_an_old_copy_refuses_no_answer_for_a_time_that_was_extended_elsewhere(one: Writer, other: Writer) -> None:
    live = await running(one)
    copy = await copy_of(live, other)
    done(await live.run(Steer(GRACE, ExtendAttempt("extend-1", live.attempt_id, 600_000, ""))))
    one.clock.advance(700_000)
    done(await copy.run(answer(1)))
    assert await one.log(live) == ["created", "started", "extended", "answered"]


async def test_an_old_copy_of_several_refuses_no_command_that_was_executed_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        copy = await copy_of(live, other)
        resume = Steer(GRACE, ResumeAttempt("resume-1", live.attempt_id, ""))
        done(await live.run(Steer(GRACE, PauseAttempt("pause-1", live.attempt_id, ""))))
        executed = done(await live.run(resume))
        assert copy.committed.status == "in_progress"
        assert done(await copy.run(resume)).attempt.seq == executed.attempt.seq
        assert refusal(await copy.run(Steer(GRACE, ResumeAttempt("resume-2", live.attempt_id, "")))) == Code.NOT_PAUSED
        assert await one.log(live) == ["created", "started", "paused", "resumed"]


async def test_an_old_copy_of_several_refuses_no_answer_after_a_reopening_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        done(await live.run(HandIn(ADA, 0)))
        copy = await copy_of(live, other)
        done(await live.run(Steer(GRACE, ReopenAttempt("reopen-1", live.attempt_id, 60_000, "a mistake"))))
        assert copy.committed.status == "submitted"
        done(await copy.run(answer(1)))
        assert await one.log(live) == ["created", "started", "submitted", "reopened", "answered"]


async def test_an_old_copy_of_several_does_not_say_handed_in_of_what_was_reopened_elsewhere(
    one: Writer, tmp_path: Path
) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        live = await running(one)
        done(await live.run(HandIn(ADA, 0)))
        copy = await copy_of(live, other)
        done(await live.run(Steer(GRACE, ReopenAttempt("reopen-1", live.attempt_id, 60_000, "a mistake"))))
        assert done(await copy.run(HandIn(ADA, 1))).records != (), "it is handed in again, and recorded"


async def test_what_no_record_can_change_is_refused_without_a_look_at_the_log(one: Writer, tmp_path: Path) -> None:
    async with writer(tmp_path / "log.sqlite3", one.clock, alone=False) as other:
        copy = await copy_of(await running(one), other)
        outcome = offer(copy, answer(1, "z"))
        assert refusal(outcome.result()) == Code.UNKNOWN_OPTION


async def test_what_nobody_waits_for_any_more_is_not_carried_out(one: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "PATIENCE_S", 0.05)
    live = await one.make()
    back = away(one, monkeypatch)
    assert refusal(await live.run(Begin(ADA, 0))) == Code.STORAGE_UNAVAILABLE
    one.clock.advance(1_000)
    back.set()
    await live.settle()
    assert await one.log(live) == ["created"]
    monkeypatch.setattr(live_module, "PATIENCE_S", PATIENCE_S)
    asked_ms = one.clock.now_ms()
    (started,) = done(await live.run(Begin(ADA, 0))).records
    assert started.entry.at_ms >= asked_ms, "asked again, the clock starts now"


async def test_an_operation_is_saved_although_its_caller_was_refused(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await running(one)
    monkeypatch.setattr(live_module, "PATIENCE_S", 0.05)
    back = away(one, monkeypatch)
    assert refusal(await live.run(answer(1))) == Code.STORAGE_UNAVAILABLE
    one.clock.advance(1_000)
    back.set()
    await live.settle()
    assert await one.log(live) == ["created", "started", "answered"]
    assert done(await live.run(answer(1))).records == (), "asked again, it counts once"


def away(one: Writer, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The database takes nothing until the event is set."""
    back, write = asyncio.Event(), one.journal._writer.write

    async def refuse_to(rows: Rows) -> dict[str, str]:
        if not back.is_set():
            raise NotWritten("full")
        return await write(rows)

    monkeypatch.setattr(one.journal._writer, "write", refuse_to)
    return back
