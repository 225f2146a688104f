"""Waiting for what has no event of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.services.patience import PATIENCE_S

T = TypeVar("T")


async def until_ms(instant_ms: int) -> None:
    """Returns when this machine's clock has passed an instant: for deadlines that nobody is there to announce."""
    await asyncio.sleep(max(0, instant_ms + 1 - time.time_ns() // 1_000_000) / 1000)


async def until(probe: Callable[[], Awaitable[T | None]], *, timeout: float = PATIENCE_S) -> T:
    """What `probe` gives, once it gives something; it is asked again and again."""
    async with asyncio.timeout(timeout):
        while True:
            found = await probe()
            if found is not None:
                return found
            await asyncio.sleep(0.05)
