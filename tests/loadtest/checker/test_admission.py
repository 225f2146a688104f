"""The checker folds what lets candidates in and what is taken back by itself, and finds what a wrong server writes."""

from typing import Any

import pytest
from msgspec.structs import replace

from loadtest.checker import Database, check
from loadtest.checker.fold import fold
from loadtest.checker.history import Admission, Enrolment
from loadtest.checker.views import told
from protocol.attempt import view
from protocol.attempt.facts import Absent, Admitted, ConsentGiven, Reinstated, Started
from protocol.attempt.layout import Layout
from protocol.attempt.model import Accommodation
from protocol.integrity.captures import Capture, Says
from protocol.messages.operations import Start, Submit
from protocol.messages.staff import CancelAttempt, ReinstateAttempt
from tests.loadtest.checker.story import ADA, ATTEMPT, GRACE, SHEET, SYSTEM, Story, invariants, kept_record
from tests.protocol.attempt.drawn import states
from tests.protocol.attempt.scene import LAYOUT, MINUTE, SECTIONS, TIMED, Scene


def test_both_folds_agree_on_what_is_cancelled_and_reinstated() -> None:
    def agree(scene: Scene) -> None:
        folded = fold([kept_record(record, record.entry.at_ms) for record in scene.records])
        for after, theirs in zip(folded[1:], states(scene.records), strict=True):
            assert told(after) == view.state(theirs)

    for layout in (LAYOUT, SECTIONS, TIMED):
        agree(_cancelled_again_and_again(layout, paused=False))
        agree(_cancelled_again_and_again(layout, paused=True))
        agree(_reopened(layout))
    agree(_absent())


def _cancelled_again_and_again(layout: Layout, *, paused: bool) -> Scene:
    scene = Scene(layout=layout)
    scene.facts(scene.cancel())
    scene.facts(scene.reinstate())
    scene.connected().started().at(MINUTE)
    if paused:
        scene.facts(scene.pause())
    scene.facts(scene.cancel(counts=True))
    scene.at(2 * MINUTE).facts(scene.reinstate(on_return=True))
    if paused:
        scene.facts(scene.resume())
    scene.facts(scene.disconnect())
    scene.at(3 * MINUTE).facts(scene.cancel())
    scene.at(4 * MINUTE).facts(scene.reinstate(on_return=True))
    scene.at(5 * MINUTE).facts(scene.connect("c2"))
    return scene


def _reopened(layout: Layout) -> Scene:
    """With a time and without one, while she is there and while she is not."""
    scene = Scene(layout=layout, duration_ms=None).connected().started()
    for minute, left_ms in enumerate((None, MINUTE, None, MINUTE)):
        scene.at(minute * MINUTE).submitted()
        if minute == 1:
            scene.facts(scene.disconnect())
        scene.facts(scene.reopen(left_ms, on_return=minute < 3))
        if scene.attempt.pause is not None:
            scene.at(minute * MINUTE + 1_000).facts(scene.connect())
            scene.facts(scene.disconnect())
    return scene


def _absent() -> Scene:
    scene = Scene(window_closes_at_ms=Scene().now_ms + MINUTE)
    scene.wake_at(MINUTE)
    scene.sheet = replace(scene.sheet, terms=replace(scene.sheet.terms, window_closes_at_ms=None))
    scene.facts(scene.reinstate())
    return scene


def begun(*, admitted: bool) -> Story:
    """She has begun and handed in, in a test that asks for it to be let in and allows one attempt."""
    one = Story()
    one.setup = replace(one.setup, tests={"test": Admission(waiting_room=True, max_attempts=1)})
    if admitted:
        one.state_fact(Admitted("c", ""), GRACE)
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    one.operate(Submit(1, 0))
    return one


def found(story: Story) -> list[str]:
    return [one.what for one in story.violations() if one.invariant == "I12"]


def test_whoever_was_let_in_may_begin() -> None:
    assert found(begun(admitted=True)) == []


def test_whoever_begins_without_being_let_in_is_found() -> None:
    (what,) = found(begun(admitted=False))
    assert "nobody had let her in" in what


@pytest.mark.parametrize("asks", ["required", "if_able"])
@pytest.mark.parametrize(
    ("granted", "said", "right"),
    [
        (Accommodation(), [], False),
        (Accommodation(), [("declined", 30)], False),
        (Accommodation(), [("agreed", 30), ("declined", 30)], False),
        (Accommodation(), [("agreed", 31)], False),
        (Accommodation(), [("unable", 30)], None),
        (Accommodation(), [("agreed", 30)], True),
        (Accommodation(exempt=("screen_ended",)), [], True),
    ],
)
def test_whoever_begins_without_having_agreed_to_required_pictures_is_found(
    granted: Accommodation, said: list[tuple[Says, int]], right: bool | None, asks: Any
) -> None:
    assert SHEET.layout is not None
    terms = replace(SHEET.terms, captures=(Capture("screen", asks, 30_000, 30),))
    one = Story(granted=granted)
    for n, (says, keep_days) in enumerate(said, 1):
        one.state_fact(ConsentGiven(n, "screen", says, 30_000, keep_days, 0), ADA)
    one.state_fact(Started(len(said) + 1, 0, 1, terms, SHEET.layout), ADA)
    assert (found(one) == []) is (asks == "if_able" if right is None else right)


def test_whoever_is_found_absent_before_her_window_closes_is_found() -> None:
    story = Story()
    closes_ms = story.now_ms + MINUTE
    for at_ms, early in ((closes_ms - 1, True), (closes_ms, False), (closes_ms + 1, False)):
        kept = story.forged([(at_ms, SYSTEM, Absent(closes_ms))], after=1)
        violations = [one for one in story.violations(kept) if one.invariant == "I12"]
        assert bool(violations) is early, at_ms


def test_one_attempt_too_many_is_found_unless_it_does_not_count() -> None:
    def twice(counts: bool, granted: Accommodation | None = None) -> set[str]:
        other = begun(admitted=True)
        void = Story(granted=granted)
        void.steer(CancelAttempt("c", ATTEMPT, counts, "void"))
        attempts = [other.kept(), replace(void.kept(), attempt_id="another")]
        return invariants(check(other.history, Database(attempts=attempts)))

    assert "I12" in twice(counts=True)
    assert "I12" not in twice(counts=False)
    assert "I12" not in twice(counts=True, granted=Accommodation(extra_attempts=1))


@pytest.mark.parametrize(
    ("said", "enrolled"),
    [
        ([], False),
        ([(-1_000, True)], True),
        ([(1_000, True)], False),
        ([(-2_000, True), (-1_000, False)], False),
        ([(-2_000, True), (1_000, False)], True),
        ([(-2_000, True), (-1_500, False), (-1_000, True)], True),
    ],
)
def test_an_attempt_of_somebody_who_is_not_enrolled_is_found(said: list[tuple[int, bool]], enrolled: bool) -> None:
    story = Story()
    story.setup = replace(story.setup, tests={"test": Admission(enrolment=True)})
    for after_ms, is_in in said:
        story.history.append(
            Enrolment(
                at_ms=story.now_ms + after_ms, who="office", org_id="org", test_id="test", user_id="ada", enrolled=is_in
            )
        )
    assert found(story) == ([] if enrolled else ["it was made, and she was not enrolled"])


def test_a_clean_story_of_a_cancellation_that_is_taken_back() -> None:
    story = Story()
    story.watch()
    story.connect("ada/1", "c1")
    story.operate(Start(1, None, 0))
    story.answer("single", "a")
    story.steer(CancelAttempt("c-1", ATTEMPT, True, "void"))
    story.told()
    story.show()
    story.steer(ReinstateAttempt("c-2", ATTEMPT, False, "a mistake"))
    story.show()
    story.answer("single", "b")
    story.operate(Submit(1, 0))
    story.complete()
    assert story.violations() == []


def test_what_goes_on_after_a_cancellation_that_nobody_took_back_is_found() -> None:
    story = begun(admitted=True)
    story.rewrite([(story.now_ms, GRACE, Reinstated(False, "c", "x"))], after=len(story.rows))
    assert "I2" in invariants(story.violations()), "it was handed in, and not cancelled"


def test_a_reinstatement_that_nobody_asked_for_is_found() -> None:
    story = Story()
    story.connect("ada/1", "c1")
    story.steer(CancelAttempt("c-1", ATTEMPT, False, "void"))
    story.rewrite([(story.now_ms, GRACE, Reinstated(False, "c-2", "x"))], after=len(story.rows))
    assert "I1" in invariants(story.violations())


def test_whoever_begins_outside_her_own_window_is_found_and_not_whoever_begins_outside_the_tests() -> None:
    now_ms = Story().now_ms
    closed = replace(SHEET, terms=replace(SHEET.terms, window_closes_at_ms=now_ms - MINUTE))
    story = Story(closed, granted=Accommodation(closes_at_ms=now_ms + MINUTE))
    story.connect("ada/1", "c1")
    story.operate(Start(1, None, 0))
    assert "I2" not in invariants(story.violations())
    started = story.rows[-1][0].entry.fact
    for late_ms, outside in ((-1, False), (0, True), (1, True)):
        kept = story.forged([(now_ms + MINUTE + late_ms, ADA, started)], after=2)
        found_outside = [one for one in story.violations(kept) if "outside her window" in one.what]
        assert bool(found_outside) is outside, late_ms
