"""A few candidates of another exam, who answer one after the other all the time: what a crowd costs everybody else."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from loadtest.bench.control import Seat
from loadtest.bench.exam import QUESTIONS, answer
from loadtest.bench.frames import frame
from loadtest.bench.sitter import Sitter
from loadtest.drill.process import StageError
from loadtest.latency import Latency
from protocol.messages.operations import Start

_FIRST: Final = 1_000_000
"""The number of the first one: they come from addresses of their own."""
_EVERY_S: Final = 0.01
"""From one answer to the next, by one candidate after the other."""


class Others:
    """They answer at fixed instants, whether the answer before was acknowledged or not. `acks` takes the milliseconds
    from each instant to its acknowledgement; put another one there to begin anew."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sitters: list[Sitter] = []
        self._task: asyncio.Task[None] | None = None
        self.acks = Latency()

    async def come(self, seats: Sequence[Seat]) -> None:
        """They come, and start. Raises `StageError`."""
        for number, seat in enumerate(seats):
            sitter = Sitter(seat, _FIRST + number)
            await sitter.connect(self._port)
            await sitter.ask(1, frame(Start(1, None, 0)))
            self._sitters.append(sitter)
        self.check()

    def begin(self) -> None:
        """They begin to answer."""
        self._task = asyncio.create_task(self._answer(), name="others answer")

    def take(self) -> Latency:
        """What was measured since the last time."""
        taken, self.acks = self.acks, Latency()
        return taken

    def check(self) -> None:
        """Raises `StageError` where one of them was refused."""
        for one in self._sitters:
            if one.failure is not None:
                raise StageError(f"a candidate of another exam: {one.failure}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.check()

    async def _answer(self) -> None:
        loop = asyncio.get_running_loop()
        at_s, n = loop.time(), 1
        while True:
            n += 1
            framed = frame(answer(n, n % QUESTIONS))
            for one in self._sitters:
                at_s += _EVERY_S
                await asyncio.sleep(max(0.0, at_s - loop.time()))
                one.ask(n, framed).add_done_callback(partial(self._note, at_s))

    def _note(self, since_s: float, acked: asyncio.Future[float]) -> None:
        # One that was never acknowledged is found by `check`.
        if acked.result() != math.inf:
            self.acks.add((acked.result() - since_s) * 1_000)
