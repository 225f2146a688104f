"""What is said of a day on which something is wrong."""

import pytest
from msgspec.structs import replace

from loadtest.checker import Violation
from tests.simulation.drawing import make_plan
from tests.simulation.verdict import finds, held, report
from tests.simulation.world import simulate

_DRAWN = make_plan(1)
SHORT = replace(
    _DRAWN,
    rules=replace(_DRAWN.rules, nodes=1, duration_ms=60_000, window_ms=60_000, min_time_ms=0),
    candidates=(),
    instructors=(),
    faults=(),
)


def test_a_failing_day_says_first_what_is_wrong_and_how_to_see_it_again() -> None:
    outcome = replace(simulate(SHORT), violations=[Violation("I0", "somewhere", "it is wrong")])
    first, second = list(report(outcome, shortened=False))
    assert (first, second.split()) == ("seed 1: a plan of a test", ["I0", "somewhere:", "it", "is", "wrong"])
    seeded = replace(outcome, plan=make_plan(7, "pages"))
    assert (
        next(report(seeded, shortened=False)) == "seed 7: python -m tests.simulation --seeds 7 --clients pages --show"
    )


def test_a_test_that_fails_says_it_too() -> None:
    outcome = replace(simulate(SHORT), violations=[Violation("I0", "somewhere", "it is wrong")])
    with pytest.raises(pytest.fail.Exception, match=r"^seed 1: a plan of a test\n  I0 somewhere: it is wrong\n"):
        held(outcome)
    held(simulate(SHORT))


def test_a_bug_that_was_not_found_says_what_was_found_instead() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^I1 held on all days: \[1, 1\]\nbroken were none$"):
        finds([SHORT, SHORT], "I1")
