"""Many seats at once: they come, start, answer at their pace, are cut off, and come back."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import aiohttp

from loadtest.capacity.seat import Seat
from loadtest.latency import Latency

_DOOR: int = 400
"""Handshakes at a time: below the queue of connections that the kernel keeps for a listening socket."""


class Crowd:
    """`async with Crowd(...)`. `late` collects how many milliseconds late each answer left: the load generator's own
    delay."""

    def __init__(self, seats: list[Seat], heartbeat_s: float, chance: random.Random) -> None:
        self.seats = seats
        self.late = Latency()
        self._heartbeat_s = heartbeat_s
        self._chance = chance
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._listening: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Crowd":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop_listening()
        await self._http.close()

    async def come(self) -> float:
        """Everybody connects at the same moment. Seconds until all are welcome."""
        door = asyncio.Semaphore(_DOOR)

        async def enter(seat: Seat) -> None:
            async with door:
                await seat.open(self._http)

        took_s = await _timed(enter(seat) for seat in self.seats)
        self._listening = [asyncio.create_task(seat.listen()) for seat in self.seats]
        return took_s

    async def start(self) -> float:
        """Everybody starts at the same moment. Seconds until all are acknowledged."""
        return await _timed([self._all(Seat.start), self._settled()])

    async def sit(self, pace_s: float, seconds: float) -> None:
        """Everybody answers, about every `pace_s` seconds, for so long; returns when all is acknowledged."""
        over_s = time.monotonic() + seconds
        await asyncio.gather(*(self._sit(seat, pace_s, over_s) for seat in self.seats))
        await self._settled()

    async def cut(self) -> float:
        """Every connection is cut at the same moment, and everybody comes back at once. Seconds until all are
        welcome."""
        for seat in self.seats:
            seat.cut()
        await self._stop_listening()
        return await self.come()

    async def leave(self) -> None:
        await self._all(Seat.close)
        await self._stop_listening()

    async def _sit(self, seat: Seat, pace_s: float, over_s: float) -> None:
        chance = self._chance
        choice = chance.randrange(1_000)
        due_s = time.monotonic() + chance.uniform(0, pace_s)
        beat_s = time.monotonic() + chance.uniform(0, self._heartbeat_s)
        while min(due_s, beat_s) < over_s:
            await asyncio.sleep(max(0.0, min(due_s, beat_s) - time.monotonic()))
            if beat_s < due_s:
                await seat.beat()
                beat_s += self._heartbeat_s
            else:
                self.late.add((time.monotonic() - due_s) * 1_000)
                await seat.answer(choice)
                choice += 1
                due_s += pace_s * chance.uniform(0.5, 1.5)

    async def _all(self, act: Callable[[Seat], Awaitable[None]]) -> None:
        for seat in self.seats:
            await act(seat)

    async def _settled(self) -> None:
        """Returns when nothing is under way; raises a listener's error."""
        while any(seat.unanswered for seat in self.seats):
            for task in self._listening:
                if task.done():
                    task.result()
            await asyncio.sleep(0.005)

    async def _stop_listening(self) -> None:
        for task in self._listening:
            task.cancel()
        for task in self._listening:
            with suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
                await task
        self._listening = []


async def _timed(work: Iterable[Awaitable[None]]) -> float:
    began_s = time.monotonic()
    await asyncio.gather(*work)
    return time.monotonic() - began_s
