"""What uvicorn's WebSocket waits with. asyncio's own queue and event keep five double-ended queues for each connection:
4 KB."""

import asyncio

from uvicorn._types import ASGIReceiveEvent


class Inbox:
    """The part of `asyncio.Queue` that uvicorn uses. One task takes."""

    __slots__ = ("_events", "_taker")

    def __init__(self) -> None:
        self._events: list[ASGIReceiveEvent] = []
        self._taker: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._events

    def qsize(self) -> int:
        return len(self._events)

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        self._events.append(event)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    def get_nowait(self) -> ASGIReceiveEvent:
        """The oldest event, of those that are there."""
        return self._events.pop(0)

    async def get(self) -> ASGIReceiveEvent:
        """The oldest event, once there is one."""
        while not self._events:
            self._taker = asyncio.get_running_loop().create_future()
            try:
                await self._taker
            finally:
                self._taker = None
        return self._events.pop(0)


class Flag:
    """The part of `asyncio.Event` that uvicorn uses; it is set from the beginning."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = True
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    async def wait(self) -> bool:
        """Returns once it is set."""
        while not self._is_set:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            await waiter
        return True
