"""Steps that cost about a millisecond (a connection, a handshake, a `hello`, a REST call): one at a time, with some
turns of the event loop between two of them.

Hundreds at the same instant would else hold up everybody's messages until the last one is done. From a candidate's
message to its acknowledgement there are about seven turns: what each of them costs, the candidate waits seven times.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final
from weakref import WeakKeyDictionary

_TURNS_BETWEEN: Final = 8
"""One more than a message waits, so that it waits for one step at most. A turn with nothing to do takes some 20 µs, so
that hundreds of steps a second are hardly slower for it."""


class Turns:
    """A queue of such steps, first come, first served."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._between = 0
        """Turns until the next step; 0: it may be done at once."""

    def next(self, step: Callable[[], None]) -> None:
        """Calls `step` soon, in a turn of its own."""
        self._waiting.append(step)
        if not self._between:
            self._begin(1)

    async def take(self) -> None:
        """Returns when the caller may do its step: at once, unless there was another one just now."""
        if self._between:
            mine = self._loop.create_future()
            self._waiting.append(partial(_wake, mine))
            await mine
        else:
            self._begin(_TURNS_BETWEEN)

    def _begin(self, turns: int) -> None:
        self._between = turns
        self._loop.call_soon(self._pass)

    def _pass(self) -> None:
        if self._between > 1:
            self._begin(self._between - 1)
        elif self._waiting:
            self._begin(_TURNS_BETWEEN)
            self._waiting.popleft()()
        else:
            self._between = 0


def turns() -> Turns:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _turns.get(loop)
    if found is None:
        found = _turns[loop] = Turns(loop)
    return found


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
