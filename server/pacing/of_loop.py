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
        self._kept: _Kept[T] = _Kept()

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        found = self._kept.get(loop)
        if found is None:
            found = self._kept[loop] = self._make(loop)
        return found


class _Kept(Generic[T]):
    """By loop. A process hardly ever has another one than the last, and a look into a weak dictionary takes half a
    microsecond."""

    def __init__(self) -> None:
        self._all: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self._last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def get(self, loop: asyncio.AbstractEventLoop) -> T | None:
        last = self._last
        if last is not None and last[0] is loop:
            return last[1]
        found = self._all.get(loop)
        if found is not None:
            self._last = (loop, found)
        return found

    def __setitem__(self, loop: asyncio.AbstractEventLoop, one: T) -> None:
        self._all[loop] = one
        self._last = (loop, one)
