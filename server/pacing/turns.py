"""Steps that cost about a millisecond (a connection, a handshake, a `hello`, a REST call), and whatever else may wait:
one at a time, with some turns of the event loop between two of them, and hardly any while somebody waits for an
acknowledgement.

Hundreds at the same instant would else hold up everybody's messages until the last one is done. From a candidate's
message to its acknowledgement there are about seven turns: what each of them costs, the candidate waits seven times.

On SQLite the loop sleeps while answers are committed, if there is nothing to do but such steps. A thread of ours
commits there, and a loop that always has something to do leaves it neither the interpreter nor, on a single core, the
processor: one commit took a tenth of a second while 400 sockets came.

What was begun comes before what is new: a room that comes at once is let in one after the other. Were everybody's first
step done before anybody's second one, all would be let in at the end, and thousands of half-open connections would be
too many of them before.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from server.pacing.of_loop import OfLoop

_TURNS_BETWEEN: Final = 8
"""One more than a message waits, so that it waits for one step at most. A turn with nothing to do takes some 20 µs, so
that hundreds of steps a second are hardly slower for it."""
_TURNS_ALONE: Final = 2
"""The same while nobody waits for an acknowledgement: what is read in the next turn is seen before the step after."""
_BEGUN_IN_A_ROW: Final = 8
"""After so many steps of what was begun, something new has its turn: newcomers wait, but not for ever."""
_MOST_APART_S: Final = 0.004
"""Where turns are long, a step does not wait for so many: at 7,000 answers a second nobody could come in."""
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
    """Two queues of such steps, of what was begun and of what is new: in each first come, first served."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._begun: deque[Step] = deque()
        self._new: deque[Step] = deque()
        self._in_a_row = 0
        """Steps of what was begun since something new had its turn."""
        self._between = 0
        """Turns until the next step; 0: it may be done at once."""
        self._due_s = 0.0
        """By the loop's clock: when it does not wait for turns any more."""
        self._awaited = 0
        self._giving_way = 0
        self._overdue: asyncio.TimerHandle | None = None
        """Set while the next step gives way."""

    def space_out(self, for_somebody: bool) -> None:
        """Somebody waits for an acknowledgement from now on, or nobody does any more: so many turns lie between two
        steps."""
        self._awaited += 1 if for_somebody else -1

    def give_way(self, to_somebody: bool) -> None:
        """The same, and the loop sleeps meanwhile. The acknowledgement has left before the next step."""
        self.space_out(to_somebody)
        self._giving_way += 1 if to_somebody else -1
        if not self._giving_way and self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None
            self._begin(_TURNS_BETWEEN)

    def next(self, do: Callable[[], None], *, new: bool = False) -> Step:
        """Calls `do` soon, in a turn of its own. `new`: nothing has been done for it yet, or nobody waits for it."""
        step = Step(do)
        (self._new if new else self._begun).append(step)
        if not self._between:
            self._begin(1)
        return step

    async def take(self, *, new: bool = False) -> None:
        """Returns when the caller may do its step: at once, unless there was another one just now, or somebody waits
        for an acknowledgement. `new`: see `next`."""
        if self._between or self._giving_way:
            mine = self._loop.create_future()
            self.next(partial(_wake, mine), new=new)
            await mine
        else:
            self._begin(self._apart)

    @property
    def _apart(self) -> int:
        return _TURNS_BETWEEN if self._awaited else _TURNS_ALONE

    def _begin(self, turns: int) -> None:
        self._due_s = self._loop.time() + _MOST_APART_S
        self._wait(turns)

    def _wait(self, turns: int) -> None:
        self._between = turns
        self._loop.call_soon(self._pass)

    def _pass(self) -> None:
        if self._between > 1 and self._loop.time() < self._due_s:
            self._wait(self._between - 1)
        elif not self._begun and not self._new:
            self._between = 0
        elif self._giving_way:
            self._overdue = self._loop.call_later(_MOST_WAY_S, self._step)
        else:
            self._step()

    def _step(self) -> None:
        self._overdue = None
        self._begin(self._apart)
        if self._begun and (self._in_a_row < _BEGUN_IN_A_ROW or not self._new):
            self._in_a_row += 1
            step = self._begun.popleft()
        else:
            self._in_a_row = 0
            step = self._new.popleft()
        step()


turns: Final = OfLoop(Turns)
"""Those of the running event loop."""


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
