"""Simulated days lead to the rare branches of the server, and to all that is drawn for them: a change of the plan must
not silently lead past something."""

from collections.abc import Iterator
from itertools import count, islice

import pytest

from protocol.marks import marks
from tests.marks import DAYS
from tests.simulation.drawing import make_plan
from tests.simulation.plan import Clients, Plan
from tests.simulation.reached import ON_PAGES, REACHED, reached
from tests.simulation.verdict import held
from tests.simulation.world import simulate

MOST_DAYS = 60


def short_days(clients: Clients = "python") -> Iterator[Plan]:
    """The first days that are short."""
    return islice((plan for n in count(1) if (plan := make_plan(n, clients)).rules.ease == 1), MOST_DAYS)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_days_reach_every_mark_that_they_claim() -> None:
    missing = set(DAYS)
    for plan in short_days():
        with marks() as found:
            held(simulate(plan))
        missing -= found
        if not missing:
            return
    pytest.fail(f"in {MOST_DAYS} days no branch was reached at: {', '.join(sorted(missing))}")


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("clients", ["python", "mixed"])
def test_all_that_is_drawn_happens(clients: Clients) -> None:
    missing = set(REACHED) - (ON_PAGES if clients == "python" else set())
    for plan in short_days(clients):
        outcome = simulate(plan)
        held(outcome)
        missing -= reached(outcome)
        if not missing:
            return
    pytest.fail(f"in {MOST_DAYS} days this did not happen: {', '.join(sorted(missing))}")
