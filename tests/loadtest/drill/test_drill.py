"""A short drill of real processes: nothing is violated, and what is tampered with afterwards is found."""

import pytest
from msgspec.structs import replace

from loadtest.checker import Database, check
from loadtest.checker.database import Attempt
from loadtest.drill.drill import Plan, Result, drill
from loadtest.drill.faults import ALL
from loadtest.drill.process import Impossible

pytestmark = pytest.mark.slow


def plan(*names: str) -> Plan:
    return Plan(faults=[ALL[name] for name in names], seed=1, nodes=2, clients=20, crowd=40, seconds=1.0, rounds=1)


async def run(*names: str) -> list[Result]:
    told: list[Result] = []
    results = await drill(plan(*names), told.append, Impossible("a test stays in the network that it is in"))
    assert told == results
    for result in results:
        if result.outcome is not None:
            assert result.outcome.violations == []
            assert result.outcome.heal_s is not None
            assert result.outcome.attempts == 20
    return results


# Each starts half a dozen processes: on a machine that has other things to do that takes its time.
@pytest.mark.timeout(180)
async def test_a_node_that_dies_in_the_middle_of_a_commit_loses_nothing() -> None:
    (result,) = await run("node-kill-in-commit")
    outcome = result.outcome
    assert outcome is not None
    # The checker would have seen it: what anybody has asked for last is missing from each log.
    shortened = Database(attempts=[without_the_last_operation(attempt) for attempt in outcome.database.attempts])
    found = {violation.where for violation in check(outcome.history, shortened)}
    assert found >= {attempt.attempt_id for attempt in outcome.database.attempts}


@pytest.mark.timeout(180)
async def test_an_embedded_database_whose_disk_is_full_loses_nothing() -> None:
    (result,) = await run("sqlite-disk-full")
    if result.impossible is not None:
        pytest.skip(result.impossible)


def without_the_last_operation(attempt: Attempt) -> Attempt:
    last = max(record.seq for record in attempt.records if record.fact.get("n") is not None)
    return replace(attempt, records=attempt.records[: last - 1])
