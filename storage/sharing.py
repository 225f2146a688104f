"""What several wait for at once."""

import asyncio
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


async def outcome_of(shared: asyncio.Future[T]) -> T:
    """The outcome of what others wait for too: whoever is cancelled ends her own wait alone. So it is with
    `asyncio.shield`, which since Python 3.14 complains where it fails and nobody waits any more."""
    if not shared.done():
        # `asyncio.wait` does this for any number, and takes three times as long.
        woken: asyncio.Future[None] = shared.get_loop().create_future()
        wake = partial(_wake, woken)
        shared.add_done_callback(wake)
        try:
            await woken
        except asyncio.CancelledError:
            shared.remove_done_callback(wake)
            shared.add_done_callback(_seen)
            raise
    return shared.result()


def _wake(woken: asyncio.Future[None], shared: asyncio.Future[Any]) -> None:
    if not woken.done():
        woken.set_result(None)


def _seen(shared: asyncio.Future[Any]) -> None:
    if not shared.cancelled():
        shared.exception()
