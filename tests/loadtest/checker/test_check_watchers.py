"""Every planted bug about connections, lateness, monitors and organisations is found: the invariants I5 to I8."""

import pytest
from msgspec.structs import replace

from loadtest.checker.history import (
    Invoke,
    Ok,
    Relief,
    Seen,
    Shown,
    Told,
    Trouble,
    Watching,
)
from protocol.attempt.facts import Answered
from protocol.attempt.facts import Connected as Joined
from protocol.messages.monitor import Row
from protocol.messages.operations import Answer
from tests.loadtest.checker.story import ADA, SHEET, TERMS, Story, exam, expired, handed_in, invariants

# ── I5 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i5_a_superseded_socket_gets_ok() -> None:
    story = exam()
    story.answer("single", "c")
    story.replace_last(Ok, connection_id="c1")
    assert "I5" in invariants(story.violations())


def test_i5_a_superseded_socket_is_told_again_of_what_was_saved_long_before() -> None:
    story = exam()
    story.connect("ada/1", "c3")
    op = story.answer("single", "c")
    saved = story.attempt.seq
    story.later(60_000)
    story.connect("ada/1", "c4")
    story.replace_last(Ok, connection_id="c3", seq=saved)
    assert "I5" not in invariants(story.violations()), "it was told before"
    story.replace_last(Ok, seq=story.attempt.seq)
    (found,) = (violation for violation in story.violations() if violation.invariant == "I5")
    assert op in found.what


def test_i5_what_one_transaction_holds_together_with_the_next_connect_may_be_told() -> None:
    story = exam()
    story.connect("ada/1", "c3")
    story.answer("single", "c")
    story.connect("ada/1", "c4")
    story.replace_last(Ok, connection_id="c3", seq=story.attempt.seq)
    assert "I5" in invariants(story.violations())
    (saved, _), (connect, written_at_ms) = story.rows[-2:]
    story.rows[-2:] = [(saved, written_at_ms), (connect, written_at_ms)]
    assert "I5" not in invariants(story.violations())


def test_i5_a_superseded_owner_commits() -> None:
    story = exam()
    story.who, story.connection_id = "ada/1", "c1"
    story.n += 1
    operation = Answer(story.n, "single", "c", None, 0)
    story.ask(operation)
    asked = [event.client_at_ms for event in story.history if isinstance(event, Invoke)]
    client_at_ms = asked[-1]
    assert client_at_ms is not None
    story.state_fact(Answered(story.n, "single", "c", None, client_at_ms), ADA)
    assert invariants(story.violations()) == {"I5"}


def test_i5_another_device_takes_over_by_itself() -> None:
    story = exam()
    story.connect("ada/9", "c9", asked=False)
    assert "I5" in invariants(story.violations())


def test_i5_an_old_connect_comes_to_win() -> None:
    story = exam()
    story.state_fact(Joined("c9", "test", "ada/1", 1, "", "", None, None), ADA)
    assert "I5" in invariants(story.violations())


# ── I6 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_i6_closing_too_late_on_a_healthy_system() -> None:
    assert invariants(expired(late_ms=1_500).violations()) == {"I6"}


def with_fault(story: Story, kind: str, from_ms: int, to_ms: int) -> Story:
    story.history.insert(1, Trouble(at_ms=from_ms, who="nemesis", kind=kind, what="x"))
    story.history.insert(2, Relief(at_ms=to_ms, who="nemesis", kind=kind, what="x"))
    return story


def test_i6_the_owner_died_just_before() -> None:
    story = expired(late_ms=6_000)
    due_ms = story.now_ms - 30_000 - 100 - 6_000
    assert with_fault(story, "node", due_ms - 500, due_ms + 60_000).violations() == []
    late = expired(late_ms=9_000)
    assert invariants(with_fault(late, "node", due_ms - 500, due_ms + 60_000).violations()) == {"I6"}


def test_i6_a_silent_owner_is_waited_for_where_a_lost_connection_stops_the_clock() -> None:
    stands = replace(SHEET, terms=replace(TERMS, pause_on_disconnect=True, pause_budget_ms=30_000))
    for late_ms, sheet, wrong in ((24_000, stands, set()), (27_000, stands, {"I6"}), (24_000, SHEET, {"I6"})):
        story = expired(late_ms, sheet)
        due_ms = story.now_ms - 30_000 - 100 - late_ms
        assert invariants(with_fault(story, "cut", due_ms - 1_000, due_ms + 60_000).violations()) == wrong


def test_i6_across_an_outage_of_the_database() -> None:
    story = expired(late_ms=20_000)
    due_ms = story.now_ms - 30_000 - 100 - 20_000
    assert with_fault(story, "database", due_ms - 5_000, due_ms + 19_000).violations() == []
    late = expired(late_ms=40_000)
    assert invariants(with_fault(late, "database", due_ms - 5_000, due_ms + 19_000).violations()) == {"I6"}


# ── I7 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_row(story: Story) -> Row:
    return next(event.rows[0] for event in reversed(story.history) if isinstance(event, Shown))


def test_i7_a_row_that_goes_back() -> None:
    story = exam()
    first = next(event for event in story.history if isinstance(event, Shown))
    story.history.append(first)
    assert "I7" in invariants(story.violations())


@pytest.mark.parametrize("changes", [{"answered": 7}, {"status": "paused"}, {"deadline_ms": 1}, {"seq": 2}])
def test_i7_a_row_that_is_no_fold_of_a_prefix(changes: dict[str, object]) -> None:
    story = exam()
    story.replace_last(Shown, rows=[replace(last_row(story), **changes)])
    assert "I7" in invariants(story.violations())


def test_i7_a_row_of_another_room() -> None:
    story = exam()
    story.replace_last(Shown, test_id="another")
    assert "I7" in invariants(story.violations())


def test_i7_a_monitor_that_never_catches_up() -> None:
    story = handed_in()
    position = max(i for i, event in enumerate(story.history) if isinstance(event, Shown))
    del story.history[position]
    assert invariants(story.violations()) == {"I7"}


def test_i7_that_everybody_leaves_in_the_end_excuses_nothing() -> None:
    story = handed_in()
    del story.history[max(i for i, event in enumerate(story.history) if isinstance(event, Shown))]
    story.history.append(
        Watching(at_ms=story.now_ms + 1, who="grace", org_id="org", test_id="test", online=False),
    )
    assert invariants(story.violations()) == {"I7"}


@pytest.mark.parametrize(("settled_ms", "found"), [(10_000, set()), (50, {"I7"})])
def test_i7_who_waited_until_all_was_right_must_not_wait_any_longer(settled_ms: int, found: set[str]) -> None:
    """The last row is missing, and it was quiet soon after it; a monitor that lags while all work is no violation."""
    story = handed_in()
    shown = max(i for i, event in enumerate(story.history) if isinstance(event, Shown))
    story.history[-1] = replace(story.history[-1], at_ms=story.history[shown].at_ms + 100)
    del story.history[shown]
    story.setup = replace(story.setup, settled_ms=settled_ms)
    assert invariants(story.violations()) == found


def test_i7_a_candidate_is_told_another_deadline() -> None:
    story = exam()
    story.told()
    told = story.told_state()
    later = replace(told.clocks[0], deadline_ms=1, closes_at_ms=2_001)
    story.replace_last(Told, state=replace(told, clocks=[later]))
    assert "I7" in invariants(story.violations())


# ── I8 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("org_id", "bad"), [("org", False), ("other", True), ("", True)])
def test_i8_a_canary_of_another_organisation(org_id: str, bad: bool) -> None:
    story = handed_in()
    story.history.append(Seen(at_ms=1, who="somebody", org_id=org_id, where="a frame", canaries=[("org", "tweet")]))
    assert invariants(story.violations()) == ({"I8"} if bad else set())
