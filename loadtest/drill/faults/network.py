"""The way between clients and nodes: rough, silent, or with clients at its end that do not read."""

import asyncio
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.proxy import Roughness

_PATIENCE_S: Final = 5.5
"""Longer than any heartbeat is waited for, on either side."""
_SLOW_SHARE: Final = 0.4
_ROUGH: Final = Roughness(delay_s=0.06, split=0.3, cut=0.01, duplicate=0.3)


async def _roughen(day: Day) -> None:
    """Delayed, split, cut in the middle of a frame; and a hello that arrives twice, on a connection of its own."""
    balancer = day.stage.balancer
    async with day.trouble("network", "balancer"):
        balancer.rough = _ROUGH
        # Old connections are as they were: the duplicates are among those that come now.
        balancer.cut_all()
        await asyncio.sleep(day.seconds)
        balancer.rough = None


async def _silence(day: Day) -> None:
    """Half-open: every socket stays, and nothing comes any more on either side."""
    async with day.trouble("network", "balancer"):
        day.stage.balancer.fall_silent()
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        day.stage.balancer.speak_again()


async def _read_slowly(day: Day) -> None:
    """Some take nothing from their socket and go on sending; the others must not notice."""
    async with day.trouble("network", "readers"):
        day.stage.balancer.read_slowly(_SLOW_SHARE)
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        day.stage.balancer.read_slowly(0)


FAULTS: Final = (
    Fault(name="network-rough", inflict=_roughen),
    Fault(name="network-silent", inflict=_silence),
    Fault(name="slow-readers", inflict=_read_slowly),
)
