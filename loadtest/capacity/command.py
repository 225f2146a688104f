"""`python -m loadtest capacity`."""

import asyncio
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from loadtest.capacity.measure import Level, Measured, measure
from loadtest.capacity.projection import in_words, project
from loadtest.capacity.seat import SeatError
from loadtest.capacity.stage import DatabaseKind
from loadtest.capacity.table import as_markdown, title, write
from loadtest.drill.postgres import find_postgres
from loadtest.drill.process import StageError, find_program
from loadtest.sockets import allow_many_sockets

console = Console()


def capacity_command(
    levels: Annotated[
        str, typer.Option(help="CANDIDATES/PACE, separated by commas; the pace in seconds an answer.")
    ] = "500/5,1000/10,1000/1,3000/10",
    database: Annotated[str, typer.Option(help="sqlite, postgresql, or both.")] = "both",
    seconds: Annotated[float, typer.Option(min=1, help="For how long they answer.")] = 15.0,
    project_to: Annotated[
        int | None, typer.Option("--for", min=1, help="Also say what so many candidates would take, by each level.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes; else there is none.")] = None,
) -> None:
    """Measure what one node carries, on a core of its own: processor, memory, disk, and how long everybody waits.

    The load generator and the database share the other cores. Ends with 2 if it could not run.
    """
    kinds: list[DatabaseKind] = ["sqlite", "postgresql"] if database == "both" else [_kind(database)]
    plan = [level for kind in kinds for level in _levels(levels, kind, seconds)]
    allow_many_sockets()
    results: list[Measured] = []
    failure: Exception | None = None
    try:
        # Check this before measuring for minutes.
        if "postgresql" in kinds:
            find_postgres("initdb")
            find_program("redis-server")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            for level in plan:
                results.append(runner.run(measure(level)))
                console.print(f"{title(results[-1])}: done")
    except (StageError, SeatError, aiohttp.ClientError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        failure = error
    # Print what was measured before a failure, too.
    if report is not None and results:
        write(report, results)
    if results:
        print(as_markdown(results))
    if project_to is not None:
        for one in results:
            print(f"\nBy {title(one)}: {in_words(project(one, project_to))}")
    if failure is not None:
        raise typer.Exit(2) from failure


def _kind(name: str) -> DatabaseKind:
    if name == "sqlite":
        return "sqlite"
    if name == "postgresql":
        return "postgresql"
    raise typer.BadParameter(f"{name}: sqlite, postgresql or both")


def _levels(text: str, database: DatabaseKind, seconds: float) -> list[Level]:
    levels: list[Level] = []
    for part in text.split(","):
        candidates, _, pace = part.partition("/")
        try:
            level = Level(database=database, candidates=int(candidates), pace_s=float(pace), seconds=seconds)
        except ValueError:
            raise typer.BadParameter(f"{part}: a level is CANDIDATES/PACE, such as 1000/10") from None
        if level.candidates < 1 or level.pace_s <= 0:
            raise typer.BadParameter(f"{part}: both numbers must be positive")
        levels.append(level)
    return levels
