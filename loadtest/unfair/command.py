"""`python -m loadtest unfair`."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Final, get_args

import aiohttp
import msgspec
import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clients.python.errors import ClientError
from loadtest.capacity.seat import SeatError
from loadtest.capacity.stage import DatabaseKind
from loadtest.drill.process import StageError
from loadtest.sockets import allow_many_sockets
from loadtest.unfair.mischief import MISCHIEFS
from loadtest.unfair.rounds import Plan, Row, measure

MOST_RATIO: Final = 2.0
"""How much longer the slowest hundredth of others' acknowledgements may take than in a quiet room."""

console = Console()


class Report(msgspec.Struct, frozen=True):
    """`met`: no mischief made others wait longer than `MOST_RATIO` times."""

    worst_ratio: float
    met: bool
    plan: Plan
    rows: list[Row]


def unfair_command(
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    database: Annotated[str, typer.Option(help="sqlite, postgresql, or both.")] = "both",
    candidates: Annotated[int, typer.Option(min=1, help="Honest ones; each answers about once a second.")] = 150,
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement.")] = 6.0,
    rounds: Annotated[int, typer.Option(min=1, help="Of a quiet time and each mischief in turn.")] = 3,
    mischief: Annotated[str, typer.Option(help="Only those with this in their name.")] = "",
    go_first: Annotated[
        bool,
        typer.Option(
            "--go-first", help="Node, database and honest clients go before all else on this machine; for root."
        ),
    ] = False,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="A control: do it all to another node, which the room does not use.")
    ] = False,
) -> None:
    """Let one candidate, anonymous clients and half-open sockets do their worst, and see whether others wait.

    The node runs on one core, everything else on the others. Ends with 1 if somebody's acknowledgements took more than
    twice as long (p99) as in the quiet times between; with 2 if it could not run.
    """
    kinds = [kind for kind in get_args(DatabaseKind) if database in (kind, "both")]
    if not kinds:
        raise typer.BadParameter("--database is sqlite, postgresql, or both")
    names = [name for name in MISCHIEFS if mischief in name]
    if not names:
        raise typer.BadParameter(f"--mischief is part of one of: {'; '.join(MISCHIEFS)}")
    allow_many_sockets()
    if go_first:
        _go_first()
    plan = Plan(candidates, seconds, rounds, elsewhere)
    if len(os.sched_getaffinity(0)) < 2:
        console.print("[yellow]There is one core only: node and clients share it, and the ratios say little.[/]")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rows = [row for kind in kinds for row in runner.run(measure(kind, plan, names, _tell))]
    except (StageError, SeatError, ClientError, aiohttp.ClientError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(2) from error
    told = judge(plan, rows)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    console.print(table(told))
    raise typer.Exit(0 if told.met else 1)


def _go_first() -> None:
    """Gives us real-time scheduling, which child processes inherit; only the mischief gives it up again. With a mere
    priority the kernel lets whoever runs go on for some milliseconds, until its next tick.

    Two threads of the node on one core do not displace each other then: it is harder on the server than anything that
    an operator has.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        raise typer.BadParameter("--go-first needs the right to go before others (root)") from None


def judge(plan: Plan, rows: list[Row]) -> Report:
    """The worst row decides."""
    worst = max(row.ratio for row in rows)
    return Report(worst, worst <= MOST_RATIO, plan, rows)


def table(report: Report) -> Table:
    """A line a mischief and database."""
    found = Table(
        "database", "mischief", "done/s", "quiet p99", "p99", "ratio", "quiet from … to", "rounds", title="Others' acks"
    )
    for row in report.rows:
        found.add_row(
            row.database,
            row.mischief,
            f"{row.per_s:,.0f}",
            f"{row.quiet_ms:.1f} ms",
            f"{row.mischief_ms:.1f} ms",
            f"{row.ratio:.2f}",
            f"{min(row.quiets):.1f} … {max(row.quiets):.1f} ms",
            ", ".join(f"{p99_ms:.1f}" for p99_ms in row.mischiefs),
        )
    return found


def _tell(line: str) -> None:
    console.print(line, markup=False, highlight=False)
