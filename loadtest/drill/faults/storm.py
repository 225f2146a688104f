"""A node, Redis, the database and the network fail at the same time."""

import asyncio
from contextlib import suppress
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults import database, network, nodes, partition, relay
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import Impossible

_AT_ONCE: Final = (
    ("node-kill", "node-freeze"),
    ("redis-kill", "redis-freeze", "redis-restart"),
    ("postgres-restart", "postgres-freeze", "postgres-cut", "partition-database", "partition-one-way"),
    ("network-rough", "slow-readers", "partition-clients"),
)
_KNOWN: Final = {
    fault.name: fault for module in (nodes, relay, database, partition, network) for fault in module.FAULTS
}


async def _storm(day: Day) -> None:
    """One of each kind that is possible here, each beginning a little after another."""
    chosen = [day.chance.choice([_KNOWN[name] for name in names if _is_possible(name, day)]) for names in _AT_ONCE]
    async with asyncio.TaskGroup() as group:
        for fault in chosen:
            group.create_task(_later(day, fault, day.chance.uniform(0, day.seconds / 2)))


def _is_possible(name: str, day: Day) -> bool:
    try:
        _KNOWN[name].prepare(day.stage, day.chance)
    except Impossible:
        return False
    return True


async def _later(day: Day, fault: Fault, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    # A node that is dead or stands still may have nothing to lose.
    with suppress(partition.NothingLost):
        await fault.inflict(day)


FAULTS: Final = (Fault(name="storm", inflict=_storm),)
