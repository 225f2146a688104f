"""What a candidate in the middle of an exam takes of a node's memory, all in. Each database has a fresh process for it.

The node is a web server with real sockets, whose clock is moved by hand. Half of the questions are answered quickly;
then a virtual hour passes, with a heartbeat each minute and an answer every two minutes.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from loadtest.bench.control import Advance, Control, Make, Weigh
from loadtest.bench.exam import OPTIONS, QUESTIONS, question_id
from loadtest.bench.figure import Figure
from loadtest.bench.seats import Seats
from loadtest.capacity.usage import on_cores
from loadtest.drill.postgres import Postgres
from loadtest.drill.process import Process, free_port, until_listening
from loadtest.sockets import allow_many_sockets
from protocol.messages import Answer, Beat, Start

DATABASES: Final = ("sqlite", "postgresql")
_GOAL_BYTES: Final = 24 * 1024
_GOAL_GROWTH: Final = 1.05
"""An hour of beats and answers may make it so much larger."""
_WARM: Final = 500
"""Candidates who come first, so that what is there once (connections to the database, caches) is not counted."""
_SOON_MS: Final = 5_000
_STEP_MS: Final = 60_000
_STEPS: Final = 3_600_000 // _STEP_MS
_STEPS_AN_ANSWER: Final = 2


async def measure_memory(candidates: int, databases: Iterable[str] = DATABASES) -> list[Figure]:
    """One database after the other. Raises `StageError`."""
    allow_many_sockets()
    return [figure for database in databases for figure in await _measure(database, candidates)]


async def _measure(database: str, candidates: int) -> list[Figure]:
    cores = sorted(os.sched_getaffinity(0))
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-bench-")))
        port = free_port()
        env = {
            "PENCILSDOWN_DATA": str(folder / "data"),
            "PENCILSDOWN_TOKEN_SECRET": secrets.token_urlsafe(48),
            "PENCILSDOWN_PORT": str(port),
            # Few of them: they cost time, and nothing that stays.
            "PENCILSDOWN_SNAPSHOT_MS": "600000",
            "PENCILSDOWN_HEARTBEAT_MS": str(_STEP_MS),
            "PENCILSDOWN_MAX_SEATS": str(2 * candidates + _WARM),
        }
        if database == "postgresql":
            with on_cores(set(cores[1:] or cores)):
                postgres = Postgres(folder, on_disk=True)
                exits.push_async_callback(postgres.close)
                await postgres.create()
            env["PENCILSDOWN_DATABASE_URL"] = postgres.url(await postgres.create_database())
        path = folder / "control"
        root = str(Path(__file__).parents[2])
        argv = [sys.executable, "-m", "loadtest.bench.crowded", str(path)]
        node = Process("node", argv, folder, env | {"PYTHONPATH": root})
        exits.push_async_callback(node.close)
        with on_cores({cores[0]}):
            await node.start()
        exits.enter_context(on_cores(set(cores[1:] or cores)))
        await until_listening(node, port)
        control = await Control.to(path)
        exits.callback(control.close)
        empty_kib, *later_kib = await _sit(control, Seats(port), candidates)
    begun, middle, later = ((kib - empty_kib) * 1024 // candidates for kib in later_kib)
    return [
        Figure.at_most(f"{database}: a candidate who has just started", begun, "B", _GOAL_BYTES),
        Figure.at_most(f"{database}: a candidate in the middle", middle, "B", _GOAL_BYTES),
        Figure.at_most(f"{database}: a candidate an hour later", later, "B", _GOAL_BYTES),
        Figure.at_most(f"{database}: growth in that hour", round(later / max(1, middle), 3), "times", _GOAL_GROWTH),
    ]


async def _sit(control: Control, seats: Seats, candidates: int) -> list[int]:
    """Resident memory before all came, when they had started, in the middle of the exam, and an hour later."""
    n = 1
    kib = []
    for crowd in (_WARM, candidates):
        await seats.come((await control.ask(Make(crowd))).seats)
        # Whoever has started is told so again.
        await seats.say(Start(n, 0), n=n)
        kib.append((await control.ask(Weigh())).rss_kib)
    for position in range(QUESTIONS // 2):
        n += 1
        await seats.say(_answer(n, position), n=n)
        await control.ask(Advance(_SOON_MS))
    kib.append((await control.ask(Weigh())).rss_kib)
    for step in range(_STEPS):
        if step % _STEPS_AN_ANSWER:
            await seats.say(Beat(0))
        else:
            n += 1
            await seats.say(Beat(0), _answer(n, step // _STEPS_AN_ANSWER), n=n)
        await control.ask(Advance(_STEP_MS))
    kib.append((await control.ask(Weigh())).rss_kib)
    return kib


def _answer(n: int, position: int) -> Answer:
    return Answer(n, question_id(position), OPTIONS[n % len(OPTIONS)], position, 0)
