"""Waits for a condition that has no event."""

import asyncio
from collections.abc import Callable

from tests.services.patience import PATIENCE_S


async def eventually(is_so: Callable[[], object]) -> None:
    """Returns when `is_so` says yes; fails where it never does."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 (what is waited for signals nobody)
            await asyncio.sleep(0.005)
