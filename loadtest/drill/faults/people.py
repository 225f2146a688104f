"""People and their devices: two that fight for one attempt, and everybody who comes back at one moment."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.exams import make_answer
from loadtest.drill.faults.fault import Fault
from protocol.messages.operations import Answer

_FIGHTERS: Final = 12


async def _fight(day: Day) -> None:
    """Each takes the attempt from the other, and both answer before they have heard of it."""
    fighters = [sitter for sitter in day.sitters if sitter.attempt_id is not None][:_FIGHTERS]
    until_s = time.monotonic() + day.seconds
    async with day.trouble("network", "devices"):
        while time.monotonic() < until_s:
            for sitter in fighters:
                old = sitter.device
                sitter.open_device()
                for device in (old, sitter.device):
                    if device is not None:
                        for _ in range(day.chance.randint(1, 4)):
                            device.ask(Answer, *make_answer(day.chance, sitter.org, None))
                await asyncio.sleep(day.chance.uniform(0, 0.05))
            await asyncio.sleep(day.chance.uniform(0.1, 0.6))


async def _stampede(day: Day) -> None:
    """Every connection is cut at one moment, twice. Until everybody is back the nodes have no time for anything else,
    and on so small a machine that is a fault of its own."""
    for _ in range(2):
        async with AsyncExitStack() as troubles:
            for node in day.stage.nodes:
                await troubles.enter_async_context(day.trouble("rush", node.name))
            await day.scatter()
            await day.until_back()
        await asyncio.sleep(day.seconds / 2)


FAULTS: Final = (
    Fault(name="two-devices", inflict=_fight),
    Fault(name="stampede", inflict=_stampede, crowd=True),
)
