"""The timer of a live attempt, and what is asked before it closes."""

import asyncio

import pytest

from protocol.attempt.commands import AnyCommand, Begin, Connect, Disconnect, HandIn, Operate, Steer
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.messages.operations import Operation, RaiseHand, Receipt, Start
from protocol.messages.staff import ExtendAttempt, MessageAttempt, PauseAttempt, ReopenAttempt, ResumeAttempt
from server.attempts import alarm
from server.attempts.alarm import Alarm
from server.attempts.live import LiveAttempt
from server.attempts.pending import NotKnownYet
from server.pacing.few import AT_ONCE
from storage.errors import StorageUnavailable
from storage.log.batch import Append, NotWritten, Rows
from tests.server.attempts.bench import ADA, GRACE, Writer, answer, done, offer, refusal
from tests.server.attempts.started import HOUR, copy_of, running
from tests.server.harness.waiting import eventually


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


async def test_the_timers_commands_wait_for_everybody_elses_unless_they_would_change_places(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked of an attempt goes into the lane in which something of it is under way."""
    patient: list[bool] = []
    submit = one.journal.submit

    def noted(append: Append) -> bool:
        patient.append(append.patient)
        return submit(append)

    live = await running(one, duration_ms=HOUR, grace_ms=1_000, warnings_ms=(60_000,))
    monkeypatch.setattr(one.journal, "submit", noted)
    answered = offer(live, answer(1))
    pass_time(one, HOUR - 50_000, live)
    done(await answered)
    await live.settle()
    assert patient == [False, False]
    patient.clear()
    answered = offer(live, answer(2))
    done(await answered)
    pass_time(one, 50_500, live)
    pass_time(one, 500, live)
    late = offer(live, answer(3))
    await live.settle()
    assert patient == [False, True]
    assert refusal(await late) == Code.DEADLINE_PASSED
    assert await one.log(live) == ["created", "started", "answered", "warned", "answered", "expired"]


async def test_whoever_comes_or_starts_waits_for_everybody_elses_answers(
    one: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thousand starts were one transaction, for which the answers of another exam waited."""
    patient: list[bool] = []
    submit = one.journal.submit

    def noted(append: Append) -> bool:
        patient.append(append.patient)
        return submit(append)

    live = await one.make(duration_ms=HOUR)
    monkeypatch.setattr(one.journal, "submit", noted)
    done(await live.run(Connect(ADA, "c1", "test/1", "device", 1, takeover=True)))
    done(await live.run(Operate(ADA, "c1", Start(1, None, 0))))
    done(await live.run(Operate(ADA, "c1", RaiseHand(2, True, 0))))
    assert patient == [True, True, False]
    assert await one.log(live) == ["created", "connected", "started", "hand_raised"]


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


async def test_an_alarm_that_was_set_anew_while_others_rang_does_not_ring(one: Writer) -> None:
    live = await running(one)
    rung: list[LiveAttempt] = []
    alarm_of_hers = Alarm(one.clock, lambda: rung.append(live))
    others = [Alarm(one.clock, lambda: None) for _ in range(2 * AT_ONCE)]
    for each in (*others, alarm_of_hers):
        each.set(one.clock.now_ms() - 1)
        each._on_timer()
    assert alarm_of_hers.waits, "its turn has not come"
    alarm_of_hers.set(one.clock.now_ms() + HOUR)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not rung
    assert alarm_of_hers.waits
    for each in (*others, alarm_of_hers):
        each.close()


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
    "reopen": ([Begin(ADA, 0), HandIn(ADA, 0)], Steer(GRACE, ReopenAttempt("o", "", 600_000, "by mistake", False))),
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


@pytest.mark.parametrize("operation", [RaiseHand(1, True, 0), Receipt(1, "m", False, 0)])
async def test_what_is_accepted_after_the_deadline_is_written(one: Writer, operation: Operation) -> None:
    """While there is time for handing in: the log refused it as late, and it was decided anew, again and again."""
    live = await running(one, at_end="hand_in", hand_in_ms=600_000)
    done(await live.run(Steer(GRACE, MessageAttempt("m", "", "time is up"))))
    one.clock.advance(603_000)
    outcome = offer(live, Operate(ADA, None, operation))
    await eventually(lambda: outcome.done() or one.journal.stats.late)
    assert one.journal.stats.late == 0
    done(await outcome)
