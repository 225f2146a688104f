"""The same work on each server: candidates connect and answer, each answer is a row in PostgreSQL before it is
acknowledged, and the monitor of a candidate's room hears of it.

Twice: as much as the server can, each candidate sending her next answer when the last one is acknowledged, and at a
rate that every one of them can keep. Then the database is read: it must have every answer as it was sent. A peer that
loses one, or hangs up on somebody, is left out; if ours does, the run ends.
"""

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.bare import bare_server
from loadtest.bench.control import Seat
from loadtest.bench.exam import TEST
from loadtest.bench.figure import Figure
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.log_check import check_log
from loadtest.bench.making import make_seats, organisation
from loadtest.bench.on_disk import check_on_disk
from loadtest.bench.plan import Lost, Round, Say
from loadtest.bench.priority import keep_priority
from loadtest.bench.script import FIRST_NUMBER, Script, candidate_script, echo_script
from loadtest.capacity import stage as ours_stage
from loadtest.peers import stage as peers_stage
from loadtest.peers.peer import PEERS, Peer, Write
from loadtest.peers.wires import attempts, rooms
from loadtest.sockets import allow_many_sockets
from loadtest.tokens import mint

OURS: Final = "Pencils Down"
BARE: Final = "bare echo on Starlette"
_WARM_S: Final = 1.0
_PACED_FROM: Final = 40_000
"""The first number at the rate: above all that were used before."""
_GOAL: Final = 4.0
"""Our durable answers for each message of python-socketio's bare echo."""


class Plan(msgspec.Struct, frozen=True):
    """`rate`: answers a second of all candidates together, in the second part. `seconds`: of each part."""

    candidates: int
    rate: float
    seconds: float
    only: Sequence[str] = ()

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only


async def measure_peers(plan: Plan, say: Say) -> Round:
    """All of them, one after the other. Raises `StageError` and `Lost`."""
    allow_many_sockets()
    check_on_disk(Path(tempfile.gettempdir()))
    run = _Run(plan, say)
    await run.bare()
    for peer in PEERS:
        if peer.echo is not None and plan.wants(peer.name):
            await run.echo(peer, peer.echo)
    await run.ours()
    for peer in PEERS:
        if plan.wants(peer.name):
            try:
                await run.peer(peer)
            except Lost as error:
                # That is its result; the others still have theirs.
                say(f"{peer.name} is left out: {error}")
    return Round(run.figures, round(run.busiest, 3))


class _Run:
    """One round, and what it has found so far."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say
        self._echoes_per_s: float | None = None
        self.figures: list[Figure] = []
        self.busiest = 0.0

    async def bare(self) -> None:
        async with bare_server() as (server, port, folder):
            keep_priority([server.pid])
            measured = await self._generate(echo_script(self._plan.candidates), port, server.pid, None, folder, None)
        self._tell(BARE, measured, "messages")

    async def echo(self, peer: Peer, write: Write) -> None:
        async with peers_stage.opened(peer) as stage:
            script = write(self._plan.candidates, FIRST_NUMBER)
            measured = await self._generate(script, stage.port, stage.pid, None, stage.folder, None)
        self._tell(f"{peer.name}, bare echo", measured, "messages")
        if peer.name == "python-socketio":
            self._echoes_per_s = measured.per_s

    async def peer(self, peer: Peer) -> None:
        async with peers_stage.opened(peer) as stage:
            names = attempts(self._plan.candidates)

            async def run(first_number: int, rate: float | None) -> Measured:
                script = peer.script(self._plan.candidates, first_number)
                database = stage.postgres.pid
                try:
                    measured = await self._generate(script, stage.port, stage.pid, database, stage.folder, rate)
                except Lost as error:
                    raise Lost(f"{error}; it says: {stage.output[-2_000:]}") from error
                check_log(script.its_part(await stage.log()), script, names, measured.last_numbers)
                return measured

            await self._both(peer.name, run, rows_each=1)

    async def ours(self) -> None:
        plan = self._plan
        async with ours_stage.opened("postgresql") as stage:
            assert stage.database_pid is not None, "PostgreSQL has processes of its own"
            database = stage.database_pid
            seats = await make_seats(stage, plan.candidates)
            keep_priority([stage.node_pid, database])
            watchers = [
                Seat(TEST, mint(stage.secret, "instructor", "instructor", organisation(number)))
                for number in range(len(rooms(plan.candidates)))
            ]

            async def run(first_number: int, rate: float | None) -> Measured:
                script = candidate_script(seats, watchers, first_number)
                measured = await self._generate(script, stage.port, stage.node_pid, database, stage.folder, rate)
                log = script.its_part(await stage.archive.answers())
                check_log(log, script, [seat.id for seat in seats], measured.last_numbers)
                return measured

            answers = await self._both(OURS, run, rows_each=0)
        if self._echoes_per_s is not None:
            name = f"{OURS}: durable answers, to python-socketio's bare echo"
            self.figures.append(Figure.times_at_least(name, round(answers.per_s), "/s", self._echoes_per_s, _GOAL))

    async def _both(
        self, name: str, run: Callable[[int, float | None], Awaitable[Measured]], rows_each: int
    ) -> Measured:
        """As much as it can, and at the rate. Returns the first. `rows_each`: messages to a monitor for each answer; 0:
        one message tells it of many."""
        most = await run(FIRST_NUMBER, None)
        self._tell(name, most, "answers")
        paced = await run(_PACED_FROM, self._plan.rate)
        at_rate = f"{name}, {self._plan.rate:,.0f}/s"
        self.figures += [
            Figure.told(f"{name}: the database's processor time of an answer", round(most.database_us, 2), "µs"),
            Figure.told(f"{at_rate}: processor time of each", round(paced.server_us, 2), "µs"),
            Figure.told(f"{at_rate}: acknowledged after, p50", paced.p50_ms, "ms"),
            Figure.told(f"{at_rate}: acknowledged after, p99", paced.p99_ms, "ms"),
        ]
        missed = sum(max(0, one.acked * rows_each - one.rows) for one in (most, paced))
        self.figures.append(Figure.told(f"{name}: rows that its monitors missed", missed, "rows"))
        if not min(most.rows, paced.rows):
            raise Lost(f"{name}: its monitors have heard nothing")
        self._say(f"{at_rate}: {paced.server_us:.0f} µs each, p50 {paced.p50_ms:.1f}, p99 {paced.p99_ms:.1f} ms")
        return most

    def _tell(self, name: str, measured: Measured, what: str) -> None:
        each_us = measured.opening_cpu_s / max(1, measured.opened) * 1e6
        self.figures += [
            Figure.told(f"{name}: {what}", round(measured.per_s), "/s"),
            Figure.told(f"{name}: processor time of each", round(measured.server_us, 2), "µs"),
            Figure.told(f"{name}: processor time of connecting", round(each_us), "µs"),
        ]
        self._say(
            f"{name}: {measured.per_s:,.0f}/s, {measured.server_us:.1f} µs each"
            f" ({measured.server_utilisation:.0%} of a core), {measured.database_us:.1f} µs of the database's;"
            f" {measured.rows:,} messages to monitors; generator {measured.utilisation:.0%} of a core"
        )

    async def _generate(
        self, script: Script, port: int, pid: int, database: int | None, folder: Path, rate: float | None
    ) -> Measured:
        load = Load(port, rate, _WARM_S, self._plan.seconds, pid, database)
        measured = await generate(script, load, folder)
        measured.check()
        self.busiest = max(self.busiest, measured.utilisation)
        return measured
