"""Simulated days lead to the rare branches of the server: a change of the plan must not silently lead past one."""

from itertools import count, islice

import pytest

from protocol.marks import marks
from tests.marks import DAYS
from tests.simulation.drawing import make_plan
from tests.simulation.verdict import held
from tests.simulation.world import simulate

MOST_DAYS = 60


@pytest.mark.long
def test_the_days_reach_every_mark_that_they_claim() -> None:
    missing = set(DAYS)
    for plan in islice((plan for plan in map(make_plan, count(1)) if plan.rules.ease == 1), MOST_DAYS):
        with marks() as reached:
            held(simulate(plan))
        missing -= reached
        if not missing:
            return
    pytest.fail(f"in {MOST_DAYS} days no branch was reached at: {', '.join(sorted(missing))}")
