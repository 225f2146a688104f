"""One candidate sits the recorded exam once more: the same answers after the same think times, divided by the speed.

Her pilot items are drawn anew, and she gives her answers to those that she gets.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from clients.python.client import Client
from clients.python.errors import ClientError
from loadtest.blueprint import WrongPaper, deal
from loadtest.exam import LIMIT_S, extra_time_ms
from loadtest.tally import Tally
from loadtest.trace import Candidate, Item
from protocol.paper import Paper


class Room:
    """What all candidates share. `door` limits how many connect at the same time; at `begin` everybody starts. `items`
    are those of the exam, by question id. `dealt` are the candidates with the pilot items that they drew."""

    def __init__(self, seats: int, at_once: int, speed: float, tally: Tally, items: Mapping[str, Item]) -> None:
        self.items = items
        self.dealt: dict[str, Candidate] = {}
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


async def sit(
    candidate: Candidate, client: Client, read_paper: Callable[[], Awaitable[Paper]], delay_s: float, room: Room
) -> None:
    """Connects, waits for the beginning and so many seconds more, starts, reads her paper, answers, submits.

    Like a page it does not wait for one acknowledgement before it goes on to the next item. The times are kept
    against the start, so that a late answer does not make all that follow late. An item that was left blank is looked
    at for its time, and no answer is sent for it.
    """
    tally = room.tally
    try:
        try:
            async with room.door:
                client.open()
                welcome = await client.welcomed()
            tally.connected += 1
            if welcome.duration_ms != LIMIT_S * 1_000 + extra_time_ms(candidate):
                tally.wrong_times.append(f"{candidate.candidate_id}: has {welcome.duration_ms} ms")
        finally:
            room.settle()
        await room.begin.wait()
        await asyncio.sleep(delay_s)
        await client.start()
        dealt = room.dealt[candidate.candidate_id] = deal(candidate, await read_paper(), room.items)
        await _answer_all(dealt, client, room)
        await client.submit()
        tally.submitted.add(candidate.candidate_id)
    except WrongPaper as error:
        tally.wrong_papers.append(str(error))
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
