"""One candidate sits the recorded exam once more: the same answers after the same think times, divided by the speed."""

import asyncio
import time

from clients.python.client import Client
from clients.python.errors import ClientError
from loadtest.tally import Tally
from loadtest.trace import Candidate


class Room:
    """What all candidates share. `door` limits how many connect at the same time; at `begin` everybody starts."""

    def __init__(self, seats: int, at_once: int, speed: float, tally: Tally) -> None:
        self.door = asyncio.Semaphore(at_once)
        self.full = asyncio.Event()
        """Everybody is connected, or will never be."""
        self.begin = asyncio.Event()
        self.speed = speed
        self.tally = tally
        self._awaited = seats

    def settle(self) -> None:
        """One more is connected, or will never be."""
        self._awaited -= 1
        if self._awaited == 0:
            self.full.set()


async def sit(candidate: Candidate, client: Client, delay_s: float, room: Room) -> None:
    """Connects, waits for the beginning and so many seconds more, starts, answers, submits.

    Like a page it does not wait for one acknowledgement before it goes on to the next item. The times are kept
    against the start, so that a late answer does not make all that follow late. An item that was left blank is looked
    at for its time, and no answer is sent for it.
    """
    tally = room.tally
    try:
        try:
            async with room.door:
                client.open()
                await client.welcomed()
            tally.connected += 1
        finally:
            room.settle()
        await room.begin.wait()
        await asyncio.sleep(delay_s)
        await client.start()
        await _answer_all(candidate, client, room)
        await client.submit()
        tally.submitted.add(candidate.candidate_id)
    except ClientError as error:
        tally.failed(error)
    finally:
        tally.reconnects += max(0, client.connections - 1)
        await client.close()


async def _answer_all(candidate: Candidate, client: Client, room: Room) -> None:
    due_s = time.monotonic()
    for response in candidate.responses:
        due_s += response.seconds / room.speed
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        if response.option is not None:
            now_s = time.monotonic()
            room.tally.behind.add((now_s - due_s) * 1_000)
            question_id = response.item.question_id
            saved = client.answer(question_id, response.option)
            room.tally.answered(saved, now_s, (candidate.candidate_id, question_id))
