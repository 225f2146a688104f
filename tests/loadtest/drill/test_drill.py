"""A short drill of real processes: nothing is violated, and what is tampered with afterwards is found."""

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from loadtest.checker import Database, Violation, check
from loadtest.checker.database import Attempt
from loadtest.drill.day import Day
from loadtest.drill.drill import Plan, Result, drill
from loadtest.drill.faults import ALL, Fault
from loadtest.drill.process import Impossible
from loadtest.drill.stage import Stage
from tests.loadtest.drill.careless import keep_results
from tests.loadtest.drill.credulous import believe
from tests.loadtest.drill.neglectful import neglect
from tests.loadtest.drill.planting import environment

OUTSIDE = Impossible("a test stays in the network that it is in")


def plan(*names: str) -> Plan:
    return Plan(faults=[ALL[name] for name in names], seed=1, nodes=2, clients=20, crowd=40, seconds=1.0, rounds=1)


async def run(*names: str) -> list[Result]:
    told: list[Result] = []
    results = await drill(plan(*names), told.append, OUTSIDE)
    assert told == results
    for result in results:
        if result.outcome is not None:
            assert result.outcome.violations == []
            assert result.outcome.heal_s is not None
            assert result.outcome.attempts == 20
    return results


async def days(**changes: Any) -> list[str]:
    """The seeds of the days of a plan with two faults, neither of which is possible anywhere."""

    def prepare(stage: Stage, chance: Random) -> None:
        raise Impossible("nowhere")

    async def inflict(day: Day) -> None:
        raise AssertionError

    faults = [Fault(name=name, inflict=inflict, prepare=prepare, embedded=True) for name in ("one", "other")]
    results = await drill(dataclasses.replace(plan(), faults=faults, **changes), lambda result: None, OUTSIDE)
    assert {result.impossible for result in results} == {"nowhere"}
    return [result.seed for result in results]


async def test_every_day_of_every_round_has_a_seed_of_its_own() -> None:
    assert await days(seed=7, rounds=2) == ["7/one/0", "7/other/0", "7/one/1", "7/other/1"]


async def test_one_day_again() -> None:
    assert await days(seed=7, first_round=3) == ["7/one/3", "7/other/3"]


async def test_further_rounds_follow_until_the_time_is_over() -> None:
    seeds = await days(minutes=0.005)
    assert len(seeds) > 2
    assert seeds == [f"1/{name}/{number}" for number in range(len(seeds)) for name in ("one", "other")][: len(seeds)]


async def test_no_round_is_left_out_when_the_time_is_over() -> None:
    assert len(await days(minutes=1e-9, rounds=3)) == 6


# Each starts half a dozen processes: on a machine that has other things to do that takes its time.
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", ["sqlite-node-kill", pytest.param("node-kill-in-commit", marks=pytest.mark.long)])
async def test_a_node_that_dies_loses_nothing(fault: str) -> None:
    (result,) = await run(fault)
    outcome = result.outcome
    assert outcome is not None
    # The checker would have seen it: what anybody has asked for last is missing from each log.
    shortened = Database(attempts=[without_the_last_operation(attempt) for attempt in outcome.database.attempts])
    found = {violation.where for violation in check(outcome.history, shortened)}
    assert found >= {attempt.attempt_id for attempt in outcome.database.attempts}


# `tests/server/test_full_disk.py` holds the same of one server in each run.
@pytest.mark.long
@pytest.mark.timeout(180)
async def test_an_embedded_database_whose_disk_is_full_loses_nothing() -> None:
    (result,) = await run("sqlite-disk-full")
    if result.impossible is not None:
        pytest.skip(result.impossible)


# `tests/server/test_hostile_relay.py` holds the same of two nodes in each run.
@pytest.mark.long
@pytest.mark.timeout(180)
async def test_somebody_who_writes_to_redis_changes_nothing() -> None:
    (result,) = await run("redis-hostile")
    assert result.outcome is not None


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_nodes_that_believe_what_redis_says_are_found_out(tmp_path: Path) -> None:
    assert "I7" in {violation.invariant for violation in await violations_of("redis-hostile", believe, tmp_path)}


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_nodes_that_leave_something_of_an_erased_person_are_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadtest.drill.erasing._SHOWN_WITHIN_S", 0.0)
    found = await violations_of("sqlite-node-kill", keep_results, tmp_path)
    assert "erasure" in {violation.invariant for violation in found}
    assert {violation.what for violation in found} >= {"is still in pencilsdown.sqlite3", "is still in results"}


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_nodes_that_neglect_some_of_many_are_found_out(tmp_path: Path) -> None:
    found = await violations_of("sqlite-node-kill-in-acts", neglect, tmp_path)
    assert {violation.invariant for violation in found} >= {"I14", "I15"}


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_what_is_done_to_many_survives_the_deaths_of_nodes() -> None:
    (result,) = await run("node-kill-in-acts")
    assert result.outcome is not None
    database = result.outcome.database
    assert {act.command for act in database.acts if act.done} >= {"extend", "message"}
    assert any(record.kind == "regraded" for attempt in database.attempts for record in attempt.records)


async def violations_of(name: str, plant: Callable[[], None], folder: Path) -> list[Violation]:
    """What is found on a day of this fault whose nodes have another one planted in them."""
    fault = ALL[name]

    def prepare(stage: Stage, chance: Random) -> None:
        fault.prepare(stage, chance)
        stage.special = {node: environment(folder, plant) for node in stage.names}

    planted = dataclasses.replace(plan(), faults=[dataclasses.replace(fault, prepare=prepare)])
    (result,) = await drill(planted, lambda result: None, OUTSIDE)
    if result.kept is not None:
        shutil.rmtree(result.kept.parent)
    assert result.outcome is not None
    return result.outcome.violations


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_a_version_that_knows_more_writes_it_only_when_every_node_does() -> None:
    (result,) = await run("upgrade-ahead")
    assert result.impossible is None, result.impossible


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_the_version_before_is_replaced_under_load() -> None:
    (result,) = await run("rolling-upgrade")
    if result.impossible is not None:
        pytest.skip(result.impossible)


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_commit_whose_answer_is_lost_on_the_way_is_lost_to_nobody(tmp_path: Path) -> None:
    """As an operator runs it: only a process of its own can be in a network of its own."""
    report = tmp_path / "report.json"
    sizes = ["--clients", "20", "--seconds", "1", "--report", str(report)]
    done = subprocess.run(
        [sys.executable, "-m", "loadtest", "drill", "--faults", "partition-one-way", *sizes],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = json.loads(report.read_text())["faults"]
    if line["impossible"] is not None:
        pytest.skip(line["impossible"])
    assert (line["runs"], line["attempts"], line["violations"]) == (1, 20, 0)


def without_the_last_operation(attempt: Attempt) -> Attempt:
    last = max(record.seq for record in attempt.records if record.fact.get("n") is not None)
    return replace(attempt, records=attempt.records[: last - 1])
