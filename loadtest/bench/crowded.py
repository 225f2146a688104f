"""A node whose clock is moved by hand: run as a process of its own by a benchmark, which fills it with candidates.

Beside `written`, it is the one module of this package that is no stranger to the server: hours pass in minutes only
from within. All else is as in `pencilsdown serve`, the web server included.
"""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
import uvloop

from loadtest.bench.control import Advance, Fill, Forget, Invite, Make, Order, Run, Seat, Serve, Told, Weigh, Write
from loadtest.bench.exam import ORG, OTHER_TEST, TEST, WARNED_MS, content
from loadtest.bench.written import Written
from loadtest.capacity.usage import pss_kib, rss_kib
from protocol.attempt.commands import Operate
from protocol.attempt.model import Actor, Identity, Role
from protocol.errors import Refusal, Refused
from protocol.messages.operations import Answer
from protocol.rest.attempts import NewAttempt
from server.admission import admit
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.clock import Clock, running_s
from server.limits.capacity import raise_open_files
from server.node import Node
from server.process import garbage
from server.process.accepting import OneByOneServer
from server.process.serving import configuration, open_node, own_sockets
from server.settings import load_settings
from storage.log.journal import writer_for
from storage.migrate import migrate

_DAY_MS: Final = 24 * 3_600_000
_AT_ONCE: Final = 200
"""Attempts that are made together: their commits are one."""
_GROUPS: Final = 500
"""Instants at which the candidates of a `Write` started who did so at different ones."""
_COMMITTED_AT_ONCE: Final = 500
"""Answers of a `Fill`, likewise."""


class VirtualClock(Clock):
    """Stands still until it is moved or told to run, and follows no database."""

    def __init__(self) -> None:
        super().__init__(monotonic=float)

    def advance(self, ms: int) -> None:
        self._base_ms += ms

    def run(self) -> None:
        """From now on it does not stand still."""
        if self._monotonic is not running_s:
            self._base_ms -= running_s() * 1000
            self._monotonic = running_s

    async def follow(self, other_now_ms: Callable[[], Awaitable[int]], *, first: bool) -> float:
        """Not this one."""
        return 0.0


class CrowdedNode:
    """Does what it is told over the control socket."""

    def __init__(self, node: Node, clock: VirtualClock) -> None:
        self._node = node
        self._clock = clock
        self._made = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the benchmark closes the line."""
        pid = os.getpid()
        while line := await reader.readline():
            seats = await self._do(msgspec.json.decode(line, type=Order))
            told = Told(rss_kib(pid), pss_kib(pid), self._clock.now_ms(), seats)
            writer.write(msgspec.json.encode(told) + b"\n")
        writer.close()

    async def _do(self, order: Order) -> list[Seat]:
        match order:
            case Make(count, test_id):
                seats: list[Seat] = []
                while len(seats) < count:
                    few = range(min(_AT_ONCE, count - len(seats)))
                    seats += await asyncio.gather(*(self._make(test_id) for _ in few))
                return seats
            case Write():
                return await self._write(order)
            case Forget():
                await self._node.registry.settle()
                await self._node.snapshotter.take(everything=True)
                for live in self._node.registry.all():
                    if not live.presence.here:
                        self._node.registry.forget(live)
            case Run(ahead_ms):
                self._clock.advance(ahead_ms)
                self._clock.run()
                # They were set by a clock that stood still.
                for live in self._node.registry.all():
                    live._alarm.ring_now()
            case Invite(count):
                return [self._invite(f"instructor-{number}") for number in range(count)]
            case Serve():
                return [Seat("", self._node.tokens.mint(Role.SERVICE, "platform", ORG, lifetime_ms=_DAY_MS))]
            case Fill(answers):
                for one in answers:
                    await self._answer(one)
            case Advance(ms):
                self._clock.advance(ms)
                await self._node.housekeeping.tidy()
                await self._node.snapshotter.take()
            case Weigh():
                await self._node.registry.settle()
                gc.collect()
        return []

    async def _answer(self, answer: Answer) -> None:
        lives = list(self._node.registry.all())
        for start in range(0, len(lives), _COMMITTED_AT_ONCE):
            for live in lives[start : start + _COMMITTED_AT_ONCE]:
                attempt = live.committed
                by = Actor(Role.CANDIDATE, attempt.identity.user_id)
                live.offer(Operate(by, attempt.connection_id or "", answer), _must_be_done)
            await self._node.registry.settle()

    async def _make(self, test_id: str) -> Seat:
        user = self._next_user()
        live = await self._admit(user, test_id)
        return self._seat(user, live.attempt_id)

    async def _write(self, order: Write) -> list[Seat]:
        """One after the other with nothing else: no attempt of theirs is in memory, and no other journal knows them."""
        node, now_ms = self._node, self._clock.now_ms() + (0 if order.warned else WARNED_MS)
        test = await node.papers.newest(ORG, TEST)
        assert test is not None, "it was put there at the start"
        identity = Identity("", ORG, None, TEST, None, "", 1)
        form = await node.papers.of(identity, test.version)
        users = [self._next_user() for _ in range(order.count)]
        writer = writer_for(node.database)
        groups = min(_GROUPS, order.count) if order.spread_ms else 1
        seats: list[Seat] = []
        for group in range(groups):
            began_ms = now_ms + group * order.spread_ms // groups
            some = users[group::groups]
            written = Written(form, began_ms, WARNED_MS if order.warned else None)
            attempt_ids = await written.write(node.database, writer, some)
            seats += [self._seat(user, attempt_id) for user, attempt_id in zip(some, attempt_ids, strict=True)]
        await writer.close()
        return seats

    def _next_user(self) -> str:
        self._made += 1
        return f"candidate-{self._made:06}"

    def _seat(self, user: str, attempt_id: str) -> Seat:
        token = self._node.tokens.mint(Role.CANDIDATE, user, ORG, lifetime_ms=_DAY_MS, attempt_id=attempt_id)
        return Seat(attempt_id, token)

    def _invite(self, user: str) -> Seat:
        return Seat(TEST, self._node.tokens.mint(Role.INSTRUCTOR, user, ORG, lifetime_ms=_DAY_MS))

    async def _admit(self, user: str, test_id: str) -> LiveAttempt:
        wanted = NewAttempt(test_id=test_id)
        while True:
            try:
                return (await admit(self._node, Actor(Role.CANDIDATE, user), ORG, None, user, user, wanted))[0]
            except Refused:
                # A node that is busy puts newcomers off.
                await asyncio.sleep(0.2)


def _must_be_done(outcome: Done | Refusal) -> None:
    if isinstance(outcome, Refusal):
        raise AssertionError(outcome.detail)


class _Server(OneByOneServer):
    def __init__(self, config: uvicorn.Config, node: Node) -> None:
        super().__init__(config)
        self._node = node

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        garbage.settle(lambda: len(self._node.connections))


async def serve(control: Path) -> None:
    """Until the benchmark closes the line."""
    raise_open_files()
    settings, clock = load_settings(), VirtualClock()
    await migrate(settings.database)
    node = await open_node(settings, clock)
    for test_id in (TEST, OTHER_TEST):
        await node.tests.put(ORG, test_id, content(), clock.now_ms())
    crowded = CrowdedNode(node, clock)
    over = asyncio.Event()

    async def the_node() -> Node:
        return node

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await crowded.talk(reader, writer)
        over.set()

    async with await asyncio.start_unix_server(talk, control):
        serving = asyncio.create_task(_Server(configuration(settings, the_node), node).serve(own_sockets(settings)))
        await over.wait()
    # Nobody needs an orderly end of ten thousand connections.
    serving.cancel()
    os._exit(0)


def main() -> None:
    """`python -m loadtest.bench.crowded CONTROL`, with the settings in the environment."""
    uvloop.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
