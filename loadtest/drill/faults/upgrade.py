"""A rolling upgrade as the operator's guide has it: new tables under the old version, then one node after the other."""

import asyncio
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import StageError
from loadtest.drill.stage import Stage
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


FAULTS: Final = (Fault(name="rolling-upgrade", inflict=_upgrade, prepare=_with_the_version_before),)
