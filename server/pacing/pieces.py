"""Long lists, looked through in pieces with turns of the event loop between them: a look at ten thousand attempts would
else hold up everybody's messages for tens of milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeVar

_PIECE: Final = 500
"""To look at so many takes a millisecond or two."""

T = TypeVar("T")


async def pieces(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """All of them, in their order, some at a time."""
    for start in range(0, len(items), _PIECE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + _PIECE]
