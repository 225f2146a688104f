"""The wall clock of one node jumps by an hour, forth and back. Deadlines must not notice."""

import asyncio
from pathlib import Path
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.process import Impossible
from loadtest.drill.stage import Stage

_JUMPER: Final = "node-2"
_FILE: Final = "wall-clock"


def find_library() -> Path | None:
    """The library that shows a process another time."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def _preloaded(stage: Stage, chance: Random) -> None:
    library = find_library()
    if library is None:
        raise Impossible("libfaketime is not installed (on Debian: apt-get install libfaketime)")
    (stage.folder / _FILE).write_text("+0\n")
    stage.special[_JUMPER] = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(stage.folder / _FILE),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
    }


async def _jump(day: Day) -> None:
    file = day.stage.folder / _FILE
    for offset in ("+1h", "-1h", "+0"):
        file.write_text(f"{offset}\n")
        await asyncio.sleep(day.seconds / 3)


async def _start_in_the_wrong_hour(day: Day) -> None:
    """A node whose wall clock is wrong, ahead and then behind, is killed and comes back: the clock that counts is the
    database's."""
    node = next(one for one in day.stage.nodes if one.name == _JUMPER)
    for offset in ("+1h", "-1h"):
        (day.stage.folder / _FILE).write_text(f"{offset}\n")
        async with day.trouble("node", node.name):
            await node.kill()
            await node.start()
        await asyncio.sleep(day.seconds / 2)


FAULTS: Final = (
    Fault(name="clock-jump", inflict=_jump, prepare=_preloaded),
    Fault(name="clock-wrong-at-start", inflict=_start_in_the_wrong_hour, prepare=_preloaded),
)
