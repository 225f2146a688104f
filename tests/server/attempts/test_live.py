"""A live attempt: what is told when, and a bug keeps nobody waiting."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import decide as core
from protocol.attempt.commands import AnyCommand, Begin, HandIn, Operate, Steer
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Messaged
from protocol.attempt.finality import not_after_ms
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.messages.staff import ExtendAttempt, MessageAttempt
from server.attempts import live as live_module
from storage.log.batch import Append
from tests.server.attempts.bench import ADA, GRACE, Writer, answer, done, offer, refusal
from tests.server.attempts.started import copy_of, running
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S


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


async def test_what_decision_and_journal_disagree_about_is_refused_and_not_decided_for_ever(
    one: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Planted: answers are accepted until the closing, and may be written for a minute less."""
    live = await running(one, duration_ms=600_000, warnings_ms=())

    def a_minute_less(attempt: Attempt, command: AnyCommand, *given: Any, **named: Any) -> int | None:
        until_ms = not_after_ms(attempt, command, *given, **named)
        return until_ms - 60_000 if until_ms is not None and isinstance(command, Operate) else until_ms

    monkeypatch.setattr(live_module, "not_after_ms", a_minute_less)
    closes_ms = live.committed.closes_at_ms
    assert closes_ms is not None
    gate = one.hold()
    in_time = offer(live, answer(1))
    await eventually(lambda: gate.waiting)
    waits = offer(live, answer(2, "b"))
    one.clock.advance(closes_ms - 60_000 - one.clock.now_ms())
    gate.open()
    outcomes = [await asyncio.wait_for(outcome, PATIENCE_S) for outcome in (in_time, waits)]
    assert refusal(outcomes[-1]) == Code.INTERNAL
    assert "Operate was decided at" in caplog.text
    assert refusal(await asyncio.wait_for(offer(live, answer(3)), PATIENCE_S)) == Code.INTERNAL
    # Whatever the two agree about goes on.
    done(await live.run(steer_a_message()))
    one.clock.advance(60_000)
    assert refusal(await live.run(answer(4))) == Code.DEADLINE_PASSED


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
