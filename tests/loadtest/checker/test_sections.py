"""The checker folds clocks and sections by itself: it agrees with the server, and finds what a wrong one writes."""

from typing import Any, Final

import pytest
from hypothesis import given
from msgspec.structs import replace

from loadtest.checker.acceptance import _wrong
from loadtest.checker.fold import fold
from loadtest.checker.time_left import lost
from loadtest.checker.views import told
from protocol.attempt import view
from protocol.attempt.facts import (
    Answered,
    AnyFact,
    Expired,
    Flagged,
    Moved,
    QuestionClosed,
    SectionClosed,
    SectionEntered,
    Submitted,
)
from protocol.attempt.layout import Layout
from protocol.attempt.model import Actor
from protocol.messages.operations import Start
from tests.loadtest.checker.story import ADA, ATTEMPT, SHEET, SYSTEM, T0, Story, kept_record
from tests.protocol.attempt.drawn import Step, Terms, busy_lists, busy_terms, granting_lists, run, states
from tests.protocol.attempt.scene import MINUTE, SECTIONS, TIMED, requiring

GRACE: Final = SHEET.terms.grace_ms


@given(busy_terms, busy_lists | granting_lists)
def test_both_folds_agree_and_nothing_is_wrong(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    records = [kept_record(record, record.entry.at_ms) for record in scene.records]
    folded = fold(records)
    for record, before, after, theirs in zip(records, folded, folded[1:], states(scene.records), strict=False):
        assert told(after) == view.state(theirs)
        assert _wrong(record, before) is None
    assert list(lost(records, folded)) == []


def story(*facts: tuple[int, Actor, AnyFact]) -> list[str]:
    """What the checker says of a log in which these facts follow the start, so many milliseconds after it."""
    one = _started(SECTIONS)
    one.rewrite([((one.attempt.started_at_ms or 0) + ms, by, fact) for ms, by, fact in facts], after=len(one.rows))
    return [str(violation) for violation in one.violations() if violation.invariant == "I2"]


def _started(layout: Layout, **terms: Any) -> Story:
    one = Story(replace(SHEET, layout=layout, terms=replace(SHEET.terms, duration_ms=60 * MINUTE, **terms)))
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    return one


ENTERED: Final = (MINUTE, ADA, SectionEntered(2, "writing", 0))


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ([ENTERED, (MINUTE + 1, ADA, Answered(3, "text", "yes", None, 0))], False),
        ([ENTERED, (MINUTE + 1, ADA, Answered(3, "single", "a", None, 0))], True),
        ([ENTERED, (MINUTE + 1, ADA, Flagged(3, "single", True, 0))], True),
        ([ENTERED, (MINUTE + 1, ADA, Moved(3, 0, 0))], True),
        ([ENTERED, (MINUTE + 1, ADA, Moved(3, 3, 0))], False),
        ([(0, ADA, Answered(2, "text", "yes", None, 0))], True),
        ([(0, ADA, SectionEntered(2, "sums", 0))], True),
        ([ENTERED, (MINUTE + 1, ADA, SectionEntered(3, "reading", 0))], True),
        ([(10 * MINUTE + GRACE - 2, ADA, Answered(2, "single", "a", None, 0))], False),
        ([(10 * MINUTE + GRACE, ADA, Answered(2, "single", "a", None, 0))], True),
        ([(10 * MINUTE + GRACE, ADA, Moved(2, 1, 0))], True),
    ],
)
def test_what_belongs_to_no_open_section_is_found(facts: list[tuple[int, Actor, AnyFact]], wrong: bool) -> None:
    assert bool(story(*facts)) is wrong


@pytest.mark.parametrize(
    ("early_ms", "off_ms", "wrong"), [(0, 0, False), (1, 0, True), (-1, 0, False), (0, 1, True), (0, -1, True)]
)
def test_a_section_that_closes_early_or_at_another_instant_is_found(early_ms: int, off_ms: int, wrong: bool) -> None:
    one = _started(SECTIONS)
    deadline_ms = one.attempt.clocks[1].deadline_ms
    assert deadline_ms is not None
    closed = SectionClosed("reading", deadline_ms + off_ms)
    one.rewrite([(deadline_ms + GRACE - early_ms, SYSTEM, closed)], after=len(one.rows))
    assert any(violation.invariant == "I2" for violation in one.violations()) is wrong


def test_an_answer_to_a_closed_question_is_found() -> None:
    one = _started(TIMED)
    deadline_ms = one.attempt.clocks[1].deadline_ms
    assert deadline_ms is not None
    end_ms = deadline_ms + GRACE
    facts: list[tuple[int, Actor, AnyFact]] = [(end_ms, SYSTEM, QuestionClosed("single", deadline_ms))]
    one.rewrite(facts, after=len(one.rows))
    assert not any(violation.invariant == "I2" for violation in one.violations())
    one.rewrite([*facts, (end_ms, ADA, Answered(2, "single", "a", None, 0))], after=len(one.rows) - 1)
    assert any("after the question had closed" in violation.what for violation in one.violations())


@pytest.mark.parametrize(
    ("ms", "fact", "wrong"),
    [
        (MINUTE, SectionEntered(2, "writing", 0), True),
        (10 * MINUTE - 1, SectionEntered(2, "writing", 0), True),
        (10 * MINUTE, SectionEntered(2, "writing", 0), False),
        (MINUTE, Submitted(2, 0), True),
        (60 * MINUTE - 1, Submitted(2, 0), True),
        (60 * MINUTE, Submitted(2, 0), False),
    ],
)
def test_handing_in_or_leaving_with_gaps_is_found(ms: int, fact: AnyFact, wrong: bool) -> None:
    one = _started(requiring(SECTIONS, "single"), gaps="refuse")
    one.rewrite([((one.attempt.started_at_ms or 0) + ms, ADA, fact)], after=len(one.rows))
    assert any("without an answer to ['single']" in str(violation) for violation in one.violations()) is wrong


def test_a_test_that_ends_with_no_clock_and_open_sections_is_found() -> None:
    one = Story(replace(SHEET, layout=SECTIONS, terms=replace(SHEET.terms, duration_ms=None)))
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    one.rewrite([(T0 + 20 * MINUTE, SYSTEM, Expired(T0 + 20 * MINUTE, ""))], after=len(one.rows))
    assert any(violation.invariant == "I2" for violation in one.violations())
    assert one.attempt.identity.attempt_id == ATTEMPT
