"""Which decisions hold on an old copy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.commands import Begin, Connect, Disconnect, HandIn, Operate, Steer, Wake
from protocol.attempt.decide import decide
from protocol.attempt.decisions.rules import AskCandidacy, AskLog
from protocol.attempt.finality import START_PATIENCE_MS, holds, not_after_ms, takes_newest_test
from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.operations import Operation, RaiseHand, Receipt, Start, Submit
from protocol.messages.staff import AdmitAttempt, PauseAttempt
from tests.protocol.attempt.drawn import Step, Terms, busy_lists, busy_terms, run, step_lists, term_sets
from tests.protocol.attempt.scene import CANDIDATE, HOUR, INSTRUCTOR, MINUTE, SHEET, SYSTEM, T0, Scene


@given(term_sets, step_lists, st.integers(0, 60))
def test_what_holds_on_an_old_copy_is_so_on_the_newest(terms: Terms, steps: list[Step], behind: int) -> None:
    _, taken = run(terms, steps, [0])
    now_ms = T0
    for position, step in enumerate(steps):
        now_ms += step.passes_ms
        here = 2 * position + 1
        old, newest, command = taken[max(0, here - behind)].before, taken[here].before, taken[here].command
        told = decide(old, command, now_ms, SHEET)
        assert not isinstance(told, AskLog), "these runs are short"
        if isinstance(told, AskCandidacy):
            continue
        # These runs give a connection's id more than once, which nobody else does.
        if (isinstance(told, Refusal) and told.code is Code.SUPERSEDED) or not holds(old, command, told):
            continue
        truth = decide(newest, command, now_ms, SHEET)
        if isinstance(told, Refusal):
            assert isinstance(truth, Refusal), (told, truth)
        elif not told and isinstance(command, Operate):
            assert truth == () or (isinstance(truth, Refusal) and truth.code is Code.SUPERSEDED), truth


@pytest.mark.parametrize(
    "code", [Code.DEADLINE_PASSED, Code.ALREADY_SUBMITTED, Code.PAUSED, Code.NOT_STARTED, Code.TOO_MANY_OPERATIONS]
)
def test_what_a_record_can_change_does_not_hold(code: Code) -> None:
    scene = Scene().started()
    assert not holds(scene.attempt, scene.answer(1), refuse(code))


def test_that_it_is_handed_in_does_not_hold_where_it_may_have_been_reopened() -> None:
    scene = Scene().started().at(MINUTE).submitted()
    for command in (HandIn(CANDIDATE, 0), scene.operate(Submit(1, 0))):
        decision = scene.offer(command)
        assert decision == ()
        assert not holds(scene.attempt, command, ())


def test_that_a_number_is_in_the_log_holds() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(1))
    assert holds(scene.attempt, scene.answer(1), ())


def test_records_hold_since_the_log_decides_about_them() -> None:
    scene = Scene().started()
    decision = decide(scene.attempt, scene.answer(1), scene.now_ms, SHEET)
    assert isinstance(decision, tuple)
    assert holds(scene.attempt, scene.answer(1), decision)


@given(st.tuples(term_sets, step_lists) | st.tuples(busy_terms, busy_lists))
def test_what_is_accepted_may_be_written_at_that_instant(drawn: tuple[Terms, list[Step]]) -> None:
    """Otherwise the log refuses it as late, and it is decided anew and accepted again, without an end."""
    _, taken = run(*drawn, [0])
    for one in taken:
        if isinstance(one.decision, tuple) and one.decision:
            until_ms = not_after_ms(one.before, one.command, one.decision, again=True)
            assert until_ms is None or one.decision[0].entry.at_ms < until_ms


@pytest.mark.parametrize("operation", [RaiseHand(1, True, 0), Receipt(1, "command-1", False, 0)])
def test_what_is_accepted_after_the_deadline_may_be_written_then(operation: Operation) -> None:
    scene = Scene(at_end="hand_in", hand_in_ms=10 * MINUTE).started()
    scene.facts(scene.message())
    command = scene.at(HOUR + MINUTE).operate(operation)
    assert not_after_ms(scene.attempt, command, (), again=True) is None
    assert scene.facts(command)


def test_an_answer_must_not_be_written_after_the_closing() -> None:
    scene = Scene().started()
    for command in (scene.answer(1), HandIn(CANDIDATE, 0)):
        for again in (False, True):
            assert not_after_ms(scene.attempt, command, (), again=again) == scene.attempt.closes_at_ms
    assert not_after_ms(scene.attempt, Wake(SYSTEM), ()) is None


def test_what_starts_a_clock_is_decided_anew_where_it_had_to_wait_but_once() -> None:
    scene = Scene()
    command = Begin(CANDIDATE, 0)
    records = decide(scene.attempt, command, T0 + 7, SHEET)
    assert isinstance(records, tuple)
    assert not_after_ms(scene.attempt, command, records) == T0 + 7 + START_PATIENCE_MS
    assert not_after_ms(scene.attempt, command, records, again=True) is None


def test_what_nobody_waits_for_any_more_is_not_written() -> None:
    scene = Scene().started()
    closes_at_ms = scene.attempt.closes_at_ms
    assert closes_at_ms is not None
    for give_up_ms, until_ms in ((T0 + 1, T0 + 1), (closes_at_ms + 1, closes_at_ms)):
        assert not_after_ms(scene.attempt, scene.answer(1), (), give_up_ms=give_up_ms) == until_ms
    assert not_after_ms(scene.attempt, Wake(SYSTEM), (), give_up_ms=T0 + 1) == T0 + 1


def test_the_newest_test_decides_who_begins_who_is_let_in_and_who_was_absent() -> None:
    scene = Scene()
    admit, pause = AdmitAttempt("c1", "attempt", ""), PauseAttempt("c1", "attempt", "")
    start = scene.operate(Start(1, None, 0))
    for command in (Begin(CANDIDATE, 0), start, Steer(INSTRUCTOR, admit), Wake(SYSTEM)):
        assert takes_newest_test(command)
    for other in (scene.answer(1), HandIn(CANDIDATE, 0), Steer(INSTRUCTOR, pause)):
        assert not takes_newest_test(other)


def test_the_end_of_a_pause_budget_is_where_it_is() -> None:
    scene = Scene(pause_on_disconnect=True, pause_budget_ms=MINUTE).started()
    scene.facts(Connect(CANDIDATE, "a", "", "d", 1, True))
    scene.facts(Disconnect(CANDIDATE, "a", T0))
    assert scene.status() is Status.PAUSED
    records = decide(scene.attempt, Wake(SYSTEM), T0 + 10 * MINUTE, SHEET)
    assert isinstance(records, tuple)
    assert records
    assert not_after_ms(scene.attempt, Wake(SYSTEM), records) is None
