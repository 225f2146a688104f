"""What three nodes spend on telling one another of answers, beside what the answers cost.

Candidates sit at two of them; instructors watch at the third, which hears of every answer over Redis alone. What the
relay costs is what all three use more than while nobody watches: packing rows, talking to Redis on both sides, and
showing them at the third, which a node would do for its own rows too. All nodes share a core; Redis, the database and
the load generator have the other one.
"""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.python.rest import OwnedRest, Rest
from loadtest.bench.bare_echo import echoed
from loadtest.bench.control import Seat
from loadtest.bench.exam import TEST
from loadtest.bench.figure import Figure
from loadtest.bench.log_check import check_log
from loadtest.bench.making import IN_AN_ORGANISATION, make_seats, organisation
from loadtest.bench.meter import Reading, read_for
from loadtest.bench.on_disk import check_on_disk
from loadtest.bench.plan import Lost, Plan, Round, Say
from loadtest.bench.priority import keep_priority
from loadtest.bench.script import candidate_script
from loadtest.bench.stream import settled, streaming
from loadtest.capacity.usage import on_cores
from loadtest.drill.archive import Archive
from loadtest.drill.node import Node
from loadtest.drill.process import HOST, run_program
from loadtest.drill.services import postgres_for, redis_for
from loadtest.drill.version import CURRENT
from loadtest.sockets import allow_many_sockets
from loadtest.tokens import mint

_RATE: Final = 1_000.0
_GOAL: Final = 0.1
_FORGOTTEN_S: Final = 11.0
"""When nobody has watched for so long, no node tells rows any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stage:
    nodes: Sequence[Node]
    secret: str
    archive: Archive
    folder: Path

    def service(self, org: str) -> OwnedRest:
        return Rest.open(self.nodes[0].url, mint(self.secret, "service", "platform", org), connections=32)


async def measure_relay(plan: Plan, say: Say) -> Round:
    """Raises `StageError` and `Lost`."""
    allow_many_sockets()
    rate = plan.rate or _RATE
    bare = await echoed(plan.candidates, rate, plan.seconds)
    say(f"bare echo: {bare.server_us:.1f} µs each")
    async with _opened() as stage:
        half = plan.candidates // 2
        seats = await make_seats(stage, plan.candidates)
        first, second, third = stage.nodes
        scripts = [candidate_script(seats[:half]), candidate_script(seats[half:])]
        pids = [node.pid for node in stage.nodes]
        keep_priority(pids)
        watchers = [
            Seat(TEST, mint(stage.secret, "instructor", "instructor", organisation(number)))
            for number in range((plan.candidates - 1) // IN_AN_ORGANISATION + 1)
        ]
        async with (
            streaming(scripts[0], first.port, rate / 2, first.pid, stage.folder) as one,
            streaming(scripts[1], second.port, rate / 2, second.pid, stage.folder) as other,
        ):
            await asyncio.sleep(_FORGOTTEN_S)
            alone = await read_for(plan.seconds, pids)
            say(f"nobody watches: {_in_words(alone)}")
            watching = candidate_script([], watchers)
            async with streaming(watching, third.port, None, third.pid, stage.folder) as listening:
                await settled()
                watched = await read_for(plan.seconds, pids)
            say(f"{len(watchers)} rooms are watched: {_in_words(watched)}; {listening.measured.rows:,} messages")
        log = await stage.archive.answers()
        for stream, script, some in ((one, scripts[0], seats[:half]), (other, scripts[1], seats[half:])):
            ids = [seat.id for seat in some]
            check_log({name: log.get(name, {}) for name in ids}, script, ids, stream.measured.last_numbers)
        if not listening.measured.window_rows:
            raise Lost("the instructors have heard nothing over the relay")
    busy = one.measured.utilisation + other.measured.utilisation + listening.measured.utilisation
    return Round(_figures(rate, alone, watched, bare.server_us), round(busy, 3))


def _in_words(reading: Reading) -> str:
    return " + ".join(f"{one:.1%}" for one in reading.cores) + " of the core"


def _figures(rate: float, alone: Reading, watched: Reading, bare_us: float) -> list[Figure]:
    answers = alone.cores[0] + alone.cores[1] - 2 * alone.cores[2]
    each_us = answers / rate * 1e6
    tellers = watched.cores[0] + watched.cores[1] - alone.cores[0] - alone.cores[1]
    hearer = watched.cores[2] - alone.cores[2]
    share = (tellers + hearer) / answers
    return [
        Figure.told("bare echo: processor time of a message", round(bare_us, 2), "µs"),
        Figure.told("the nodes' processor time of an answer", round(each_us, 2), "µs"),
        Figure.told("an answer, to a bare echo", round(each_us / bare_us, 3), "times"),
        Figure.told("telling an answer to the relay", round(tellers / rate * 1e6, 2), "µs"),
        Figure.told("hearing of it and showing it", round(hearer / rate * 1e6, 2), "µs"),
        Figure.at_most("the relay's processor time, of that of the answers", round(share, 3), "times", _GOAL),
    ]


@asynccontextmanager
async def _opened() -> AsyncIterator[_Stage]:
    cores = sorted(os.sched_getaffinity(0))
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-bench-")))
        check_on_disk(folder)
        secret = secrets.token_urlsafe(48)
        with on_cores(set(cores[1:] or cores)):
            postgres = await postgres_for(exits, folder)
            redis = await redis_for(exits, folder)
        name = await postgres.create_database()
        env = {
            "PENCILSDOWN_TOKEN_SECRET": secret,
            "PENCILSDOWN_DATABASE_URL": postgres.url(name),
            "PENCILSDOWN_REDIS_URL": redis.url(),
        }
        await run_program([*_env(env), *CURRENT.command, "migrate"], folder)
        nodes = [
            Node(f"node-{number}", folder, HOST, CURRENT, env | {"PENCILSDOWN_DATA": str(folder / f"data-{number}")})
            for number in range(3)
        ]
        with on_cores({cores[0]}):
            for node in nodes:
                exits.push_async_callback(node.close)
                await node.start()
        exits.enter_context(on_cores(set(cores[1:] or cores)))
        yield _Stage(nodes=nodes, secret=secret, archive=Archive((postgres, name)), folder=folder)


def _env(env: dict[str, str]) -> list[str]:
    return ["env", *(f"{key}={value}" for key, value in env.items())]
