"""Minimum times, what the end of a test does, and pauses that nobody ends: what a wrong server writes is found."""

import pytest
from msgspec.structs import replace

from loadtest.checker.history import Healed, Quiet
from protocol.attempt.facts import (
    Abandoned,
    Answered,
    AnyFact,
    Expired,
    Paused,
    PauseForgotten,
    Resumed,
    SectionEntered,
    Submitted,
)
from protocol.attempt.layout import Layout
from protocol.attempt.model import Actor, Terms
from protocol.messages.operations import Start
from tests.loadtest.checker.story import ADA, GRACE, SHEET, SYSTEM, TERMS, Story
from tests.protocol.attempt.scene import LAYOUT, MINUTE, SECTIONS

LEAST = replace(TERMS, min_time_ms=20_000)
ABANDONED = replace(TERMS, at_end="abandon")
HAND_IN = replace(TERMS, at_end="hand_in", hand_in_ms=10_000)
LONG = replace(TERMS, duration_ms=60 * MINUTE)
READING_FIRST = replace(SECTIONS, sections=(replace(SECTIONS.sections[0], min_ms=MINUTE), *SECTIONS.sections[1:]))
END = 60_000
CLOSED = END + TERMS.grace_ms


def begun(terms: Terms, layout: Layout = LAYOUT) -> Story:
    one = Story(replace(SHEET, terms=terms, layout=layout))
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    return one


def after(story: Story, ms: int, by: Actor, fact: AnyFact) -> list[str]:
    """What the checker says of what is accepted and closed, if this follows so long after the start."""
    began_ms = story.attempt.started_at_ms
    assert began_ms is not None
    story.rewrite([(began_ms + ms, by, fact)], after=len(story.rows))
    return [one.what for one in story.violations() if one.invariant == "I2"]


def at(story: Story, ms: int) -> int:
    began_ms = story.attempt.started_at_ms
    assert began_ms is not None
    return began_ms + ms


@pytest.mark.parametrize(
    ("terms", "layout", "ms", "fact", "wrong"),
    [
        (LEAST, LAYOUT, 19_999, Submitted(2, 0), True),
        (LEAST, LAYOUT, 20_000, Submitted(2, 0), False),
        (LONG, READING_FIRST, MINUTE - 1, SectionEntered(2, "writing", 0), True),
        (LONG, READING_FIRST, MINUTE, SectionEntered(2, "writing", 0), False),
        (LONG, READING_FIRST, MINUTE - 1, Submitted(2, 0), True),
        (LONG, READING_FIRST, MINUTE, Submitted(2, 0), False),
    ],
)
def test_handing_in_or_leaving_before_the_minimum_time_is_found(
    terms: Terms, layout: Layout, ms: int, fact: AnyFact, wrong: bool
) -> None:
    assert any("before the minimum time" in what for what in after(begun(terms, layout), ms, ADA, fact)) is wrong


def test_the_minimum_time_does_not_run_in_a_pause() -> None:
    story = begun(LEAST)
    facts: list[tuple[int, Actor, AnyFact]] = [
        (10_000, GRACE, Paused(at(story, 10_000), False, "p", "")),
        (40_000, GRACE, Resumed(at(story, 40_000), "r", "")),
        (49_999, ADA, Submitted(2, 0)),
    ]
    story.rewrite([(at(story, ms), by, fact) for ms, by, fact in facts], after=len(story.rows))
    assert "accepted 1 ms before the minimum time had run" in " ".join(accepted(story))


@pytest.mark.parametrize(
    ("terms", "at_ms", "kind", "wrong"),
    [
        (TERMS, END, Expired, False),
        (TERMS, END, Abandoned, True),
        (ABANDONED, END, Abandoned, False),
        (ABANDONED, END, Expired, True),
        (HAND_IN, END + 10_000, Abandoned, False),
        (HAND_IN, END + 10_000, Expired, True),
        (HAND_IN, END, Abandoned, True),
    ],
)
def test_another_end_than_the_test_asks_for_is_found(
    terms: Terms, at_ms: int, kind: type[Expired] | type[Abandoned], wrong: bool
) -> None:
    story = begun(terms)
    ends_ms = at(story, at_ms)
    fact = Expired(ends_ms, "") if kind is Expired else Abandoned(ends_ms)
    assert bool(after(story, at_ms + TERMS.grace_ms, SYSTEM, fact)) is wrong


@pytest.mark.parametrize(
    ("ms", "fact", "wrong"),
    [
        (CLOSED - 2, Answered(2, "single", "a", None, 0), False),
        (CLOSED, Answered(2, "single", "a", None, 0), True),
        (CLOSED, Submitted(2, 0), False),
        (CLOSED + 9_998, Submitted(2, 0), False),
        (CLOSED + 10_000, Submitted(2, 0), True),
    ],
)
def test_only_handing_in_is_left_after_the_deadline(ms: int, fact: AnyFact, wrong: bool) -> None:
    assert bool(after(begun(HAND_IN), ms, ADA, fact)) is wrong


def paused(since_ms: int, *more: tuple[int, AnyFact]) -> Story:
    """Staff have stopped the clock so long after the start, in a test whose window closes after a minute."""
    closes_ms = at(begun(LONG), END)
    story = begun(replace(LONG, window_closes_at_ms=closes_ms, pause_grace_ms=5_000))
    facts: list[tuple[int, Actor, AnyFact]] = [(since_ms, GRACE, Paused(at(story, since_ms), False, "p", ""))]
    facts += [(ms, SYSTEM, fact) for ms, fact in more]
    story.rewrite([(at(story, ms), by, fact) for ms, by, fact in facts], after=len(story.rows))
    story.now_ms = story.rows[-1][1]
    return story


def accepted(story: Story) -> list[str]:
    return [one.what for one in story.violations() if one.invariant == "I2"]


@pytest.mark.parametrize(("ms", "off_ms", "wrong"), [(END, 0, False), (END - 1, 0, True), (END, 1, True)])
def test_a_pause_that_is_called_forgotten_early_or_as_of_another_instant_is_found(
    ms: int, off_ms: int, wrong: bool
) -> None:
    until_ms = at(paused(10_000), END)
    assert bool(accepted(paused(10_000, (ms, PauseForgotten(until_ms + off_ms))))) is wrong


def test_a_pause_that_is_forgotten_twice_is_found() -> None:
    until_ms = at(paused(10_000), END)
    again = paused(10_000, (END, PauseForgotten(until_ms)), (END + 5_000, PauseForgotten(until_ms + 5_000)))
    assert accepted(again) == ["record 6 (pause_forgotten): forgotten again"]


@pytest.mark.parametrize(
    ("ms", "forgotten", "wrong"), [(5_000, True, False), (4_999, True, True), (0, True, True), (5_000, False, True)]
)
def test_a_paper_that_is_collected_early_in_a_pause_is_found(ms: int, forgotten: bool, wrong: bool) -> None:
    until_ms = at(paused(10_000), END)
    first: list[tuple[int, AnyFact]] = [(END, PauseForgotten(until_ms))] if forgotten else []
    story = paused(10_000, *first, (END + ms, Expired(until_ms + 5_000, "")))
    assert bool(accepted(story)) is wrong


def test_a_forgotten_pause_that_nobody_collects_is_found() -> None:
    story = paused(10_000, (END, PauseForgotten(at(paused(10_000), END))))
    story.history.append(Healed(at_ms=story.now_ms, who="nemesis"))
    story.later(60_000)
    story.history.append(Quiet(at_ms=story.now_ms, who="recorder"))
    assert "its pause was forgotten, and nothing has come of it" in [one.what for one in story.violations()]
