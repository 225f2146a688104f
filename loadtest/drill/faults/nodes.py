"""Nodes that die, before, in and after a commit; that stand still; that are replaced one by one."""

import asyncio
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.node import Node
from loadtest.drill.process import StageError
from loadtest.drill.stage import Stage

_PATIENCE_S: Final = 5.5
"""Longer than any heartbeat is waited for, on either side."""
_DEATHS: Final = 2
_BUSY_S: Final = 0.5
"""About as long as it takes to serve everybody."""


async def _kill(day: Day) -> None:
    node = day.chance.choice(day.stage.nodes)
    async with day.trouble("node", node.name):
        await node.kill()
        await asyncio.sleep(_away_s(day))
        await node.start()


def _away_s(day: Day) -> float:
    """Until a node that is gone is started again; the only one sooner, as a supervisor does."""
    return day.seconds if len(day.stage.nodes) > 1 else day.seconds / 3


async def _kill_while_redis_stands(day: Day) -> None:
    """Nobody can be told that it is gone."""
    redis = day.stage.redis
    async with day.trouble("relay", "redis"):
        redis.freeze()
        try:
            await _kill(day)
        finally:
            redis.thaw()


async def _kill_in_acts(day: Day) -> None:
    """Nodes die again and again while there is something to do for every attempt."""
    await day.until_some_are_marked()
    for _ in range(_DEATHS):
        node = day.chance.choice(day.stage.nodes)
        await day.give_to_all()
        await asyncio.sleep(day.chance.uniform(0, _BUSY_S))
        async with day.trouble("node", node.name):
            await node.kill()
            await asyncio.sleep(_away_s(day) / _DEATHS)
            await node.start()


def _armed(point: str, *, embedded: bool = False) -> Fault:
    # One that is alone writes everything, and SQLite does it in smaller pieces.
    first = 350 if embedded else 100

    def prepare(stage: Stage, chance: Random) -> None:
        stage.first_start["node-1"] = {"PENCILSDOWN_FAILPOINTS": f"{point}:{first + chance.randint(0, 80)}"}

    async def inflict(day: Day) -> None:
        node = day.stage.nodes[0]
        async with day.trouble("node", node.name):
            if not await node.until_dead(30):
                raise StageError(f"{node.name} has not come to its failpoint")
            await asyncio.sleep(_away_s(day))
            await node.start()

    name = f"{'sqlite-' if embedded else ''}node-kill-{point.replace('.', '-')}"
    return Fault(name=name, inflict=inflict, prepare=prepare, embedded=embedded)


async def _freeze(day: Day) -> None:
    node = day.chance.choice(day.stage.nodes)
    async with day.trouble("stall", node.name):
        node.freeze()
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        node.thaw()


async def _roll(day: Day) -> None:
    for node in day.stage.nodes:
        await _replace(day, node)


async def _replace(day: Day, node: Node) -> None:
    async with day.trouble("node", node.name):
        status = await node.drain()
        if status != 0:
            raise StageError(f"{node.name} was told to stop, and ended with {status}")
        await node.start()
    await asyncio.sleep(day.seconds / 4)


FAULTS: Final = (
    Fault(name="node-kill", inflict=_kill),
    *(_armed(point) for point in ("before.commit", "in.commit", "after.commit")),
    Fault(name="node-freeze", inflict=_freeze),
    Fault(name="rolling-restart", inflict=_roll),
    Fault(name="node-kill-redis-frozen", inflict=_kill_while_redis_stands),
    Fault(name="node-kill-in-acts", inflict=_kill_in_acts),
    Fault(name="sqlite-node-kill", inflict=_kill, embedded=True),
    Fault(name="sqlite-node-kill-in-acts", inflict=_kill_in_acts, embedded=True),
    _armed("in.commit", embedded=True),
)
