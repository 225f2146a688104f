"""A room that works: everybody beats, looks at a question once a minute, and answers it half a minute later.

All is sent in even distances, by one candidate after the other, whether what was sent before is acknowledged or not.
What is not acknowledged is kept, and sent again on the next connection, as a page does.
"""

import asyncio
import math
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Final

from loadtest.bench.control import Seat
from loadtest.bench.exam import QUESTIONS, TEST, answer
from loadtest.bench.frames import frame
from loadtest.bench.sitter import Sitter
from loadtest.bench.stage import Stage
from loadtest.drill.process import StageError
from loadtest.latency import Latency
from protocol.messages.connection import Beat
from protocol.messages.operations import Progress, Start

BEAT_S: Final = 10.0
"""The server's own interval, unless an operator sets another one."""
ROUND_S: Final = 60.0
"""From one answer of a candidate to her next one."""
_START_AT_ONCE: Final = 200
_ANSWERED: Final = f"""
    SELECT answers, count(*) FROM (
        SELECT count(*) AS answers FROM attempt_log AS l JOIN test_attempts AS a ON a.attempt_id = l.attempt_id
        WHERE a.test_id = '{TEST}' AND l.kind = 'answered' GROUP BY l.attempt_id) AS each_one
    GROUP BY answers"""  # noqa: S608 -- a constant of ours
_BEAT: Final = frame(Beat(0))


class Member:
    """A candidate, on one connection after the other. `sent`: the number of her last operation; `answered`: how many of
    them are answers."""

    def __init__(self, seat: Seat, number: int) -> None:
        self.seat = seat
        self.number = number
        self.sent = 0
        self.answered = 0
        self.connections = 0
        self._is_back = False
        self.sitter = self._next_sitter()
        self._unacknowledged: deque[tuple[int, bytes]] = deque()

    def _next_sitter(self) -> Sitter:
        self.connections += 1
        return Sitter(self.seat, self.number, connect_n=self.connections)

    @property
    def unacknowledged(self) -> int:
        """Operations that she would send again."""
        return len(self._unacknowledged)

    @property
    def here(self) -> bool:
        """Whether she is on a connection that stands, and has sent on it what was not acknowledged."""
        return self._is_back and self.sitter.failure is None

    async def connect(self, port: int) -> float:
        """On a new connection. When she was welcome, and had sent again what was not acknowledged; infinity: she was
        not let in."""
        self._is_back = False
        if self.sitter.failure is not None:
            self.sitter = self._next_sitter()
        welcomed_s = await self.sitter.connect(port)
        if welcomed_s != math.inf:
            for n, framed in tuple(self._unacknowledged):
                self._send(n, framed)
            self._is_back = True
        return welcomed_s

    def do(self, framed: bytes) -> asyncio.Future[float]:
        """Does the next operation: its frame, with the number `sent` + 1. The result is as `Sitter.ask`'s."""
        self.sent += 1
        self._unacknowledged.append((self.sent, framed))
        return self._send(self.sent, framed)

    def _send(self, n: int, framed: bytes) -> asyncio.Future[float]:
        acked = self.sitter.ask(n, framed)
        acked.add_done_callback(partial(self._note, n))
        return acked

    def _note(self, n: int, acked: asyncio.Future[float]) -> None:
        if acked.result() != math.inf:
            while self._unacknowledged and self._unacknowledged[0][0] <= n:
                self._unacknowledged.popleft()


OnAnswer = Callable[[Member, float], None]
"""Of a member whose answer was acknowledged, and when it was sent."""


class Crowd:
    """`acks` takes the milliseconds from each answer's sending to its acknowledgement."""

    def __init__(self, seats: Sequence[Seat], on_answer: OnAnswer | None = None) -> None:
        self.members = [Member(seat, number) for number, seat in enumerate(seats)]
        self.acks = Latency()
        self._on_answer = on_answer
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Everybody presses start, some hundreds at a time. Raises `StageError`."""
        framed = frame(Start(1, None, 0))
        for begin in range(0, len(self.members), _START_AT_ONCE):
            await asyncio.gather(*(one.do(framed) for one in self.members[begin : begin + _START_AT_ONCE]))
        self.check()

    def beat(self) -> None:
        """Whoever is there beats from now on."""
        self._do_in_turn(random.sample(self.members, len(self.members)), BEAT_S, _beat)

    def begin(self) -> None:
        """They begin to work."""
        count = len(self.members)
        in_turn = random.sample(self.members, count)
        self._do_in_turn(in_turn, ROUND_S, _look)
        self._do_in_turn(in_turn[count // 2 :] + in_turn[: count // 2], ROUND_S, self._answer)

    def _do_in_turn(self, order: Sequence[Member], within_s: float, do: Callable[[Member], None]) -> None:
        self._tasks.append(asyncio.create_task(_in_turn(order, within_s / len(order), do)))

    def begin_anew(self) -> None:
        """Forgets what was measured."""
        self.acks = Latency()

    async def stop(self) -> None:
        """They do nothing more. Raises what their work has raised."""
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        self._tasks.clear()

    @property
    def unacknowledged(self) -> int:
        """Operations of which nobody has heard whether they are durable."""
        return sum(one.unacknowledged for one in self.members)

    async def settle(self, within_s: float) -> None:
        """Returns when everything is acknowledged, or after that time."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        while self.unacknowledged and loop.time() < until_s:  # noqa: ASYNC110 (acknowledgements tell nobody but the member)
            await asyncio.sleep(0.05)

    async def lost(self, stage: Stage) -> int:
        """Answers that the log lacks, or has too often: the log is asked how many attempts have how many."""
        in_log = Counter(dict(await stage.rows(_ANSWERED)))
        sent = Counter(one.answered for one in self.members)
        sent.pop(0, None)
        return sum(abs(in_log[answers] - sent[answers]) for answers in in_log | sent)

    def check(self) -> None:
        """Raises `StageError` where one of them was refused."""
        for one in self.members:
            if one.sitter.failure is not None:
                raise StageError(one.sitter.failure)

    def _answer(self, member: Member) -> None:
        since_s = asyncio.get_running_loop().time()
        if member.here:
            member.answered += 1
            member.do(_answer_framed(member.sent + 1)).add_done_callback(partial(self._note, member, since_s))

    def _note(self, member: Member, since_s: float, acked: asyncio.Future[float]) -> None:
        if acked.result() != math.inf:
            self.acks.add((acked.result() - since_s) * 1_000)
            if self._on_answer is not None:
                self._on_answer(member, since_s)


async def _in_turn(order: Sequence[Member], every_s: float, do: Callable[[Member], None]) -> None:
    loop = asyncio.get_running_loop()
    at_s = loop.time()
    while True:
        for one in order:
            at_s += every_s
            if at_s > loop.time():
                await asyncio.sleep(at_s - loop.time())
            do(one)


def _beat(member: Member) -> None:
    if member.here:
        member.sitter.say(_BEAT)


def _look(member: Member) -> None:
    if member.here:
        member.do(_look_framed(member.sent + 1))


@cache
def _answer_framed(n: int) -> bytes:
    return frame(answer(n, n // 2 % QUESTIONS))


@cache
def _look_framed(n: int) -> bytes:
    """At another question than she is at."""
    return frame(Progress(n, n % QUESTIONS, 0))
