"""Questions to the database that many ask at the same time: one look answers all who asked before it began.

Whoever asks while nobody else does is answered by a look that begins at once. After a look that several shared the
next one at the same matter begins some milliseconds later, and any rests for as long as the last one took, so that more
ask together when a whole room comes: to ask costs as much as a dozen answers. Once there are enough for a whole look,
nobody waits for more of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from itertools import islice
from typing import Final, Generic, TypeVar

from storage.sharing import outcome_of

_APART_S: Final = 0.05
"""From the beginning of one look to the next, at most: nobody notices it, and a thousand a second make fifty."""
_FOR_EACH_S: Final = 0.005
"""So much of it for each who asked beside the first. More than two hundred a second wait for ever more of them; whoever
asks one thing after the other does not wait."""
_LONGEST_REST_S: Final = 0.1
"""After a look that a slow database took long for."""
MOST: Final = 100
"""Keys in one look, where nothing else is said."""

M = TypeVar("M", bound=Hashable)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Gathered(Generic[M, K, V]):
    """Keys of a matter (`M`), which are looked up together. `name` is the tasks'."""

    def __init__(
        self, look: Callable[[M, Collection[K]], Awaitable[Mapping[K, V]]], name: str, most: int = MOST
    ) -> None:
        """`look` gives a value for each of `most` keys. What it raises, all hear who asked."""
        self._look = look
        self._name = name
        self._most = most
        self._asked: dict[M, dict[K, asyncio.Future[V]]] = {}
        self._askers: dict[M, int] = {}
        self._looking: dict[M, asyncio.Task[None]] = {}

    async def ask(self, matter: M, key: K) -> V:
        """The answer of a look that begins after this call."""
        asked = self._asked.setdefault(matter, {})
        self._askers[matter] = self._askers.get(matter, 0) + 1
        future = asked.get(key)
        if future is None:
            future = asked[key] = asyncio.get_running_loop().create_future()
        if matter not in self._looking:
            self._looking[matter] = asyncio.create_task(self._answer_all(matter), name=self._name)
        return await outcome_of(future)

    async def _answer_all(self, matter: M) -> None:
        loop = asyncio.get_running_loop()
        try:
            while waiting := self._asked.get(matter):
                began_s = loop.time()
                asked = dict(islice(waiting.items(), self._most))
                for key in asked:
                    del waiting[key]
                apart_s = min(_APART_S, _FOR_EACH_S * (self._askers.pop(matter, 1) - 1))
                await self._answer(matter, asked)
                if len(waiting) >= self._most:
                    continue
                ended_s = loop.time()
                await asyncio.sleep(max(0.0, began_s + apart_s - ended_s, min(ended_s - began_s, _LONGEST_REST_S)))
        finally:
            self._asked.pop(matter, None)
            self._askers.pop(matter, None)
            del self._looking[matter]

    async def _answer(self, matter: M, asked: Mapping[K, asyncio.Future[V]]) -> None:
        try:
            found = await self._look(matter, asked.keys())
            for key, future in asked.items():
                future.set_result(found[key])
        except Exception as error:  # noqa: BLE001 (whoever waits hears of it)
            for future in asked.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # has been looked at, even if all who waited have gone
