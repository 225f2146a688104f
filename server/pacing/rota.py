"""Whose turn it is where one thing is done at a time: organisations in turn. What one has asked for makes another wait
for a single piece of it, and not for all."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.codes import Code
from protocol.errors import Refused, refuse


class Rota:
    """At most `most_waiting` callers of one organisation wait."""

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._taken = False
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """Those who wait, by organisation. First stands the organisation whose turn is next."""

    @asynccontextmanager
    async def of(self, org_id: str) -> AsyncIterator[None]:
        """Waits for a turn of the organisation, and has it until the end. Raises `Refused` where too many wait."""
        await self._wait(org_id)
        try:
            yield
        finally:
            self._pass_on(org_id)

    async def _wait(self, org_id: str) -> None:
        if not self._taken:
            self._taken = True
            return
        waiting = self._waiting.get(org_id, deque())
        if len(waiting) >= self._most_waiting:
            detail = f"{self._most_waiting} of such calls of your organisation wait already. Please try again shortly."
            raise Refused(refuse(Code.OVERLOADED, detail))
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        self._waiting[org_id] = waiting
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on(org_id)  # it came together with the end of the caller
            raise
        finally:
            waiting.remove(turn)
            if not waiting:
                del self._waiting[org_id]

    def _pass_on(self, org_id: str) -> None:
        if org_id in self._waiting:
            # Behind all the others.
            self._waiting[org_id] = self._waiting.pop(org_id)
        following = (turn for waiting in self._waiting.values() for turn in waiting if not turn.done())
        turn = next(following, None)
        self._taken = turn is not None
        if turn is not None:
            turn.set_result(None)
