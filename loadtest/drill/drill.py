"""A whole drill: one day for each fault, each with a database and nodes of its own."""

import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from loadtest.checker.history import to_line
from loadtest.drill import attendance
from loadtest.drill.day import Day, Outcome
from loadtest.drill.faults import Fault
from loadtest.drill.namespace import Namespace
from loadtest.drill.process import Impossible
from loadtest.drill.stage import HEARTBEAT_MS, Servers, Stage
from protocol import limits

_SOCKETS_EACH: Final = 3
"""Our sockets for one client behind our own balancer: the client's, and both of the balancer's."""
_SOCKETS_OF_OURS: Final = 500
_LARGE: Final = 1_000
"""From this crowd on, heartbeats are as rare as the settings allow; otherwise they would take all the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to do. `seconds` is how long a fault lasts; `crowd` how many come back at once in a stampede. Rounds begin
    at `first_round`; with `minutes` further ones follow until they are over. `older` is the revision that
    rolling-upgrade begins with. `keep`: what was recorded stays, also where nothing is wrong."""

    faults: Sequence[Fault]
    seed: int
    nodes: int
    clients: int
    crowd: int
    seconds: float
    rounds: int
    first_round: int = 0
    minutes: float = 0.0
    older: str | None = None
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


async def drill(plan: Plan, told: Callable[[Result], None], network: Namespace | Impossible) -> list[Result]:
    """`network` is the one that this process is in, or why it has none of its own. Raises `StageError` where the
    servers or the nodes could not even be started."""
    folder = Path(tempfile.mkdtemp(prefix="pencilsdown-drill-"))
    results: list[Result] = []
    try:
        own = None if isinstance(network, Impossible) else network
        if own is not None:
            await own.open()
        if all(fault.embedded for fault in plan.faults):
            await _all_days(plan, None, network, folder, results, told)
        else:
            async with Servers(folder, own, plan.nodes) as servers:
                await _all_days(plan, servers, network, folder, results, told)
    finally:
        if all(result.kept is None for result in results):
            shutil.rmtree(folder, ignore_errors=True)
    return results


async def _all_days(
    plan: Plan,
    servers: Servers | None,
    network: Namespace | Impossible,
    folder: Path,
    results: list[Result],
    told: Callable[[Result], None],
) -> None:
    until_s = time.monotonic() + plan.minutes * 60
    for number in count(plan.first_round):
        for fault in plan.faults:
            if number >= plan.first_round + plan.rounds and time.monotonic() >= until_s:
                return
            result = await _one_day(plan, fault, number, servers, network, folder)
            results.append(result)
            told(result)


async def _one_day(
    plan: Plan, fault: Fault, number: int, servers: Servers | None, network: Namespace | Impossible, folder: Path
) -> Result:
    seed = f"{plan.seed}/{fault.name}/{number}"
    chance = random.Random(seed)
    place = folder / f"{fault.name}-{number}"
    place.mkdir()
    began_s = time.monotonic()

    def result(outcome: Outcome | None, impossible: str | None, kept: Path | None) -> Result:
        took_s = round(time.monotonic() - began_s, 1)
        return Result(fault=fault.name, seed=seed, outcome=outcome, impossible=impossible, kept=kept, took_s=took_s)

    try:
        heartbeat_ms = limits.HEARTBEAT_MS if fault.crowd and plan.crowd >= _LARGE else HEARTBEAT_MS
        stage = Stage(None if fault.embedded else servers, place, plan.nodes, chance, network, heartbeat_ms)
        stage.revision = plan.older
        if fault.crowd and isinstance(network, Impossible):
            _enough_sockets(plan.crowd)
        fault.prepare(stage, chance)
        async with stage:
            if fault.crowd and not isinstance(network, Impossible):
                await stage.balance_in_the_kernel()
            come = attendance.crowd(plan.crowd) if fault.crowd else attendance.ordinary(plan.clients)
            day = Day(stage, chance, come, plan.seconds)
            try:
                outcome = await day.run(fault.inflict)
            finally:
                await day.close()
    except Impossible as error:
        return result(None, str(error), None)
    if not plan.keep and not outcome.violations and outcome.heal_s is not None:
        shutil.rmtree(place, ignore_errors=True)
        return result(outcome, None, None)
    with (place / "history.jsonl").open("wb") as file:
        file.writelines(to_line(event) for event in outcome.history)
    (place / "violations.txt").write_text("".join(f"{violation}\n" for violation in outcome.violations))
    return result(outcome, None, place)


def _enough_sockets(crowd: int) -> None:
    most = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _SOCKETS_OF_OURS) // _SOCKETS_EACH
    if crowd > most:
        raise Impossible(f"without a network of its own this process may have sockets for {most}")
