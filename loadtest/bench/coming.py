"""A whole room connects, in no hurry."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final

from loadtest.bench.crowd import Crowd, Member
from loadtest.bench.plan import Say
from loadtest.bench.seats import AGAIN_S
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


async def come_in(stage: Stage, crowd: Crowd, name: str, say: Say) -> None:
    """The same of a room that is going to work: everybody beats, and has started when it returns. Whom a busy node puts
    off comes again. Raises `StageError`."""
    door = asyncio.Semaphore(_DOOR)
    crowd.beat()

    async def connect(member: Member) -> None:
        async with door:
            while await member.connect(stage.port) == math.inf and member.sitter.put_off:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(AGAIN_S)

    began_s, node_s = time.monotonic(), stage.node_cpu_s
    await asyncio.gather(*map(connect, crowd.members))
    crowd.check()
    await crowd.start()
    took_s, node_s = time.monotonic() - began_s, stage.node_cpu_s - node_s
    each_us = node_s / len(crowd.members) * 1e6
    say(f"{name}: all have started after {took_s:.1f} s; {each_us:,.0f} µs of the node's CPU each")
