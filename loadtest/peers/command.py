"""`python -m loadtest peers`."""

from pathlib import Path
from typing import Annotated

import aiohttp
import msgspec
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from clients.python.errors import ClientError
from loadtest.bench.machine import this_machine
from loadtest.bench.plan import Lost
from loadtest.bench.table import table_of
from loadtest.drill.process import StageError
from loadtest.peers.measure import Plan, measure_peers
from loadtest.peers.peer import PEERS
from loadtest.peers.report import Unlike, added, made, read, write

console = Console()
_NAMES = ", ".join(peer.name for peer in PEERS)


def peers_command(
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    rounds: Annotated[int, typer.Option(min=1, help="How often all are run; medians count.")] = 3,
    candidates: Annotated[int, typer.Option(min=1, help="How many connect to each server.")] = 1_000,
    rate: Annotated[float, typer.Option(min=1, help="Answers a second in the second part.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement.")] = 4.0,
    only: Annotated[list[str] | None, typer.Option(help=f"Beside these alone: {_NAMES}.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Add the rounds to those that the report has.")] = False,
) -> None:
    """Let other real-time servers do the same work as ours, and compare what it costs.

    Candidates connect and answer; each answer is a row in PostgreSQL before it is acknowledged, and then the monitor of
    its room is told. First as fast as each server can, then at a rate. The peers are installed under build/peers from
    their own lock files.

    Ends with 1 if an answer was lost or the goal is not met, with 2 if it could not run or the load generator was too
    busy for the result to mean anything.
    """
    if unknown := set(only or ()) - {peer.name for peer in PEERS}:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: one of {_NAMES}")
    plan = Plan(candidates, rate, seconds, only or ())
    expected = (StageError, ClientError, aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError, Unlike, Lost)
    try:
        before = read(report) if add and report.exists() else None
        done = [uvloop.run(measure_peers(plan, console.log)) for _ in range(rounds)]
        told = made(candidates, rate, seconds, this_machine(), done)
        told = added(before, told) if before is not None else told
        write(told, report)
    except expected as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(1 if isinstance(error, Lost) else 2) from error
    console.print(table_of(told.figures))
    if told.void:
        console.print(f"[red]Void:[/] the load generator used {told.generator_utilisation:.0%} of its core.")
        raise typer.Exit(2)
    if any(one.met is False for one in told.figures):
        raise typer.Exit(1)
