"""PostgreSQL: restarted without a word, frozen, cut off, slow to sync, its disk full; and silence on the way to it."""

import asyncio
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import HOST, Impossible
from loadtest.drill.proxy import Proxy
from loadtest.drill.stage import Stage

_SILENT: Final = "node-2"


async def _restart(day: Day) -> None:
    postgres = day.stage.postgres
    async with day.trouble("database", "postgres"):
        await postgres.stop_at_once()
        await asyncio.sleep(day.seconds / 2)
        await postgres.start()


async def _freeze(day: Day) -> None:
    postgres = day.stage.postgres
    async with day.trouble("database", "postgres"):
        postgres.freeze()
        await asyncio.sleep(day.seconds)
        postgres.thaw()


async def _cut(day: Day) -> None:
    for _ in range(6):
        async with day.trouble("database", "postgres"):
            await day.stage.postgres.cut()
        await asyncio.sleep(day.seconds / 6)


async def _sync_slowly(day: Day) -> None:
    postgres = day.stage.postgres
    async with day.trouble("database", "postgres"):
        await postgres.sync_slowly(True)
        await asyncio.sleep(day.seconds)
        await postgres.sync_slowly(False)


def _with_disk(stage: Stage, chance: Random) -> None:
    if stage.postgres.disk is None:
        raise Impossible("a disk of its own needs root and mount")


async def _fill(day: Day) -> None:
    postgres = day.stage.postgres
    assert postgres.disk is not None
    async with day.trouble("database", "postgres"):
        postgres.disk.fill()
        try:
            await asyncio.sleep(day.seconds)
        finally:
            postgres.disk.drain()
        await postgres.start()


def _through_a_proxy(stage: Stage, chance: Random) -> None:
    stage.through[_SILENT] = Proxy([(HOST, stage.postgres.port)], chance)


async def _part(day: Day) -> None:
    """Half-open: the sockets stay, and nothing comes any more, not even their end."""
    proxy = day.stage.through[_SILENT]
    async with day.trouble("cut", _SILENT):
        proxy.fall_silent()
        await asyncio.sleep(day.seconds + 2)
        proxy.speak_again()


FAULTS: Final = (
    Fault(name="postgres-restart", inflict=_restart),
    Fault(name="postgres-freeze", inflict=_freeze),
    Fault(name="postgres-cut", inflict=_cut),
    Fault(name="postgres-slow-sync", inflict=_sync_slowly),
    Fault(name="postgres-disk-full", inflict=_fill, prepare=_with_disk),
    Fault(name="database-silent", inflict=_part, prepare=_through_a_proxy),
)
