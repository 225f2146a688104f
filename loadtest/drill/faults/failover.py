"""A database on three machines that fails over: the primary killed, cut off, frozen, relieved; a standby killed; and
one that does not, while nobody can tell who leads."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from loadtest.checker import Violation
from loadtest.drill.day import Day
from loadtest.drill.failover.machine import Machine
from loadtest.drill.faults.fault import Fault
from loadtest.drill.stage import Stage

ANNOUNCED_S: Final = 30.0
"""The time in which everybody is served again, as docs/operations.md announces it: 15 s until the lock of a primary
that is gone runs out, some more where it took the leader of etcd along, and the rest until all find its successor."""
_WHOLE_S: Final = 90.0
"""Until a machine that was away takes part again."""
_AWAY_S: Final = 30.0
"""Twice as long as the lock of the primary is good for."""
_AT_ONCE_S: Final = 5.0
"""For an answer that no failover holds up, on a busy machine."""
_DEAF_S: Final = 2.0
"""After so long what is asked for can't have been answered by the primary that is gone."""


def _on_three_machines(stage: Stage, chance: Random) -> None:
    assert stage.network is not None  # raises `Impossible` where there is none
    stage.fails_over = True


async def _until_served(day: Day, what: str, announced_s: float = ANNOUNCED_S) -> None:
    await asyncio.sleep(_DEAF_S)
    took_s = await day.until_served(announced_s - _DEAF_S)
    if took_s is None:
        day.found.append(Violation("I11", what, f"not everybody was served within the {announced_s:.0f} s announced"))


async def _gone(day: Day, what: str, goes: Callable[[Machine], Awaitable[None]]) -> Machine:
    """The primary is gone, and another one takes its place. Returns the former one."""
    former = await day.stage.cluster.having("leader")
    async with day.trouble("database", former.name):
        await goes(former)
        await _until_served(day, what)
    await day.stage.cluster.until_replaced(former, ANNOUNCED_S)
    return former


async def _kill(day: Day) -> None:
    """Then the old primary comes back, with whatever it had written that nobody else has."""
    former = await _gone(day, "kill of the primary", Machine.kill)
    await former.start()
    await day.stage.cluster.until_whole(_WHOLE_S)


async def _part(day: Day) -> None:
    """Nobody reaches the primary, and it reaches nobody."""
    await _cut(day, from_nodes=True)


async def _part_from_others(day: Day) -> None:
    """The nodes go on reaching the old primary, which knows nothing of the new one; only the other machines do not."""
    await _cut(day, from_nodes=False)


async def _cut(day: Day, *, from_nodes: bool) -> None:
    bridge = day.stage.cluster.bridge

    async def goes(former: Machine) -> None:
        await bridge.cut(former.address, from_nodes=from_nodes)

    try:
        await _gone(day, "partition of the primary", goes)
    finally:
        await bridge.heal()
    await day.stage.cluster.until_whole(_WHOLE_S)


async def _freeze(day: Day) -> None:
    """The old primary wakes up when another one has long been there, and does not know it yet."""

    async def goes(former: Machine) -> None:
        former.freeze()

    former = await _gone(day, "freeze of the primary", goes)
    former.thaw()
    await day.stage.cluster.until_whole(_WHOLE_S)


async def _switch_over(day: Day) -> None:
    """As before the primary is restarted on purpose; there and back."""
    cluster = day.stage.cluster
    for _ in range(2):
        former = await cluster.having("leader")
        async with day.trouble("database", former.name):
            await cluster.switch_over()
            await _until_served(day, "switchover")
        await cluster.until_whole(_WHOLE_S)


async def _kill_standby(day: Day) -> None:
    """Both confirm every commit: until the primary does without this one, no commit is done."""
    cluster = day.stage.cluster
    standby = await cluster.having("sync_standby")
    async with day.trouble("database", standby.name):
        await standby.kill()
        await _until_served(day, "kill of a standby")
    await standby.start()
    await cluster.until_whole(_WHOLE_S)


async def _lose_etcd(day: Day) -> None:
    """No lock can be renewed or taken. The primary reaches both others and stays one, and everybody is served as on any
    other day: no trouble is on record that would excuse a wait."""
    cluster, what = day.stage.cluster, "loss of etcd"
    before = await cluster.primary()
    await cluster.lose_etcd()
    gone_s = time.monotonic()
    while time.monotonic() < gone_s + _AWAY_S:
        if await day.until_served(_AT_ONCE_S) is None:
            day.found.append(Violation("I11", what, f"not everybody was served within {_AT_ONCE_S:.0f} s"))
        await asyncio.sleep(1)
    await cluster.find_etcd()
    await cluster.until_whole(_WHOLE_S)
    if (after := await cluster.primary()) != before:
        day.found.append(Violation("I11", what, f"{before} was the primary, by name and timeline, and now is {after}"))


FAULTS: Final = tuple(
    Fault(name=name, inflict=inflict, prepare=_on_three_machines)
    for name, inflict in (
        ("failover-kill", _kill),
        ("failover-partition", _part),
        ("failover-partition-others", _part_from_others),
        ("failover-freeze", _freeze),
        ("failover-switchover", _switch_over),
        ("failover-standby-kill", _kill_standby),
        ("failover-etcd-loss", _lose_etcd),
    )
)
