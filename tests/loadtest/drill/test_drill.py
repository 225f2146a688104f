"""A short drill of real processes: nothing is violated, and what is tampered with afterwards is found."""

from msgspec.structs import replace

from loadtest.checker import Database, check
from loadtest.drill.day import Outcome
from loadtest.drill.drill import Plan, Result, drill
from loadtest.drill.faults import ALL


def plan(*names: str) -> Plan:
    return Plan(faults=[ALL[name] for name in names], seed=1, nodes=2, clients=24, crowd=40, seconds=2.0, rounds=1)


async def run(*names: str) -> list[Outcome]:
    told: list[Result] = []
    results = await drill(plan(*names), told.append)
    assert told == results
    assert [result.impossible for result in results] == [None] * len(names)
    outcomes = [result.outcome for result in results if result.outcome is not None]
    for outcome in outcomes:
        assert outcome.violations == []
        assert outcome.heal_s is not None
        assert outcome.attempts == 24
    return outcomes


async def test_a_node_that_dies_in_the_middle_of_a_commit_loses_nothing() -> None:
    (outcome,) = await run("node-kill-in-commit")
    # The checker would have seen it: without its last records no log is what was acknowledged.
    shortened = Database(
        attempts=[replace(attempt, records=attempt.records[:-1]) for attempt in outcome.database.attempts]
    )
    found = {violation.where for violation in check(outcome.history, shortened)}
    assert found >= {attempt.attempt_id for attempt in outcome.database.attempts}


async def test_an_embedded_node_that_dies_loses_nothing() -> None:
    await run("sqlite-node-kill")
