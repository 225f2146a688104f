"""One of a kind for each event loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class OfLoop(Generic[T]):
    """Called, it gives that of the running event loop; `make` makes it."""

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        # A process hardly ever has another loop, and a look into that dictionary takes half a microsecond.
        self._last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def __call__(self) -> T:
        loop, last = asyncio.get_running_loop(), self._last
        if last is not None and last[0] is loop:
            return last[1]
        found = self._made.get(loop)
        if found is None:
            found = self._made[loop] = self._make(loop)
        self._last = (loop, found)
        return found
