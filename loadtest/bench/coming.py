"""A whole room connects, in no hurry."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from loadtest.bench.plan import Say
from loadtest.bench.sitter import Sitter
from loadtest.bench.stage import Stage

_DOOR: Final = 50
"""Connections on their way at a time."""


async def come(stage: Stage, sitters: Sequence[Sitter], name: str, say: Say) -> None:
    """Returns when everybody is connected, or has a `failure`. Says how long it took, and what it cost the node."""
    door = asyncio.Semaphore(_DOOR)

    async def connect(sitter: Sitter) -> None:
        async with door:
            await sitter.connect(stage.port)

    began_s, node_s = time.monotonic(), stage.node_cpu_s
    await asyncio.gather(*map(connect, sitters))
    took_s, node_s = time.monotonic() - began_s, stage.node_cpu_s - node_s
    each_us = node_s / len(sitters) * 1e6
    say(f"{name}: all are connected after {took_s:.1f} s; {each_us:,.0f} µs of the node's CPU each")
