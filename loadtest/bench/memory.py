"""What a candidate in the middle of an exam takes of a node's memory, all in. Each database has a fresh process for it.

The node is a web server with real sockets, whose clock is moved by hand. Candidates come, start, and answer half of the
questions one after the other; then a virtual hour passes, with a heartbeat each minute and another answer to one of
those questions every two minutes. An instructor watches all the time, so that the node has a row of everybody.

Most of the first half of the answers is given from within the node, to save minutes: the same live attempts decide on
the same commands, and the journal commits them; only socket and codec are spared, which keep nothing of an answer. Ten
of them and the whole hour come over the sockets.

A candidate takes what the resident memory of the process has grown since the node was idle with the exam loaded, shared
among all of them. Garbage is collected before each look. Nothing else is given back that the node does not give back by
itself.
"""

import time
from typing import Final

import msgspec

from loadtest.bench.control import Advance, Control, Fill, Invite, Make, Weigh
from loadtest.bench.exam import QUESTIONS, answer
from loadtest.bench.figure import Figure
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.seats import Seats
from loadtest.bench.stage import crowded_node
from loadtest.capacity.usage import cpu_s
from loadtest.sockets import allow_many_sockets
from protocol.messages.connection import Beat
from protocol.messages.operations import Start

_GOAL_BYTES: Final = 24 * 1024
_GOAL_GROWTH: Final = 1.03
"""The second half of the hour may make it so much larger."""
_WARM: Final = 20
"""Candidates who come first, so that what is there once (connections to the database, modules) is not counted."""
_MADE_AT_ONCE: Final = 2_000
_OVER_SOCKETS: Final = 10
"""Of the first half of the answers, so many come over the sockets."""
_SOON_MS: Final = 1_000
_STEP_MS: Final = 60_000
_STEPS: Final = 3_600_000 // _STEP_MS
_STEPS_AN_ANSWER: Final = 2


async def measure_memory(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    allow_many_sockets()
    return Round([figure for database in plan.databases for figure in await _measure(database, plan.candidates, say)])


async def _measure(database: str, candidates: int, say: Say) -> list[Figure]:
    settings = {
        # Few of them: they cost time, and nothing that stays.
        "PENCILSDOWN_SNAPSHOT_MS": "600000",
        "PENCILSDOWN_HEARTBEAT_MS": str(_STEP_MS),
        "PENCILSDOWN_MAX_SEATS": str(2 * candidates + _WARM),
    }
    async with crowded_node(database, settings) as stage:
        run = _Run(database, candidates, stage.control, Seats(stage.port), stage.pid, say)
        return await run.measure()


class _Run:
    """One node and its candidates."""

    def __init__(self, database: str, candidates: int, control: Control, seats: Seats, pid: int, say: Say) -> None:
        self._database = database
        self._candidates = candidates
        self._control = control
        self._seats = seats
        self._pid = pid
        self._say = say
        self._began_s = time.monotonic()
        self._idle_kib = 0
        self._n = 1

    async def measure(self) -> list[Figure]:
        await self._enter(_WARM)
        await self._seats.watch((await self._control.ask(Invite())).seats[0])
        self._idle_kib = (await self._control.ask(Weigh())).rss_kib
        for done in range(0, self._candidates, _MADE_AT_ONCE):
            await self._enter(min(_MADE_AT_ONCE, self._candidates - done))
        begun = await self._weigh("everybody has started")
        half_of_all = QUESTIONS // 2
        for position in range(half_of_all - _OVER_SOCKETS):
            self._n += 1
            await self._control.ask(Fill([answer(self._n, position)]))
            await self._control.ask(Advance(_SOON_MS))
        for position in range(half_of_all - _OVER_SOCKETS, half_of_all):
            await self._answer(position)
            await self._control.ask(Advance(_SOON_MS))
        middle = await self._weigh("half of all questions are answered")
        half = await self._sit(range(_STEPS // 2))
        later = await self._sit(range(_STEPS // 2, _STEPS))
        growth = round(later / max(1, half), 3)
        return [
            self._bytes("a candidate who has just started", begun),
            self._bytes("a candidate in the middle", middle),
            self._bytes("a candidate half an hour later", half),
            self._bytes("a candidate an hour later", later),
            Figure.at_most(f"{self._database}: growth in the second half hour", growth, "times", _GOAL_GROWTH),
        ]

    async def _enter(self, candidates: int) -> None:
        made = await self._control.ask(Make(candidates))
        await self._seats.come(made.seats)
        # Whoever has started is told so again.
        await self._seats.say(Start(1, None, 0), n=1)

    async def _sit(self, minutes: range) -> int:
        for minute in minutes:
            if minute % _STEPS_AN_ANSWER:
                await self._seats.say(Beat(0))
            else:
                await self._answer(minute // _STEPS_AN_ANSWER, Beat(0))
            await self._control.ask(Advance(_STEP_MS))
        return await self._weigh(f"{minutes.stop} minutes later")

    async def _answer(self, position: int, *others: msgspec.Struct) -> None:
        self._n += 1
        await self._seats.say(*others, answer(self._n, position), n=self._n)

    async def _weigh(self, when: str) -> int:
        """Bytes of each candidate."""
        told = await self._control.ask(Weigh())
        each = (told.rss_kib - self._idle_kib) * 1024 // self._candidates
        passed = f"{time.monotonic() - self._began_s:.0f} s, {cpu_s(self._pid):.0f} s of CPU"
        memory = f"{told.rss_kib:,} KiB resident (proportional {told.pss_kib:,}, idle {self._idle_kib:,})"
        self._say(f"{self._database}, {passed}: {when}. {memory}: {each:,} bytes a candidate")
        return each

    def _bytes(self, what: str, each: int) -> Figure:
        return Figure.at_most(f"{self._database}: {what}", each, "B", _GOAL_BYTES)
