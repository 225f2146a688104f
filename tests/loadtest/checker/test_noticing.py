"""What follows from what is noticed: the checker's sums are the server's, and a wrong log is found."""

import pytest
from hypothesis import given
from msgspec.structs import replace

from loadtest.checker.fold import fold
from loadtest.checker.noticing import wrong
from loadtest.checker.views import told
from protocol.attempt import view
from protocol.attempt.facts import Alerted, AnyFact, ConsentGiven, Observed, Paused
from protocol.attempt.model import Actor
from protocol.integrity.captures import Says
from protocol.integrity.watches import Watch
from protocol.messages.operations import Start
from tests.loadtest.checker.story import ADA, SHEET, SYSTEM, Story, kept_record
from tests.protocol.attempt.drawn import CAPTURES, WATCHES, Step, Terms, busy_terms, durations, lists_of, run, states
from tests.protocol.attempt.scene import MINUTE

noticing_lists = lists_of(
    [
        "observe",
        "observe",
        "observe",
        "give_consent",
        "give_consent",
        "connect",
        "resume",
        "answer",
        "grant",
        "apply_rules",
    ],
    durations,
)


@given(busy_terms, noticing_lists)
def test_both_folds_agree_and_nothing_is_wrong(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms._replace(watches=WATCHES, captures=CAPTURES), steps, [0])
    records = [kept_record(record, record.entry.at_ms) for record in scene.records]
    folded = fold(records)
    for after, theirs in zip(folded[1:], states(scene.records), strict=True):
        assert told(after) == view.state(theirs)
    assert list(wrong(records, folded)) == []


def found(*facts: tuple[int, Actor, AnyFact]) -> list[str]:
    """What the checker says of a log in which these facts follow the start, so many milliseconds after it."""
    watches = (Watch("pasted", warn_from=1, alert_from=2, pause_from=3), Watch("copied"), Watch("screen_withdrawn"))
    one = Story(replace(SHEET, terms=replace(SHEET.terms, duration_ms=60 * MINUTE, watches=watches)))
    one.connect("ada/1", "c1")
    one.operate(Start(1, None, 0))
    started_ms = one.attempt.started_at_ms or 0
    one.rewrite([(started_ms + ms, by, fact) for ms, by, fact in facts], after=len(one.rows))
    return [str(violation) for violation in one.violations() if violation.invariant == "I16"]


def noticed(count: int, *, warned: bool = True, signal: str = "pasted") -> tuple[int, Actor, AnyFact]:
    return 1_000, ADA, Observed(2, signal, count, 0, 0, warned)  # type: ignore[arg-type]


ALERT = (1_000, SYSTEM, Alerted("pasted", 2, 0))
PAUSE = (1_000, SYSTEM, Paused(SHEET.terms.grace_ms, False, None, "", "pasted"))


def said(says: Says) -> tuple[int, Actor, AnyFact]:
    return 1_000, ADA, ConsentGiven(2, "screen", says, 30_000, 30, 0)


WITHDRAWN = (1_000, SYSTEM, Observed(None, "screen_withdrawn", 1, 0, None))


@pytest.mark.parametrize(
    ("facts", "wrong_times"),
    [
        ([said("agreed"), said("declined"), WITHDRAWN], 0),
        ([said("agreed"), said("unable"), WITHDRAWN, said("declined")], 0),
        ([said("agreed"), said("declined")], 1),
        ([said("declined"), WITHDRAWN], 1),
        ([WITHDRAWN], 1),
        ([noticed(1)], 0),
        ([noticed(1, warned=False)], 1),
        ([noticed(1, warned=False, signal="copied")], 0),
        ([noticed(1, signal="copied")], 1),
        ([noticed(1, signal="cut")], 1),
        ([noticed(2), ALERT], 0),
        ([noticed(1), ALERT], 1),
        ([noticed(3), ALERT, PAUSE], 0),
        ([noticed(3), PAUSE], 1),
        ([noticed(2), noticed(0, warned=False)], 1),
        ([ALERT], 1),
        ([PAUSE], 1),
    ],
)
def test_what_does_not_follow_or_is_missing_is_found(facts: list[tuple[int, Actor, AnyFact]], wrong_times: int) -> None:
    assert len(found(*facts)) == wrong_times
