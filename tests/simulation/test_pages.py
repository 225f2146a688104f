"""Simulated days of people who use the pages: the TypeScript that browsers run, under the same invariants."""

import pytest

from tests.simulation.browser import PageFailed, browsers
from tests.simulation.drawing import make_plan
from tests.simulation.verdict import held
from tests.simulation.world import simulate


@pytest.mark.parametrize("seed", [*(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 4, 15)), 18])
def test_a_day_on_pages_holds(seed: int) -> None:
    """Of these days 4 once had a page whose timer rang without an end, 15 a monitor whose rows went back, and 18 an
    answer that went to REST while a socket took over, and was taken for saved with the socket's next acknowledgement.
    """
    held(simulate(make_plan(seed, "pages")))


@pytest.mark.parametrize("seed", [6, pytest.param(7, marks=pytest.mark.long)])
def test_a_day_on_pages_and_programs_holds(seed: int) -> None:
    held(simulate(make_plan(seed, "mixed")))


def test_the_same_seed_gives_the_same_history_on_pages() -> None:
    plan = make_plan(18, "pages")
    assert simulate(plan).digest == simulate(plan).digest


def test_a_page_that_fails_says_where() -> None:
    with pytest.raises(PageFailed, match=r"candidate-seat\.ts"):
        browsers().step("nobody", 0, 0, "candidate", 1, None, "a browser")
