"""What an acknowledged answer costs, beside a message that a bare web server sends back, and how long it takes.

A round starts everything anew: the bare server, then for each database a node as an operator runs it. The server has a
core for itself, the load generator shares another one with the database. At a rate, messages are sent in equal
distances, and a latency counts from the moment at which its message was to be sent. When nobody answers any more, the
log is read: it must have every answer as it was sent, and nothing else.
"""

import tempfile
from pathlib import Path
from typing import Final

from loadtest.bench.bare import bare_server
from loadtest.bench.figure import Figure
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.log_check import check_log
from loadtest.bench.making import make_seats
from loadtest.bench.on_disk import check_on_disk
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.priority import keep_priority
from loadtest.bench.script import candidate_script, echo_script
from loadtest.capacity.stage import opened
from loadtest.sockets import allow_many_sockets

_WARM_S: Final = 2.0
_GOALS: Final = {"sqlite": 1.2, "postgresql": 1.0}
"""Of the processor time when the server has all it can do. SQLite commits in the node's process."""
_GOAL_AT_RATE: Final = 1.5
_GOAL_P99_MS: Final = 10.0
_GOAL_P999_MS: Final = 25.0


async def measure_answers(plan: Plan, say: Say) -> Round:
    """Raises `StageError` and `Lost`."""
    allow_many_sockets()
    check_on_disk(Path(tempfile.gettempdir()))
    bare = await _measure_bare(plan)
    say(f"bare echo: {_in_words(bare)}")
    figures = [
        Figure.told("bare echo: processor time of a message", round(bare.server_us, 2), "µs"),
        Figure.told("bare echo: messages", round(bare.per_s), "/s"),
    ]
    busiest = bare.utilisation
    for database in plan.databases:
        ours = await _measure_node(database, plan)
        say(f"{database}: {_in_words(ours)}")
        figures += _figures(database, plan, ours, bare)
        busiest = max(busiest, ours.utilisation)
    return Round(figures, round(busiest, 3))


def _figures(database: str, plan: Plan, ours: Measured, bare: Measured) -> list[Figure]:
    goal = _GOALS[database] if plan.rate is None else _GOAL_AT_RATE
    cost = f"{database}: the node's processor time of an answer"
    figures = [
        Figure.times(cost, round(ours.server_us, 2), "µs", bare.server_us, goal),
        Figure.told(f"{database}: answers", round(ours.per_s), "/s"),
        Figure.told(f"{database}: the node's share of its core", round(ours.server_utilisation, 3), "cores"),
        Figure.told(f"{database}: acknowledged after, p50", ours.p50_ms, "ms"),
    ]
    if database == "postgresql":
        own = f"{database}: the database's processor time of an answer"
        figures.append(Figure.told(own, round(ours.database_us, 2), "µs"))
    p99, p999 = f"{database}: acknowledged after, p99", f"{database}: acknowledged after, p99.9"
    if plan.rate is None:
        # Whoever sends the next answer at once waits for the thousand others: a latency says nothing that the rate
        # does not.
        return [*figures, Figure.told(p99, ours.p99_ms, "ms"), Figure.told(p999, ours.p999_ms, "ms")]
    return [
        *figures,
        Figure.at_most(p99, ours.p99_ms, "ms", _GOAL_P99_MS),
        Figure.at_most(p999, ours.p999_ms, "ms", _GOAL_P999_MS),
        Figure.told(f"{database}: the load generator itself was late by, p99", ours.late_p99_ms, "ms"),
    ]


def _in_words(one: Measured) -> str:
    acked = f"{one.per_s:,.0f}/s, {one.server_us:.1f} µs each ({one.server_utilisation:.0%} of a core)"
    database = f", {one.database_us:.1f} µs of the database's" if one.database_cpu_s else ""
    latency = f"p50 {one.p50_ms:.1f}, p99 {one.p99_ms:.1f}, p99.9 {one.p999_ms:.1f} ms"
    return f"{acked}{database}; {latency}; generator {one.utilisation:.0%} of a core, late p99 {one.late_p99_ms:.2f} ms"


async def _measure_bare(plan: Plan) -> Measured:
    async with bare_server() as (server, port, folder):
        keep_priority([server.pid])
        load = Load(port, plan.rate, _WARM_S, plan.seconds, server.pid)
        measured = await generate(echo_script(plan.candidates), load, folder)
        measured.check()
        return measured


async def _measure_node(database: str, plan: Plan) -> Measured:
    async with opened("postgresql" if database == "postgresql" else "sqlite") as stage:
        seats = await make_seats(stage, plan.candidates)
        keep_priority([stage.node_pid] if stage.database_pid is None else [stage.node_pid, stage.database_pid])
        script = candidate_script(seats)
        load = Load(stage.port, plan.rate, _WARM_S, plan.seconds, stage.node_pid, stage.database_pid)
        measured = await generate(script, load, stage.folder)
        measured.check()
        check_log(await stage.archive.answers(), script, [seat.id for seat in seats], measured.last_numbers)
        return measured
