"""Terms that change by recorded facts: extra time, and the test's newest rules. Neither takes time from anybody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import Grant, HandIn, Steer, Wake
from protocol.attempt.facts import Accommodated, Retermed, Started
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.model import OPEN, Accommodation, Scope, Status, Terms
from protocol.attempt.sheet import make_sheet
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Progress, Start
from protocol.messages.staff import AccommodateAttempt, ApplyRules
from tests.protocol.attempt.scene import (
    CANDIDATE,
    CONTENT,
    HOUR,
    IDENTITY,
    INDEX,
    INSTRUCTOR,
    MINUTE,
    PAPER,
    SERVICE,
    SYSTEM,
    T0,
    TERMS,
    Scene,
    scene_in,
)

ID = IDENTITY.attempt_id


def accommodate(extra_time_ms: int, command_id: str = "more", *, may_shorten: bool = False) -> Steer:
    order = AccommodateAttempt(command_id, ID, extra_time_ms, "a certificate", may_shorten)
    return Steer(SERVICE, order, accommodation=Accommodation(extra_time_ms))


def put_in_force(given: Accommodation, command_id: str = "force", *, may_shorten: bool = False) -> Steer:
    """Staff put in force what the candidate is granted."""
    order = AccommodateAttempt(command_id, ID, None, "agreed with her", may_shorten)
    return Steer(SERVICE, order, accommodation=given)


def grant(**given: Any) -> Grant:
    return Grant(SYSTEM, Accommodation(**given), "a group")


def apply_rules(command_id: str = "rules", *, may_shorten: bool = False, **terms: Any) -> Steer:
    return Steer(INSTRUCTOR, ApplyRules(command_id, ID, "moved", may_shorten), replace(TERMS, **terms))


def deadline_ms(scene: Scene) -> int | None:
    return scene.attempt.test_clock.deadline_ms


# ── extra time ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_extra_time_that_is_granted_before_the_start_counts_at_the_start() -> None:
    scene = Scene()
    given = Accommodation(10 * MINUTE)
    assert scene.facts(accommodate(10 * MINUTE)) == [Accommodated(given, "more", "a certificate", 10 * MINUTE)]
    assert (scene.attempt.accommodation, scene.attempt.terms) == (Accommodation(10 * MINUTE), None)
    scene.facts(accommodate(5 * MINUTE, "less"))
    (started,) = scene.facts(scene.operate(Start(1, None, 0)))
    assert isinstance(started, Started)
    assert started.terms == TERMS, "the log has the test's terms: what she was granted is in a record of its own"
    assert scene.attempt.pinned.extra_time_ms == 5 * MINUTE
    assert deadline_ms(scene) == T0 + HOUR + 5 * MINUTE


def test_extra_time_that_is_granted_later_moves_the_deadline_at_once() -> None:
    scene = Scene(extra_time_ms=5 * MINUTE).started().at(30 * MINUTE)
    scene.facts(scene.extend(7 * MINUTE))
    scene.facts(accommodate(15 * MINUTE))
    assert deadline_ms(scene) == T0 + HOUR + 15 * MINUTE + 7 * MINUTE, "what staff gave besides stays"
    assert scene.attempt.pinned.extra_time_ms == 15 * MINUTE
    assert scene.refusal(accommodate(14 * MINUTE, "less")) is Code.WOULD_SHORTEN
    assert scene.facts(accommodate(15 * MINUTE, "the same")) != []


def test_a_clock_that_stands_has_more_time_on_it() -> None:
    scene = Scene().started().at(20 * MINUTE)
    scene.facts(scene.pause())
    scene.facts(accommodate(10 * MINUTE))
    assert scene.attempt.test_clock.left_ms == 50 * MINUTE
    scene.at(30 * MINUTE).facts(scene.resume())
    assert deadline_ms(scene) == T0 + 80 * MINUTE


def test_extra_time_outruns_no_window() -> None:
    scene = Scene(window_closes_at_ms=T0 + HOUR + MINUTE).started()
    scene.facts(accommodate(10 * MINUTE))
    assert deadline_ms(scene) == T0 + HOUR + MINUTE


def test_warnings_that_lie_ahead_again_are_given_again() -> None:
    scene = Scene().started()
    assert [fact.left_ms for fact in scene.wake_at(HOUR - 5 * MINUTE)] == [5 * MINUTE]  # type: ignore[attr-defined]
    scene.facts(accommodate(10 * MINUTE))
    assert view.warning(scene.attempt) is None
    assert [fact.left_ms for fact in scene.wake_at(HOUR + 5 * MINUTE)] == [5 * MINUTE]  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", Status)
def test_extra_time_is_granted_while_the_attempt_is_open(status: Status) -> None:
    scene = scene_in(status)
    decision = scene.offer(accommodate(MINUTE))
    assert isinstance(decision, Refusal) is (status not in OPEN)
    assert scene.offer(accommodate(MINUTE)) == (() if status in OPEN else decision), "a repetition"
    if status in OPEN:
        assert scene.refusal(accommodate(2 * MINUTE)) is Code.COMMAND_REUSED


def test_sections_and_questions_have_their_share_of_it() -> None:
    scene = in_sections().started().at(5 * MINUTE)
    scene.facts(accommodate(30 * MINUTE))
    assert {clock.scope: clock.deadline_ms for clock in scene.attempt.clocks} == {
        Scope.TEST: T0 + 90 * MINUTE,
        Scope.SECTION: T0 + 30 * MINUTE,
        Scope.QUESTION: T0 + 15 * MINUTE,
    }


# ── other things that are granted ─────────────────────────────────────────────────────────────────────────────


def test_unlimited_time_takes_every_limit_away() -> None:
    scene = in_sections().started().at(5 * MINUTE)
    scene.facts(grant(unlimited_time=True))
    assert (scene.attempt.clocks, scene.attempt.closes_at_ms) == ((), None)
    scene.at(10 * HOUR).facts(scene.enter(1, "two"))
    assert scene.attempt.clocks == ()
    assert view.offer(scene.attempt, scene.sheet, "", scene.now_ms).duration_ms is None


def test_unlimited_time_ends_with_the_window() -> None:
    scene = Scene(window_closes_at_ms=T0 + 2 * HOUR).started()
    scene.facts(grant(unlimited_time=True))
    assert deadline_ms(scene) == T0 + 2 * HOUR
    scene.facts(grant(unlimited_time=True, never_closes=True))
    assert deadline_ms(scene) is None


@pytest.mark.parametrize(
    ("given", "start_ms", "code"),
    [
        ({}, -1, Code.NOT_OPEN_YET),
        ({}, 0, None),
        ({}, HOUR - 1, None),
        ({}, HOUR, Code.WINDOW_CLOSED),
        ({"opens_at_ms": T0 - MINUTE}, -MINUTE - 1, Code.NOT_OPEN_YET),
        ({"opens_at_ms": T0 - MINUTE}, -MINUTE, None),
        ({"opens_at_ms": T0 + MINUTE}, MINUTE - 1, Code.NOT_OPEN_YET),
        ({"opens_at_ms": T0 + MINUTE}, MINUTE, None),
        ({"closes_at_ms": T0 + 2 * HOUR}, 2 * HOUR - 1, None),
        ({"closes_at_ms": T0 + 2 * HOUR}, 2 * HOUR, Code.WINDOW_CLOSED),
        ({"closes_at_ms": T0 + MINUTE}, MINUTE, Code.WINDOW_CLOSED),
        ({"never_closes": True}, 10 * HOUR, None),
    ],
)
def test_a_window_of_her_own_replaces_the_tests(given: dict[str, Any], start_ms: int, code: Code | None) -> None:
    scene = Scene(window_opens_at_ms=T0, window_closes_at_ms=T0 + HOUR).at(start_ms)
    scene.facts(grant(**given)) if given else None
    start = scene.operate(Start(1, None, 0))
    if code is None:
        scene.facts(start)
    else:
        assert scene.refusal(start) is code


def test_a_pause_budget_of_her_own_stops_her_clock_alone() -> None:
    scene = Scene(pause_on_disconnect=False)
    scene.facts(grant(pause_budget_ms=3 * MINUTE))
    scene.connected().started().at(MINUTE)
    scene.facts(scene.disconnect())
    assert scene.attempt.status is Status.PAUSED
    scene.wake_at(4 * MINUTE - 1)
    assert scene.status() is Status.PAUSED
    scene.wake_at(4 * MINUTE)
    assert scene.status() is Status.IN_PROGRESS


def test_what_is_stricter_reaches_a_running_attempt_only_by_staff() -> None:
    given: dict[str, Any] = {
        "extra_time_ms": 10 * MINUTE,
        "pause_budget_ms": 5 * MINUTE,
        "never_closes": True,
        "extra_attempts": 2,
    }
    scene = Scene(window_closes_at_ms=T0 + 2 * HOUR)
    scene.facts(grant(**given))
    scene.started().at(30 * MINUTE)
    assert scene.facts(grant(extra_attempts=2)) == [], "a group was left"
    assert scene.attempt.accommodation == Accommodation(**given)
    scene.facts(put_in_force(Accommodation(), may_shorten=True))
    assert scene.attempt.accommodation == Accommodation()
    assert deadline_ms(scene) == T0 + HOUR


def test_before_the_start_it_simply_holds() -> None:
    scene = Scene()
    scene.facts(grant(extra_time_ms=10 * MINUTE, unlimited_time=False))
    scene.facts(grant())
    assert scene.attempt.accommodation == Accommodation()
    assert scene.facts(grant()) == []


def test_of_a_change_that_gives_and_takes_only_the_gift_is_taken_by_itself() -> None:
    scene = Scene(10 * MINUTE).started()
    scene.facts(grant(extra_time_ms=5 * MINUTE, pause_budget_ms=7 * MINUTE, extra_attempts=1))
    assert scene.attempt.accommodation == Accommodation(
        extra_time_ms=10 * MINUTE, pause_budget_ms=7 * MINUTE, extra_attempts=1
    )


def test_staff_may_take_time_back_but_no_clock_ends_in_the_past() -> None:
    scene = Scene(30 * MINUTE).started().at(70 * MINUTE)
    (fact,) = scene.facts(accommodate(0, may_shorten=True))
    assert fact == Accommodated(Accommodation(), "more", "a certificate", 0, may_shorten=True)
    assert deadline_ms(scene) == T0 + 70 * MINUTE
    scene.at(70 * MINUTE + 1_999).facts(scene.answer(1))
    assert [type(one).__name__ for one in scene.wake_at(70 * MINUTE + 2_000)] == ["Expired"]


def test_a_limit_comes_back_where_staff_take_unlimited_time_away() -> None:
    scene = Scene()
    scene.facts(grant(unlimited_time=True))
    scene.started().at(20 * MINUTE)
    assert scene.facts(grant()) == []
    assert scene.refusal(accommodate(MINUTE)) is Code.WOULD_SHORTEN
    scene.facts(put_in_force(Accommodation(), may_shorten=True))
    assert deadline_ms(scene) == T0 + HOUR


def test_nothing_is_granted_to_who_has_ended_or_is_being_collected() -> None:
    for status in Status:
        scene = scene_in(status)
        assert bool(scene.facts(grant(extra_time_ms=MINUTE))) is (status in OPEN)
    scene = Scene().started()
    scene.facts(scene.end())
    assert scene.facts(grant(extra_time_ms=HOUR)) == []


# ── the test's newest rules ────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_rules_count_from_the_start_and_keep_what_she_was_given() -> None:
    scene = Scene(extra_time_ms=5 * MINUTE).started().at(10 * MINUTE)
    scene.facts(scene.extend(3 * MINUTE))
    facts = scene.facts(apply_rules(duration_ms=2 * HOUR, warnings_ms=(10 * MINUTE,), grace_ms=5_000))
    terms = replace(TERMS, duration_ms=2 * HOUR, warnings_ms=(10 * MINUTE,), grace_ms=5_000)
    assert facts == [Retermed(terms, "rules", "moved")]
    assert (scene.attempt.test_terms, scene.attempt.terms) == (terms, replace(terms, extra_time_ms=5 * MINUTE))
    assert deadline_ms(scene) == T0 + 2 * HOUR + 8 * MINUTE
    assert scene.attempt.closes_at_ms == T0 + 2 * HOUR + 8 * MINUTE + 5_000
    assert [fact.left_ms for fact in scene.wake_at(2 * HOUR - 2 * MINUTE)] == [10 * MINUTE]  # type: ignore[attr-defined]


def test_a_limit_that_comes_back_keeps_what_staff_gave() -> None:
    scene = Scene().started().at(10 * MINUTE)
    scene.facts(scene.extend(3 * MINUTE))
    scene.facts(scene.pause())
    scene.at(20 * MINUTE).facts(scene.resume())
    scene.facts(grant(unlimited_time=True))
    assert scene.attempt.clocks == ()
    assert scene.refusal(accommodate(0)) is Code.WOULD_SHORTEN
    scene.facts(accommodate(0, may_shorten=True))
    assert deadline_ms(scene) == T0 + HOUR + 10 * MINUTE + 3 * MINUTE


def test_version_and_paper_stay() -> None:
    scene = Scene().started()
    before = scene.attempt
    scene.facts(apply_rules(duration_ms=2 * HOUR))
    assert (scene.attempt.test_version, scene.attempt.layout) == (before.test_version, before.layout)


def test_a_limit_can_go_and_none_can_come() -> None:
    scene = Scene().started()
    scene.facts(apply_rules(duration_ms=None))
    assert (scene.attempt.clocks, scene.attempt.closes_at_ms) == ((), None)
    assert scene.refusal(apply_rules("again", duration_ms=10 * HOUR)) is Code.WOULD_SHORTEN
    scene.facts(apply_rules("once more", duration_ms=None, grace_ms=0))


def test_a_clock_that_a_reopening_gave_stays() -> None:
    scene = Scene(duration_ms=None).started().submitted()
    scene.facts(scene.reopen(10 * MINUTE))
    scene.facts(accommodate(MINUTE))
    scene.facts(apply_rules(duration_ms=None))
    assert deadline_ms(scene) == T0 + 10 * MINUTE


@pytest.mark.parametrize(("off_ms", "ends_ms"), [(-1, 30 * MINUTE), (0, 30 * MINUTE), (1, 30 * MINUTE + 1)])
def test_staff_may_put_shorter_rules_in_force_but_no_clock_ends_in_the_past(off_ms: int, ends_ms: int) -> None:
    scene = Scene().started().at(30 * MINUTE + off_ms)
    shorter = apply_rules("shorter", duration_ms=30 * MINUTE)
    assert scene.refusal(shorter) is Code.WOULD_SHORTEN
    (fact,) = scene.facts(apply_rules("agreed", may_shorten=True, duration_ms=30 * MINUTE))
    assert isinstance(fact, Retermed)
    assert fact.may_shorten
    assert deadline_ms(scene) == T0 + ends_ms


@pytest.mark.parametrize("at_end", ["abandon", "hand_in"])
def test_a_harsher_end_is_put_in_force_only_where_staff_say_so(at_end: str) -> None:
    harsher: dict[str, Any] = {"at_end": at_end, "hand_in_ms": MINUTE if at_end == "hand_in" else 0}
    scene = Scene().started()
    assert scene.refusal(apply_rules(**harsher)) is Code.WOULD_SHORTEN
    scene.facts(apply_rules("agreed", may_shorten=True, **harsher))
    assert scene.attempt.pinned.at_end == at_end
    scene.facts(apply_rules("milder", at_end="submit"))
    assert scene.attempt.pinned.at_end == "submit"


@pytest.mark.parametrize(
    "terms",
    [
        {"duration_ms": HOUR - 1},
        {"grace_ms": 1_999},
        {"duration_ms": HOUR + 1_000, "grace_ms": 999},
        {"window_closes_at_ms": T0 + HOUR - 1},
    ],
)
def test_rules_that_would_take_time_are_refused(terms: dict[str, Any]) -> None:
    scene = Scene().started()
    assert scene.refusal(apply_rules(**terms)) is Code.WOULD_SHORTEN
    scene.at(MINUTE).facts(scene.pause())
    assert scene.refusal(apply_rules(**terms)) is Code.WOULD_SHORTEN


def test_nobody_loses_the_pause_in_which_her_clock_stands() -> None:
    scene = Scene(pause_on_disconnect=True).connected().started()
    scene.facts(apply_rules("not away", pause_on_disconnect=True, pause_budget_ms=3 * MINUTE))
    scene.at(MINUTE).facts(scene.disconnect())
    assert scene.attempt.status is Status.PAUSED
    shorter = apply_rules(pause_on_disconnect=True, pause_budget_ms=2 * MINUTE)
    assert scene.refusal(shorter) is Code.WOULD_SHORTEN
    scene.facts(apply_rules(pause_on_disconnect=True, pause_budget_ms=4 * MINUTE))


def test_no_rules_for_who_has_not_started_or_has_ended_or_is_being_collected() -> None:
    assert Scene().refusal(apply_rules()) is Code.NOT_STARTED
    assert scene_in(Status.SUBMITTED).refusal(apply_rules()) is Code.ALREADY_SUBMITTED
    scene = Scene().started()
    scene.facts(scene.end())
    assert scene.refusal(apply_rules(duration_ms=2 * HOUR)) is Code.COLLECTED
    assert scene.refusal(accommodate(HOUR)) is Code.COLLECTED


def test_staff_alone_change_terms() -> None:
    for actor in (CANDIDATE, SYSTEM):
        scene = Scene().started()
        assert scene.refusal(replace(apply_rules(), by=actor)) is Code.FORBIDDEN
        assert scene.refusal(replace(accommodate(1), by=actor)) is Code.FORBIDDEN


def test_what_is_offered_follows() -> None:
    scene = Scene()
    assert view.offer(scene.attempt, scene.sheet, "", scene.now_ms).duration_ms == HOUR
    scene.facts(accommodate(MINUTE))
    assert view.offer(scene.attempt, scene.sheet, "", scene.now_ms).duration_ms == HOUR + MINUTE
    scene.started().facts(apply_rules(duration_ms=2 * HOUR, warnings_ms=(), pause_on_disconnect=True))
    told = view.offer(scene.attempt, scene.sheet, "", scene.now_ms)
    assert (told.duration_ms, told.warnings_ms, told.pauses_on_disconnect) == (2 * HOUR + MINUTE, [], True)
    assert (told.title, told.question_total) == (PAPER.title, len(PAPER.questions))


# ── whatever happens ───────────────────────────────────────────────────────────────────────────────────────────

_TERMS = st.builds(
    lambda **given: given,
    duration_ms=st.sampled_from([None, 30 * MINUTE, HOUR, 90 * MINUTE]),
    window_closes_at_ms=st.sampled_from([None, T0 + HOUR, T0 + 2 * HOUR]),
    grace_ms=st.sampled_from([0, 2_000, 60_000]),
    pause_budget_ms=st.sampled_from([0, MINUTE, 10 * MINUTE]),
    pause_on_disconnect=st.booleans(),
    soft=st.booleans(),
)
_GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "extra_time_ms": st.sampled_from([0, MINUTE, HOUR]),
        "extra_time_permille": st.sampled_from([0, 250, 1_000]),
        "unlimited_time": st.booleans(),
        "closes_at_ms": st.sampled_from([T0 + 20 * MINUTE, T0 + HOUR, T0 + 3 * HOUR]),
        "never_closes": st.booleans(),
        "pause_budget_ms": st.sampled_from([0, MINUTE, 20 * MINUTE]),
    },
)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accommodate"), st.sampled_from([0, MINUTE, 10 * MINUTE, HOUR])),
        st.tuples(st.just("grant"), _GIVEN),
        st.tuples(st.just("rules"), _TERMS),
        st.tuples(st.just("extend"), st.sampled_from([MINUTE, 5 * MINUTE])),
        st.tuples(st.just("pause"), st.none()),
        st.tuples(st.just("resume"), st.none()),
        st.tuples(st.just("lose"), st.none()),
        st.tuples(st.just("connect"), st.none()),
        st.tuples(st.just("move"), st.integers(0, 5)),
        st.tuples(st.just("reopen"), st.sampled_from([None, MINUTE, 2 * HOUR])),
        st.tuples(st.just("wait"), st.sampled_from([1_000, MINUTE, 8 * MINUTE])),
    ),
    max_size=25,
)


@given(_TERMS, st.booleans(), _STEPS)
def test_no_sequence_of_these_facts_shortens_a_clock(
    terms: dict[str, Any], with_sections: bool, steps: list[tuple[str, Any]]
) -> None:
    """Whatever staff ask for, and whatever else happens: a clock that runs closes no earlier than it did before, and
    one that stands has no less on it, and none begins that ends something."""
    scene = in_sections(**terms) if with_sections else Scene(**terms)
    scene.connected("c0").started()
    connections = n = 0
    for number, (kind, given_) in enumerate(steps):
        before = scene.attempt
        match kind:
            case "accommodate":
                scene.offer(accommodate(given_, f"{number}"))
            case "grant":
                scene.offer(grant(**given_))
            case "rules":
                scene.offer(apply_rules(f"{number}", **given_))
            case "extend":
                scene.offer(scene.extend(given_))
            case "pause":
                scene.offer(scene.pause())
            case "resume":
                scene.offer(scene.resume())
            case "lose":
                scene.offer(scene.disconnect(f"c{connections}"))
            case "connect":
                connections += 1
                scene.offer(scene.connect(f"c{connections}"))
            case "move":
                n += 1
                scene.offer(scene.operate(Progress(n, given_, 0)))
            case "reopen":
                scene.offer(HandIn(CANDIDATE, 0))
                scene.offer(scene.reopen(given_, on_return=True))
            case _:
                scene.now_ms += given_
                scene.offer(Wake(SYSTEM))
        if kind in ("accommodate", "grant", "rules"):
            after = scene.attempt
            assert (after.status, after.pause) == (before.status, before.pause)
            had = [(one.scope, one.of) for one in before.clocks]
            assert all((one.scope, one.of) in had or one.soft for one in after.clocks), "a limit has come"
            for clock in before.clocks:
                same = [one for one in after.clocks if (one.scope, one.of) == (clock.scope, clock.of)]
                if not same:
                    assert clock.of is None or after.pinned.unlimited_time, "its limit is gone"
                    assert clock.scope is Scope.WINDOW or after.pinned.duration_ms is None
                    assert clock.scope is not Scope.WINDOW or after.pinned.window_closes_at_ms is None
                    continue
                assert (same[0].deadline_ms is None) is (clock.deadline_ms is None)
                assert closes_ms(same[0].deadline_ms, after.pinned) >= closes_ms(clock.deadline_ms, before.pinned)
                assert (same[0].left_ms or 0) >= (clock.left_ms or 0)
            assert before.test_clock.of is None
            if before.closes_at_ms is None:
                assert after.closes_at_ms is None
        if scene.attempt.status not in OPEN:
            break


def closes_ms(deadline: int | None, terms: Terms) -> int:
    return 0 if deadline is None else deadline + terms.grace_ms


def in_sections(**terms: Any) -> Scene:
    """Two sections of 20 minutes, one after the other; the first question has 10 minutes of its own."""
    names = list(INDEX)
    layout = Layout(
        (
            LaidSection("one", (LaidQuestion(names[0], (), 10 * MINUTE), *map(LaidQuestion, names[1:3])), 20 * MINUTE),
            LaidSection("two", tuple(map(LaidQuestion, names[3:])), 20 * MINUTE),
        ),
        True,
    )
    scene = Scene(**terms)
    scene.sheet = replace(make_sheet(PAPER, INDEX, CONTENT.rules, layout), terms=scene.sheet.terms)
    return scene
