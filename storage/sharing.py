"""What several wait for at once."""

import asyncio
from typing import Any, TypeVar

T = TypeVar("T")


async def outcome_of(shared: asyncio.Future[T]) -> T:
    """The outcome of what others wait for too: whoever is cancelled ends her own wait alone. So it is with
    `asyncio.shield`, which since Python 3.14 complains where it fails and nobody waits any more."""
    try:
        await asyncio.wait((shared,))
    except asyncio.CancelledError:
        shared.add_done_callback(_seen)
        raise
    return shared.result()


def _seen(shared: asyncio.Future[Any]) -> None:
    if not shared.cancelled():
        shared.exception()
