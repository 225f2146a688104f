"""A candidate who answers faster than anybody can, and remembers what she was told."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from clients.python.client import Callbacks, Client
from protocol.attempt.facts import Answered, Record
from protocol.messages.candidate import Ack, StatePush, Welcome
from protocol.messages.connection import Goodbye
from protocol.messages.state import AttemptState
from tests.e2e.exams import Seat

_IN_FLIGHT: Final = 12
"""Answers that are sent without waiting for the ones before."""


class Writer:
    """Answers every question several times over, several at once. No two answers are alike."""

    def __init__(self, url: str, seat: Seat, questions: int, rounds: int) -> None:
        self.seat = seat
        self.acked: list[tuple[str, str]] = []
        self.farewell: asyncio.Future[Goodbye] = asyncio.get_running_loop().create_future()
        """The first goodbye."""
        self.asked = [
            (f"q{question}", f"{seat.attempt_id[-6:]} {question} {round_}")
            for round_ in range(rounds)
            for question in range(1, questions + 1)
        ]
        self.may_finish = asyncio.Event()
        """While it is not set, the second half of the answers is held back."""
        self.may_finish.set()
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        callbacks = Callbacks(welcome=self._hear, state=self._hear, goodbye=self._part)
        self.client = Client(url, seat.attempt_id, seat.token, callbacks=callbacks)

    async def write(self) -> None:
        """Starts, and gives all answers; returns when the last one is acknowledged."""
        await self.client.start()
        await self.write_all()

    async def write_all(self) -> None:
        """Gives all answers; returns when the last one is acknowledged."""
        room = asyncio.Semaphore(_IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            for position, (question_id, value) in enumerate(self.asked):
                if 2 * position >= len(self.asked):
                    await self.may_finish.wait()
                await room.acquire()
                answer = self.client.answer(question_id, value)
                answer.add_done_callback(partial(self._settled, (question_id, value), room))
                group.create_task(_result(answer))

    def _settled(self, answer: tuple[str, str], room: asyncio.Semaphore, ack: asyncio.Future[Ack]) -> None:
        # Callbacks run in the order of the acknowledgements. Tasks that await them need not: one that takes its first
        # step after its answer is acknowledged goes on at once, while an earlier one is still to be woken.
        room.release()
        if not ack.cancelled() and ack.exception() is None:
            self.acked.append(answer)
            self._tell()

    async def has_acked(self, count: int) -> None:
        """Returns when so many answers are acknowledged."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.acked) >= count)

    async def told(self, condition: Callable[[AttemptState], bool]) -> AttemptState:
        """The attempt's state, once the server has told one like that."""
        async with self._news:
            await self._news.wait_for(lambda: self.client.state is not None and condition(self.client.state))
        assert self.client.state is not None
        return self.client.state

    @property
    def deadline_ms(self) -> int | None:
        """As the server last told it."""
        assert self.client.state is not None
        return self.client.state.test_clock.deadline_ms

    def _part(self, farewell: Goodbye) -> None:
        if not self.farewell.done():
            self.farewell.set_result(farewell)

    def _hear(self, _: Welcome | StatePush) -> None:
        self._tell()

    def _tell(self) -> None:
        task = asyncio.create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _result(answer: asyncio.Future[Ack]) -> None:
    """Raises what the answer was refused with."""
    await answer


def answers_in(records: list[Record]) -> list[tuple[str, str]]:
    """Every answer that a log holds, in its order, each as often as it is there."""
    facts = [record.entry.fact for record in records]
    return [(fact.question_id, str(fact.value)) for fact in facts if isinstance(fact, Answered)]
