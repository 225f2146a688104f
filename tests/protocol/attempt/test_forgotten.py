"""Pauses that nobody ends: told when the window closes, and collected a grace later."""

from typing import Any

import pytest

from protocol.attempt import view
from protocol.attempt.commands import Grant
from protocol.attempt.events import event_of
from protocol.attempt.facts import Expired, PauseForgotten, Resumed
from protocol.attempt.model import Accommodation, Status
from protocol.attempt.wake import next_closing, next_sweep
from tests.protocol.attempt.scene import HOUR, MINUTE, SYSTEM, T0, Scene

CLOSES, GRACE = HOUR, 30 * MINUTE
REASON = "The test was paused, and nobody ended the pause after the test had closed."


def paused(at: int, **given: Any) -> Scene:
    one = Scene(duration_ms=2 * HOUR, window_closes_at_ms=T0 + CLOSES, pause_grace_ms=GRACE, **given).started().at(at)
    one.facts(one.pause())
    return one


@pytest.mark.parametrize(("off_ms", "is_due"), [(-1, False), (0, True), (1, True)])
def test_a_pause_that_goes_on_when_the_window_closes(off_ms: int, is_due: bool) -> None:
    one = paused(10 * MINUTE)
    assert next_closing(one.attempt) == next_sweep(one.attempt) == T0 + CLOSES
    assert one.wake_at(CLOSES + off_ms) == ([PauseForgotten(T0 + CLOSES)] if is_due else [])
    assert one.status() is Status.PAUSED
    row = view.row(one.attempt, "Ada", "offline", None, 0)
    assert row.forgotten_since_ms == (T0 + CLOSES if is_due else None)
    if not is_due:
        return
    event = event_of(one.attempt, one.records[-1])
    assert event is not None
    assert event.topic == "attempt.pause_forgotten"


@pytest.mark.parametrize(("off_ms", "is_due"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("at_end", ["submit", "abandon"])
def test_it_is_collected_a_grace_later(off_ms: int, is_due: bool, at_end: str) -> None:
    one = paused(10 * MINUTE, at_end=at_end)
    one.wake_at(CLOSES)
    assert one.wake_at(CLOSES + GRACE + off_ms) == ([Expired(T0 + CLOSES + GRACE, REASON)] if is_due else [])
    assert one.status() is (Status.EXPIRED if is_due else Status.PAUSED)


def test_a_node_that_comes_late_does_both_at_their_instants() -> None:
    one = paused(10 * MINUTE)
    assert one.wake_at(3 * HOUR) == [PauseForgotten(T0 + CLOSES), Expired(T0 + CLOSES + GRACE, REASON)]


def test_staff_let_it_go_on_in_time_with_all_that_was_left() -> None:
    one = paused(10 * MINUTE)
    one.wake_at(CLOSES)
    one.at(CLOSES + GRACE - 1).facts(one.resume())
    assert one.attempt.test_clock.deadline_ms == one.now_ms + 50 * MINUTE
    assert view.row(one.attempt, "Ada", "online", None, 0).forgotten_since_ms is None


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_a_pause_that_begins_after_the_window_has_a_grace_of_its_own(off_ms: int) -> None:
    one = Scene(duration_ms=2 * HOUR, window_closes_at_ms=T0 + CLOSES, pause_grace_ms=GRACE).started().at(MINUTE)
    one.facts(one.extend(HOUR))
    began = CLOSES + off_ms
    one.at(began).facts(one.pause())
    forgotten = CLOSES if off_ms < 0 else began + GRACE
    assert one.wake_at(forgotten - 1) == []
    assert one.wake_at(forgotten) == [PauseForgotten(T0 + forgotten)]


def test_a_longer_window_takes_it_back() -> None:
    one = paused(10 * MINUTE)
    one.wake_at(CLOSES)
    one.facts(Grant(SYSTEM, Accommodation(closes_at_ms=T0 + 3 * HOUR), "a group"))
    assert view.row(one.attempt, "Ada", "offline", None, 0).forgotten_since_ms is None
    assert one.wake_at(CLOSES + GRACE) == []
    assert one.wake_at(3 * HOUR) == [PauseForgotten(T0 + 3 * HOUR)]


def test_without_a_window_and_for_a_lost_connection_nothing_is_forgotten() -> None:
    open_end = Scene().started()
    open_end.facts(open_end.pause())
    assert next_closing(open_end.attempt) is None
    lost = Scene(window_closes_at_ms=T0 + CLOSES, pause_on_disconnect=True, pause_budget_ms=5 * MINUTE)
    lost.connected().started().at(CLOSES - MINUTE).facts(lost.disconnect())
    assert [type(fact) for fact in lost.wake_at(CLOSES + 4 * MINUTE)][:1] == [Resumed]
