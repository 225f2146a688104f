"""Steps that cost about a millisecond (a connection, a handshake, a `hello`, a REST call), and whatever else may wait:
one at a time, with some turns of the event loop between two of them, and hardly any while somebody waits for an
acknowledgement.

Hundreds at the same instant would else hold up everybody's messages until the last one is done. From a candidate's
message to its acknowledgement there are about seven turns: what each of them costs, the candidate waits seven times.

On SQLite the loop sleeps while answers are committed, if there is nothing to do but such steps. A thread of ours
commits there, and a loop that always has something to do leaves it neither the interpreter nor, on a single core, the
processor: one commit took a tenth of a second while 400 sockets came.
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
IN_ONE_STEP: Final = 4
"""Operations of somebody hasty that cost about as much as another step."""
_MOST_WAY_S: Final = 0.001
"""How long a step waits for acknowledgements that are due: a slow database, or a busy room, stops nobody from coming
in."""


class Step:
    """One that waits for its turn."""

    __slots__ = ("_do",)

    def __init__(self, do: Callable[[], None]) -> None:
        self._do: Callable[[], None] | None = do

    def cancel(self) -> None:
        """It is not done any more. Its turn passes."""
        self._do = None

    def __call__(self) -> None:
        if self._do is not None:
            self._do()


class Turns:
    """A queue of such steps, first come, first served."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Step] = deque()
        self._between = 0
        """Turns until the next step; 0: it may be done at once."""
        self._giving_way = 0
        self._overdue: asyncio.TimerHandle | None = None
        """Set while the next step gives way."""

    def give_way(self, to_somebody: bool) -> None:
        """Somebody waits for an acknowledgement from now on, or nobody does any more. It has left before the next
        step."""
        self._giving_way += 1 if to_somebody else -1
        if not self._giving_way and self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
            self._begin(_TURNS_BETWEEN)

    def next(self, do: Callable[[], None]) -> Step:
        """Calls `do` soon, in a turn of its own."""
        step = Step(do)
        self._waiting.append(step)
        if not self._between:
            self._begin(1)
        return step

    async def take(self) -> None:
        """Returns when the caller may do its step: at once, unless there was another one just now, or somebody waits
        for an acknowledgement."""
        if self._between or self._giving_way:
            mine = self._loop.create_future()
            self.next(partial(_wake, mine))
            await mine
        else:
            self._begin(_TURNS_BETWEEN)

    def _begin(self, turns: int) -> None:
        self._between = turns
        self._loop.call_soon(self._pass)

    def _pass(self) -> None:
        if self._between > 1:
            self._begin(self._between - 1)
        elif not self._waiting:
            self._between = 0
        elif self._giving_way:
            self._overdue = self._loop.call_later(_MOST_WAY_S, self._step)
        else:
            self._step()

    def _step(self) -> None:
        self._overdue = None
        self._begin(_TURNS_BETWEEN)
        self._waiting.popleft()()


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
