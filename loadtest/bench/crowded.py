"""A node full of candidates who answer for two hours of virtual time: run as a process of its own by `memory`.

It is the one module of this package that is no stranger to the server: hours pass in minutes only from within.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from loadtest.bench.memory import Held
from loadtest.capacity.usage import rss_kib
from protocol import codec
from protocol.attempt.model import Actor, Role
from protocol.content import Option, Rules, SingleChoice, TestContent
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Answer, Beat, Hello, Progress, Start
from protocol.rest import NewAttempt
from server import garbage
from server.admission import admit
from server.clock import Clock
from server.node import Node
from server.settings import load_settings
from server.sockets.candidate import CandidateSession
from server.sockets.outbound import Outbound
from storage.database import Database
from storage.migrate import migrate

_ORG: Final = "bench"
_QUESTIONS: Final = 180
_STEP_MS: Final = 20_000
"""Of the virtual clock. Everybody beats in each step, and answers in every second one: 90 answers an hour."""
_STEPS: Final = 3_600_000 // _STEP_MS
_HOURS: Final = 2
_OPTIONS: Final = ("a", "b", "c", "d")


class VirtualClock(Clock):
    """Stands still until it is moved, and follows no database."""

    def advance(self, ms: int) -> None:
        self._base_ms += ms

    async def follow(self, other_now_ms: Callable[[], Awaitable[int]], *, first: bool) -> float:
        """Not this one."""
        return 0.0


class _Seat:
    def __init__(self, session: CandidateSession, out: Outbound) -> None:
        self.session = session
        self._out = out
        self.n = 0

    def say(self, message: msgspec.Struct) -> None:
        self.session.feed(codec.encode(message))

    async def listen(self) -> None:
        while self._out.waiting:
            await self._out.next()


async def crowd(candidates: int) -> Held:
    """Everybody comes, starts, and answers."""
    settings = load_settings()
    clock = VirtualClock()
    await migrate(settings.database)
    node = Node(settings, await Database.open(settings.database), clock)
    await node.start()
    await node.tests.put(_ORG, "t", _content(), clock.now_ms())
    garbage.settle()
    seats = [await _come(node, number) for number in range(min(10, candidates))]
    await _settled(node, seats)
    empty_kib = rss_kib(os.getpid())
    seats += [await _come(node, number) for number in range(len(seats), len(seats) + candidates)]
    await _settled(node, seats)
    held = [await _hour(node, clock, seats, hour) for hour in range(_HOURS)]
    await node.stop()
    return Held(empty_kib, held)


async def _come(node: Node, number: int) -> _Seat:
    user = f"candidate-{number:06}"
    live, _ = await admit(node, Actor(Role.CANDIDATE, user), _ORG, None, user, user, NewAttempt(test_id="t"))
    token = node.tokens.mint(Role.CANDIDATE, user, _ORG, lifetime_ms=24 * 3_600_000, attempt_id=live.attempt_id)
    out = Outbound()
    session = CandidateSession(node, out, live.attempt_id, "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) bench")
    hello = Hello(PROTOCOL_VERSION, token, "bench/1", 1, [], f"device-{number}", 1, True, None)
    assert await session.open(codec.encode(hello))
    seat = _Seat(session, out)
    seat.n += 1
    seat.say(Start(seat.n, 0))
    return seat


async def _settled(node: Node, seats: list[_Seat]) -> None:
    await node.registry.settle()
    await asyncio.sleep(0)
    for seat in seats:
        await seat.listen()


async def _hour(node: Node, clock: VirtualClock, seats: list[_Seat], hour: int) -> int:
    """Memory after it, in KiB."""
    for step in range(_STEPS):
        clock.advance(_STEP_MS)
        question = step // 2
        for seat in seats:
            seat.say(Beat(clock.now_ms()))
            seat.n += 1
            if step % 2:
                value = _OPTIONS[(question + hour) % len(_OPTIONS)]
                seat.say(Answer(seat.n, f"question-{question:03}", value, None, clock.now_ms()))
            else:
                seat.say(Progress(seat.n, question, clock.now_ms()))
        await _settled(node, seats)
        await node.tidy()
        await node.snapshotter.take()
    gc.collect()
    return rss_kib(os.getpid())


def _content() -> TestContent:
    options = [Option(option, f"Option {option}") for option in _OPTIONS]
    return TestContent(
        title="Memory",
        questions=[
            SingleChoice(question_id=f"question-{number:03}", prompt=f"{number}?", options=options, correct="a")
            for number in range(_QUESTIONS)
        ],
        rules=Rules(duration_ms=4 * 3_600_000, warnings_ms=[300_000]),
    )


def main() -> None:
    """`python -m loadtest.bench.crowded CANDIDATES RESULT`, with the settings in the environment."""
    held = uvloop.run(crowd(int(sys.argv[1])))
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(held))


if __name__ == "__main__":
    main()
