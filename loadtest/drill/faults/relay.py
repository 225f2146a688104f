"""Redis: killed, frozen, restarted, its subscribers cut, in the hands of somebody else. Slower to notice things, and
never wrong."""

import asyncio
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.meddler import Meddler
from loadtest.drill.process import StageError
from loadtest.drill.stage import Stage


async def _kill(day: Day) -> None:
    async with day.trouble("relay", "redis"):
        await day.stage.redis.kill()
        await asyncio.sleep(day.seconds)
        await day.stage.redis.start()


async def _freeze(day: Day) -> None:
    async with day.trouble("relay", "redis"):
        day.stage.redis.freeze()
        await asyncio.sleep(day.seconds)
        day.stage.redis.thaw()


async def _restart(day: Day) -> None:
    for _ in range(3):
        async with day.trouble("relay", "redis"):
            await day.stage.redis.kill()
            await day.stage.redis.start()
        await asyncio.sleep(day.seconds / 3)


async def _cut(day: Day) -> None:
    for _ in range(6):
        async with day.trouble("relay", "subscribers"):
            await day.stage.redis.cut_subscribers()
        await asyncio.sleep(day.seconds / 6)


def _through_a_meddler(stage: Stage, chance: Random) -> None:
    stage.meddler = Meddler(stage.redis.port, chance)


async def _meddle(day: Day) -> None:
    meddler = day.stage.meddler
    assert meddler is not None
    async with day.trouble("relay", "redis"):
        await meddler.meddle(day.seconds)
    if not meddler.forged:
        raise StageError("nobody listened to what was forged")


FAULTS: Final = (
    Fault(name="redis-kill", inflict=_kill),
    Fault(name="redis-freeze", inflict=_freeze),
    Fault(name="redis-restart", inflict=_restart),
    Fault(name="redis-cut-subscribers", inflict=_cut),
    Fault(name="redis-hostile", inflict=_meddle, prepare=_through_a_meddler),
)
