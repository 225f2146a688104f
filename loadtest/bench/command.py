"""`python -m loadtest bench`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import aiohttp
import msgspec
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from clients.python.errors import ClientError
from loadtest.bench.analytics import measure_analytics
from loadtest.bench.answers import measure_answers
from loadtest.bench.bell import measure_bell
from loadtest.bench.deliveries import measure_deliveries
from loadtest.bench.figure import Figure, medians
from loadtest.bench.growth import measure_growth
from loadtest.bench.machine import Machine, this_machine
from loadtest.bench.memory import measure_memory
from loadtest.bench.page import measure_page
from loadtest.bench.plan import DATABASES, Bench, Lost, Plan
from loadtest.bench.relay import measure_relay
from loadtest.bench.replay import measure_replay
from loadtest.bench.returning import measure_return
from loadtest.bench.room import measure_room
from loadtest.bench.start import measure_start
from loadtest.bench.table import table_of
from loadtest.bench.timers import measure_timers
from loadtest.bench.watch import measure_watch
from loadtest.drill.process import StageError

console = Console()

BENCHES: Final[dict[str, Bench]] = {
    "analytics": Bench(measure_analytics, candidates=1_000, rounds=1),
    "answers": Bench(measure_answers, candidates=1_000, rounds=3, paced=True),
    "bell": Bench(measure_bell, candidates=10_000, rounds=1, databases=["postgresql"]),
    "deliveries": Bench(measure_deliveries, candidates=10_000, rounds=1),
    "growth": Bench(measure_growth, candidates=15_000, rounds=1, paced=True, databases=["sqlite"]),
    "memory": Bench(measure_memory, candidates=10_000, rounds=1),
    "page": Bench(measure_page, candidates=10_000, rounds=1, paced=True, databases=["sqlite"]),
    "relay": Bench(measure_relay, candidates=1_000, rounds=3, paced=True, databases=["postgresql"]),
    "replay": Bench(measure_replay, candidates=10_000, rounds=1),
    "return": Bench(measure_return, candidates=10_000, rounds=1),
    "room": Bench(measure_room, candidates=10_000, rounds=1),
    "start": Bench(measure_start, candidates=10_000, rounds=1),
    "timers": Bench(measure_timers, candidates=10_000, rounds=1, paced=True),
    "watch": Bench(measure_watch, candidates=10_000, rounds=1, paced=True, databases=["sqlite"]),
}
_BUSY: Final = 0.9
"""A load generator that uses more of its core than this may be what holds everything up."""


class Report(msgspec.Struct, frozen=True):
    """The JSON report: of each figure the median over all rounds. `generator_utilisation`: in the round in which it was
    greatest. `void`: it was so busy that the figures mean nothing."""

    bench: str
    candidates: int
    rate: float | None
    rounds: int
    machine: Machine
    generator_utilisation: float | None
    void: bool
    figures: Sequence[Figure]


def bench_command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.")],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    rounds: Annotated[int | None, typer.Option(min=1, help="How often it is run; medians count.")] = None,
    candidates: Annotated[int | None, typer.Option(min=1, help="Fewer or more than it is meant for.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=1, help="answers, growth, page, relay, timers, watch: so many answers a second.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="answers, growth, page, relay, watch: of each measurement.")
    ] = 10.0,
    trace: Annotated[
        Path | None, typer.Option(help="replay: folder with candidates.csv, items.csv and responses.csv.gz.")
    ] = None,
    speed: Annotated[float | None, typer.Option(min=1, help="replay: the first speed that is tried.")] = None,
    database: Annotated[
        list[str] | None, typer.Option(help=f"One of: {', '.join(DATABASES)}. Else those it is meant for.")
    ] = None,
) -> None:
    """Measure what a server costs. Ends with 1 if a goal is not met or an answer was lost, with 2 if it could not run
    or the load generator was too busy for the result to mean anything.

    analytics: what it costs another exam that a webhook is told how each attempt stands while a room sits.

    answers: the processor time of an acknowledged answer, compared with that of a message which a bare web server
    echoes, and how long acknowledgements take; on SQLite and PostgreSQL.

    bell: how late everybody is closed and told whose time is up at one instant, on PostgreSQL, and how long marking
    takes.

    growth: the processor time of an answer while few candidates sit, and while many do, at the same rate.

    memory: bytes that each candidate takes in the middle of an exam of 180 questions, all in, on SQLite and PostgreSQL,
    when she has started, in the middle, and after a virtual hour of beats and answers.

    page: what the monitor's page costs whoever watches 10,000 rows of which 2,000 change in a second, and how long a
    click takes there. It needs Chromium, and Playwright.

    relay: what three nodes spend on telling one another of answers, beside what the answers cost.

    replay: the highest speed at which a recorded exam day (--trace) is sat again and acknowledgements stay quick.

    return: how long until everybody is back whose node was killed, what that costs, and whether anything is lost.

    room: what an ordinary minute costs in which everybody sits, beats, looks at a question and answers one, and twenty
    instructors watch.

    start: how long until everybody has her paper who presses start, or opens her link, within one second.

    deliveries: how soon a webhook is told that everybody has completed, and what that costs another exam.

    timers: how late everybody hears of a warning or the end, while 1,000 others answer 2,000 times a second.

    watch: what a room that changes 2,000 times a second costs while 1, 20 and 200 instructors watch it.
    """
    if name not in BENCHES:
        raise typer.BadParameter(f"{name}: one of {', '.join(BENCHES)}")
    if unknown := set(database or ()) - set(DATABASES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: one of {', '.join(DATABASES)}")
    bench = BENCHES[name]
    if rate is not None and not bench.paced:
        raise typer.BadParameter(f"{name} is not run at a rate")
    plan = Plan(candidates or bench.candidates, database or bench.databases, rate, seconds, trace, speed)
    try:
        done = [uvloop.run(bench.run(plan, console.log)) for _ in range(rounds or bench.rounds)]
    except (StageError, ClientError, aiohttp.ClientError, OSError, TimeoutError, Lost) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(1 if isinstance(error, Lost) else 2) from error
    figures = medians([one.figures for one in done])
    busy = max((one.generator_utilisation for one in done if one.generator_utilisation is not None), default=None)
    is_void = busy is not None and busy > _BUSY
    told = Report(name, plan.candidates, rate, len(done), this_machine(), busy, is_void, figures)
    report.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    console.print(table_of(figures))
    if is_void:
        console.print(
            f"[red]Void:[/] the load generator used {busy:.0%} of its core, so it may have held the server up."
        )
        raise typer.Exit(2)
    if any(one.met is False for one in figures):
        raise typer.Exit(1)
