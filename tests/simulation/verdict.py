"""What is said of a day on which something is wrong: first what, then how to see it again, then how little it takes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import pytest

from tests.simulation.drawing import make_plan
from tests.simulation.plan import Plan
from tests.simulation.shrink import shrink
from tests.simulation.story import lines
from tests.simulation.world import Outcome, simulate

_SHRINKING_S: Final = 240.0
"""How long a failing day is made shorter."""


def held(outcome: Outcome) -> None:
    """Fails, with everything that is needed to see it again, if an invariant did not hold."""
    if outcome.violations:
        pytest.fail("\n".join(report(outcome, shortened=True)), pytrace=False)


def finds(plans: Iterable[Plan], invariant: str) -> None:
    """Fails, and says what was found instead, if none of these days breaks the invariant."""
    seeds: list[int] = []
    others: Counter[str] = Counter()
    first: list[str] = []
    for plan in plans:
        outcome = simulate(plan)
        if invariant in outcome.invariants:
            return
        seeds.append(plan.seed)
        others.update(outcome.invariants)
        first += [f"seed {plan.seed}: {violation}" for violation in outcome.violations[:3]]
    told = [f"{invariant} held on all days: {seeds}", f"broken were {dict(others) or 'none'}", *first[:20]]
    pytest.fail("\n".join(told), pytrace=False)


def report(outcome: Outcome, *, shortened: bool) -> Iterator[str]:
    """What went wrong, how to see it again, and how little it takes, which needs minutes."""
    yield f"seed {outcome.plan.seed}: {command(outcome.plan)}"
    yield from (f"  {violation}" for violation in outcome.violations[:20])
    if shortened:
        short = shortest(outcome)
        yield "  the shortest history found:"
        yield from (f"    {line}" for line in lines(short))
        yield from (f"  {violation}" for violation in short.violations[:5])


def command(plan: Plan) -> str:
    """What runs this plan again; a plan that no seed makes is in a test."""
    if plan != make_plan(plan.seed, plan.clients):
        return "a plan of a test"
    clients = "" if plan.clients == "python" else f" --clients {plan.clients}"
    return f"python -m tests.simulation --seeds {plan.seed}{clients} --show"


def shortest(outcome: Outcome) -> Outcome:
    """A shorter day on which one of the same invariants fails."""
    wanted = outcome.invariants

    def fails(plan: Plan) -> bool:
        return bool(simulate(plan).invariants & wanted)

    return simulate(shrink(outcome.plan, fails, budget=120, budget_s=_SHRINKING_S))
