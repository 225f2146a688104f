"""Simulated exam days: a fixed set of seeds, a fresh one, and that a seed is a seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from loadtest.checker import same_decisions
from tests.simulation.chance import Chance
from tests.simulation.drawing import LONG_EVERY, make_plan
from tests.simulation.shrink import shrink
from tests.simulation.verdict import held
from tests.simulation.world import simulate

SHORT = (1, 4, 5)
MORE = [seed for seed in range(2, 15) if seed % LONG_EVERY and seed not in SHORT]
LONG = 8 * LONG_EVERY
"""A day with two hundred people, a node that stands and one that dies."""
FRESH = int.from_bytes(os.urandom(4)) // LONG_EVERY * LONG_EVERY + 1
"""A short day of its own for every run; a failure names it."""


@pytest.mark.parametrize("seed", [*SHORT, *(pytest.param(seed, marks=pytest.mark.long) for seed in (*MORE, LONG))])
def test_a_day_holds(seed: int) -> None:
    held(simulate(make_plan(seed)))


def test_a_fresh_day_holds() -> None:
    print(f"seed {FRESH}: python -m tests.simulation --seeds {FRESH} --show")  # noqa: T201 (pytest shows it on failure)
    held(simulate(make_plan(FRESH)))


# The test after it holds the same between two processes in each run.
@pytest.mark.long
def test_the_same_seed_gives_the_same_history() -> None:
    plan = make_plan(14)
    assert simulate(plan).digest == simulate(plan).digest


def test_the_same_seed_gives_the_same_history_in_another_process() -> None:
    code = "from tests.simulation.world import simulate_seed; print(simulate_seed(14).digest)"
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert there.strip() == str(simulate(make_plan(14)).digest)


@pytest.mark.parametrize("seed", [pytest.param(3, marks=pytest.mark.long), 14])
def test_i10_other_client_clocks_lead_to_the_same_decisions(seed: int) -> None:
    plan = make_plan(seed)
    one, other = simulate(plan), simulate(replace(plan, client_clocks=1))
    assert one.digest != other.digest
    assert same_decisions(one.database, other.database) == []


def test_streams_of_chance_do_not_touch_one_another() -> None:
    chance = Chance(1)
    first = chance.stream("a").random()
    chance.stream("b").random()
    assert chance.stream("a").random() == first
    assert Chance(2).stream("a").random() != first


def test_a_failing_plan_is_made_shorter() -> None:
    plan = make_plan(14)
    assert len(plan.faults) > 1

    def fails(shorter: object) -> bool:
        return any(fault.kind == "stall" for fault in shorter.faults)  # type: ignore[attr-defined]

    short = shrink(plan, fails)
    assert [fault.kind for fault in short.faults] == ["stall"]
    assert short.candidates == ()
    assert short.instructors == ()


def test_a_plan_that_takes_long_is_left_as_it_is_when_the_time_is_over() -> None:
    plan = make_plan(14)
    assert shrink(plan, lambda shorter: True, budget_s=0.0) == plan
    assert shrink(plan, lambda shorter: True, budget=1) != plan
