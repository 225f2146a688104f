"""Nothing comes alone: a node, Redis, the database and the network fail at the same time."""

import asyncio
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults import database, network, nodes, relay
from loadtest.drill.faults.fault import Fault

_AT_ONCE: Final = (
    ("node-kill", "node-freeze"),
    ("redis-kill", "redis-freeze", "redis-restart"),
    ("postgres-restart", "postgres-freeze", "postgres-cut"),
    ("network-rough", "slow-readers"),
)
_KNOWN: Final = {fault.name: fault for module in (nodes, relay, database, network) for fault in module.FAULTS}


async def _storm(day: Day) -> None:
    """One of each kind, each beginning a little after another."""
    chosen = [_KNOWN[day.chance.choice(names)] for names in _AT_ONCE]
    async with asyncio.TaskGroup() as group:
        for fault in chosen:
            group.create_task(_later(day, fault, day.chance.uniform(0, day.seconds / 2)))


async def _later(day: Day, fault: Fault, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    await fault.inflict(day)


FAULTS: Final = (Fault(name="storm", inflict=_storm),)
