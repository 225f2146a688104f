"""Nobody loses time that staff have not taken: what a server writes that shortens a clock without leave is found."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.facts import Accommodated, Collected, Expired, Paused, Reopened, Resumed, Retermed
from protocol.attempt.model import Accommodation, Terms
from protocol.messages.operations import Progress, Start
from tests.loadtest.checker.story import GRACE, SHEET, SYSTEM, TERMS, Story
from tests.protocol.attempt.scene import MINUTE, TIMED

PAUSING = replace(TERMS, pause_on_disconnect=True, pause_budget_ms=MINUTE)


def begun(terms: Terms = TERMS, accommodation: Accommodation | None = None) -> Story:
    one = Story(replace(SHEET, terms=terms))
    if accommodation is not None:
        one.state_fact(Accommodated(accommodation, None, ""))
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    one.later(1_000)
    return one


def found(story: Story) -> list[str]:
    return [one.what for one in story.violations() if one.invariant == "I13"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"duration_ms": TERMS.duration_ms}, False),
        ({"duration_ms": 60_001}, False),
        ({"duration_ms": None}, False),
        ({"duration_ms": 59_999}, True),
        ({"grace_ms": 1_999}, True),
        ({"window_closes_at_ms": 1_800_000_030_000}, True),
        ({"duration_ms": 59_999, "grace_ms": 2_001}, False),
    ],
)
@pytest.mark.parametrize("may_shorten", [False, True])
def test_rules_that_shorten_a_clock_without_leave_are_found(
    changes: dict[str, Any], wrong: bool, may_shorten: bool
) -> None:
    story = begun()
    story.state_fact(Retermed(replace(TERMS, **changes), "r", "", may_shorten), GRACE)
    assert bool(found(story)) is (wrong and not may_shorten)


def test_rules_that_shorten_a_clock_that_stands_are_found() -> None:
    story = begun()
    story.state_fact(Paused(story.now_ms, False, "p", ""), GRACE)
    story.state_fact(Retermed(replace(TERMS, duration_ms=50_000), "r", ""), GRACE)
    assert found(story) == ["record 5 (retermed): test  has 10000 ms less"]


def test_a_limit_where_there_was_none_is_found() -> None:
    story = begun(replace(TERMS, duration_ms=None))
    story.state_fact(Retermed(TERMS, "r", ""), GRACE)
    assert found(story) == ["record 4 (retermed): test  is limited, and was not"]


def test_what_was_reopened_after_a_soft_limit_has_no_window_any_more() -> None:
    story = begun(replace(TERMS, soft=True, window_closes_at_ms=1_800_000_090_000))
    story.later(2 * MINUTE)
    story.state_fact(Expired(1_800_000_090_000, ""))
    story.state_fact(Reopened(MINUTE, "r", "", True), GRACE)
    story.state_fact(Accommodated(Accommodation(pause_budget_ms=MINUTE), "a", ""), GRACE)
    assert found(story) == []


def test_less_time_for_handing_in_is_found() -> None:
    terms = replace(TERMS, at_end="hand_in", hand_in_ms=10_000)
    story = begun(terms)
    story.state_fact(Retermed(replace(terms, hand_in_ms=9_000), "r", ""), GRACE)
    assert found(story) == ["record 4 (retermed): there are 1000 ms less for handing in"]


@pytest.mark.parametrize("may_shorten", [False, True])
def test_extra_time_that_is_taken_back_is_found(may_shorten: bool) -> None:
    story = begun(accommodation=Accommodation(extra_time_ms=10_000))
    story.state_fact(Accommodated(Accommodation(extra_time_ms=4_000), "a", "", 4_000, may_shorten), GRACE)
    assert found(story) == ([] if may_shorten else ["record 5 (accommodated): test  has 6000 ms less"])


def test_a_pause_from_an_instant_that_lies_ahead_is_found() -> None:
    story = begun()
    story.state_fact(Paused(story.now_ms + 700, False, "p", ""), GRACE)
    assert found(story) == ["record 4 (paused): test  has 700 ms less"]


@pytest.mark.parametrize(("used_ms", "early_ms", "wrong"), [(0, 0, False), (0, 1, True), (20_000, 0, False)])
def test_a_clock_that_runs_again_before_its_budget_ends_is_found(used_ms: int, early_ms: int, wrong: bool) -> None:
    story = begun(PAUSING)
    if used_ms:
        story.state_fact(Paused(story.now_ms, True, None, ""))
        story.later(used_ms)
        story.state_fact(Resumed(story.now_ms, None, ""))
    since_ms = story.now_ms
    story.state_fact(Paused(since_ms, True, None, ""))
    story.later(2 * MINUTE)
    story.state_fact(Resumed(since_ms + MINUTE - used_ms - early_ms, None, ""), SYSTEM)
    assert bool(found(story)) is wrong


def test_staff_may_collect_the_paper() -> None:
    story = begun()
    story.state_fact(Collected(story.now_ms, "c", ""), GRACE)
    assert found(story) == []


def test_a_soft_clock_that_is_over_goes_on_from_where_it_stood() -> None:
    soft = [replace(laid, soft=True) for laid in TIMED.sections[0].questions]
    layout = replace(TIMED, sections=(replace(TIMED.sections[0], questions=tuple(soft)),))
    story = Story(replace(SHEET, layout=layout, terms=replace(TERMS, duration_ms=60 * MINUTE)))
    story.connect("ada/1", "c1")
    story.operate(Start(1, None, 0))
    story.later(2 * MINUTE)
    story.wake()
    story.operate(Progress(1, 1, 0))
    story.operate(Progress(1, 0, 0))
    assert found(story) == []
