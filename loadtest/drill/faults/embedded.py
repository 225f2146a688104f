"""The embedded database: its disk full, its disk going."""

import asyncio
import subprocess
from pathlib import Path
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import Impossible, find_program
from loadtest.drill.stage import Stage

_SOURCE: Final = Path(__file__).parents[1] / "io_error.c"
_SWITCH: Final = "io-error"


async def _fill(day: Day) -> None:
    disk = day.stage.disk
    if disk is None:
        raise Impossible("a disk of its own needs root and mount")
    async with day.trouble("database", "disk"):
        disk.fill()
        try:
            await asyncio.sleep(day.seconds)
        finally:
            disk.drain()


def _preloaded(stage: Stage, chance: Random) -> None:
    library = stage.folder / "io_error.so"
    done = subprocess.run(  # noqa: S603
        [find_program("cc"), "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise Impossible(f"the C compiler says: {done.stderr.strip()}")
    stage.special["node-1"] = {"LD_PRELOAD": str(library), "DRILL_IO_ERROR": str(stage.folder / _SWITCH)}


async def _break(day: Day) -> None:
    switch = day.stage.folder / _SWITCH
    for _ in range(2):
        async with day.trouble("database", "disk"):
            switch.touch()
            await asyncio.sleep(day.seconds / 2)
            switch.unlink()
        await asyncio.sleep(day.seconds / 2)


FAULTS: Final = (
    Fault(name="sqlite-disk-full", inflict=_fill, embedded=True),
    Fault(name="sqlite-io-error", inflict=_break, prepare=_preloaded, embedded=True),
)
