"""Organisations take turns, callers of one of them in the order in which they came."""

import asyncio

import pytest

from protocol.codes import Code
from protocol.errors import Refused
from server.pacing.rota import Rota


class Callers:
    """Those who ask for turns, each of whom has it until it is told to end."""

    def __init__(self, most_waiting: int) -> None:
        self._rota = Rota(most_waiting)
        self.had: list[str] = []
        self._end = asyncio.Event()

    def come(self, *names: str) -> list[asyncio.Task[None]]:
        """The first letter of a name is the organisation."""
        return [asyncio.create_task(self._have(name)) for name in names]

    async def _have(self, name: str) -> None:
        async with self._rota.of(name[0]):
            self.had.append(name)
            await self._end.wait()
            self._end.clear()

    async def settle(self) -> None:
        """Lets everybody come as far as they can."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self, times: int = 1) -> None:
        """Ends so many turns, one after the other."""
        for _ in range(times):
            self._end.set()
            await self.settle()


async def test_an_organisation_waits_for_one_piece_of_another() -> None:
    callers = Callers(9)
    everybody = callers.come("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    await callers.settle()
    assert callers.had == ["a1"]
    await callers.end(3)
    # Came while b2, a3 and a4 wait: c had its turn before b and a have theirs again.
    everybody += callers.come("c2")
    await callers.end(5)
    assert callers.had == ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "a4"]
    await asyncio.gather(*everybody)
    last = callers.come("a5")
    await callers.end()
    assert callers.had[-1] == "a5"
    await asyncio.gather(*last)


async def test_so_many_of_one_organisation_wait_and_no_more() -> None:
    callers = Callers(2)
    everybody = callers.come("a1", "a2", "a3", "a4", "b1")
    await callers.settle()
    with pytest.raises(Refused) as refused:
        await everybody[3]
    assert refused.value.refusal.code == Code.OVERLOADED
    await callers.end(4)
    assert callers.had == ["a1", "b1", "a2", "a3"]


async def test_who_goes_away_leaves_the_queue_and_passes_the_turn_on() -> None:
    callers = Callers(2)
    a1, a2, a3, b1, b2 = callers.come("a1", "a2", "a3", "b1", "b2")
    await callers.settle()
    a2.cancel()
    await callers.settle()
    # There is room again.
    (a4,) = callers.come("a4")
    # The turn of a1 ends, and b1 goes after it was given the next one and before it could take it: b has had that.
    a1.cancel()
    await asyncio.sleep(0)
    b1.cancel()
    await callers.settle()
    await callers.end(3)
    assert callers.had == ["a1", "a3", "b2", "a4"]
    await asyncio.gather(a3, a4, b2)
    a5, a6, a7 = callers.come("a5", "a6", "a7")
    await callers.settle()
    # The one who is next goes just after the turn has ended.
    a5.cancel()
    a6.cancel()
    await callers.settle()
    assert callers.had[-1] == "a7"
    await callers.end()
    await a7
    assert not callers._rota._waiting
    assert not callers._rota._taken
