"""The processor time of servers over some seconds."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from loadtest.capacity.usage import cpu_s


class Reading(msgspec.Struct, frozen=True):
    """Seconds of each process over `took_s`."""

    took_s: float
    cpu_s: Sequence[float]

    @property
    def cores(self) -> Sequence[float]:
        """The share of a core that each used."""
        return [one / self.took_s for one in self.cpu_s]


async def read_for(seconds: float, pids: Sequence[int]) -> Reading:
    """With all that they have started."""
    began_s, before = time.monotonic(), [cpu_s(pid) for pid in pids]
    await asyncio.sleep(seconds)
    took_s, after = time.monotonic() - began_s, [cpu_s(pid) for pid in pids]
    return Reading(took_s, [late - early for early, late in zip(before, after, strict=True)])
