"""A whole drill: one day for each fault, each with a database and nodes of its own."""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.checker.history import to_line
from loadtest.drill.day import Day, Outcome
from loadtest.drill.faults import Fault
from loadtest.drill.process import Impossible
from loadtest.drill.stage import Servers, Stage

PACE_S: Final = 0.7
"""About how long a candidate thinks about an answer."""

_CROWD_PACE_S: Final = 6.0
"""In a crowd, so that it is the coming back that is tried and not the answering."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to do. `seconds` is how long a fault lasts; `crowd` how many come back at once in a stampede.
    `keep`: what was recorded stays, also where nothing is wrong."""

    faults: Sequence[Fault]
    seed: int
    nodes: int
    clients: int
    crowd: int
    seconds: float
    rounds: int
    keep: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One day. `impossible` says why there was none on this machine; `kept` is where its history and logs stay."""

    fault: str
    seed: str
    outcome: Outcome | None
    impossible: str | None
    kept: Path | None
    took_s: float


async def drill(plan: Plan, told: Callable[[Result], None]) -> list[Result]:
    """Raises `StageError` where PostgreSQL, Redis or the nodes could not even be started."""
    folder = Path(tempfile.mkdtemp(prefix="pencilsdown-drill-"))
    results: list[Result] = []
    try:
        if all(fault.embedded for fault in plan.faults):
            await _all_days(plan, None, folder, results, told)
        else:
            async with Servers(folder) as servers:
                await _all_days(plan, servers, folder, results, told)
    finally:
        if all(result.kept is None for result in results):
            shutil.rmtree(folder, ignore_errors=True)
    return results


async def _all_days(
    plan: Plan, servers: Servers | None, folder: Path, results: list[Result], told: Callable[[Result], None]
) -> None:
    for number in range(plan.rounds):
        for fault in plan.faults:
            result = await _one_day(plan, fault, number, servers, folder)
            results.append(result)
            told(result)


async def _one_day(plan: Plan, fault: Fault, number: int, servers: Servers | None, folder: Path) -> Result:
    seed = f"{plan.seed}/{fault.name}/{number}"
    chance = random.Random(seed)
    place = folder / f"{fault.name}-{number}"
    place.mkdir()
    began_s = time.monotonic()

    def result(outcome: Outcome | None, impossible: str | None, kept: Path | None) -> Result:
        took_s = round(time.monotonic() - began_s, 1)
        return Result(fault=fault.name, seed=seed, outcome=outcome, impossible=impossible, kept=kept, took_s=took_s)

    stage = Stage(None if fault.embedded else servers, place, plan.nodes, chance)
    try:
        fault.prepare(stage, chance)
        async with stage:
            outcome = await _day(plan, fault, stage, chance).run(fault.inflict)
    except Impossible as error:
        return result(None, str(error), None)
    if not plan.keep and not outcome.violations and outcome.heal_s is not None:
        shutil.rmtree(place, ignore_errors=True)
        return result(outcome, None, None)
    with (place / "history.jsonl").open("wb") as file:
        file.writelines(to_line(event) for event in outcome.history)
    (place / "violations.txt").write_text("".join(f"{violation}\n" for violation in outcome.violations))
    return result(outcome, None, place)


def _day(plan: Plan, fault: Fault, stage: Stage, chance: random.Random) -> Day:
    if fault.crowd:
        return Day(stage, chance, clients=plan.crowd, pace_s=_CROWD_PACE_S, seconds=plan.seconds)
    return Day(stage, chance, clients=plan.clients, pace_s=PACE_S, seconds=plan.seconds)
