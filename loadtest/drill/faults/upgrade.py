"""A rolling upgrade as the operator's guide has it: new tables under the old version, then one node after the other."""

import asyncio
from random import Random
from typing import Final

from loadtest.checker.kinds import LATER
from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import StageError
from loadtest.drill.stage import Stage
from loadtest.drill.tomorrow import KIND, tomorrow
from loadtest.drill.version import CURRENT, older


def _with_the_version_before(stage: Stage, chance: Random) -> None:
    stage.version = older(stage.folder / "older", stage.revision)


async def _upgrade(day: Day) -> None:
    """Nobody is told to wait: the tables change while everybody works, and both versions serve side by side."""
    stage = day.stage
    await stage.migrate(CURRENT)
    if not await stage.spare_node().refuses_to_start():
        raise StageError("a node of the old version has started on the new tables, and should have refused")
    await asyncio.sleep(day.seconds / 2)
    for node in stage.nodes:
        async with day.trouble("node", node.name):
            status = await node.drain()
            if status != 0:
                raise StageError(f"{node.name} was told to stop, and ended with {status}")
            stage.upgrade(node, CURRENT)
            await node.start()
        await asyncio.sleep(day.seconds / 2)


async def _upgrade_to_tomorrow(day: Day) -> None:
    """The new version has a migration more, and knows a kind of fact, fields and a capability that the running one
    lacks. It writes none of them before the last old node has gone; then it does."""
    stage = day.stage
    version = tomorrow(stage.folder / "tomorrow")
    LATER.add(KIND)
    await stage.migrate(version)
    if not await stage.spare_node().refuses_to_start():
        raise StageError("a node of the old version has started on the new tables, and should have refused")
    for node in stage.nodes:
        if await stage.archive.count(KIND):
            raise StageError(f"{KIND} was written while a node served that can't read it")
        async with day.trouble("node", node.name):
            status = await node.drain()
            if status != 0:
                raise StageError(f"{node.name} was told to stop, and ended with {status}")
            stage.upgrade(node, version)
            await node.start()
        if node is not stage.nodes[-1]:
            await asyncio.sleep(day.seconds / 2)
    give_up_at = asyncio.get_running_loop().time() + _RISES_S
    while not await stage.archive.count(KIND):
        if asyncio.get_running_loop().time() > give_up_at:
            raise StageError(f"nobody has written {KIND}, although every node knows it")
        await asyncio.sleep(0.5)


_RISES_S: Final = 60.0
"""Until the nodes have noticed that they all speak the new version, and staff have written a message."""

FAULTS: Final = (
    Fault(name="rolling-upgrade", inflict=_upgrade, prepare=_with_the_version_before),
    Fault(name="upgrade-ahead", inflict=_upgrade_to_tomorrow),
)
