"""`python -m loadtest bench`."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from loadtest.bench.figure import Figure
from loadtest.bench.machine import Machine, this_machine
from loadtest.bench.memory import DATABASES, measure_memory
from loadtest.drill.process import StageError

console = Console()


Bench = Callable[[int, Sequence[str], Callable[[str], None]], Coroutine[Any, Any, Sequence[Figure]]]
"""Runs one round with so many candidates, on these databases, and says how far it has come."""

BENCHES: Final[dict[str, tuple[Bench, int]]] = {"memory": (measure_memory, 10_000)}
"""Name → the benchmark, and with how many candidates it is run unless told otherwise."""


class Report(msgspec.Struct, frozen=True):
    """The JSON report: the figures of all rounds, in order."""

    bench: str
    candidates: int
    machine: Machine
    figures: Sequence[Figure]


def bench_command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.")],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    rounds: Annotated[int, typer.Option(min=1, help="How often it is run.")] = 1,
    candidates: Annotated[int | None, typer.Option(min=1, help="Fewer or more than it is meant for.")] = None,
    database: Annotated[list[str] | None, typer.Option(help=f"One of: {', '.join(DATABASES)}. Else all.")] = None,
) -> None:
    """Measure what a server costs from within. Ends with 1 if a goal is not met, with 2 if it could not run.

    memory: bytes that each candidate takes in the middle of an exam of 180 questions, all in, on SQLite and PostgreSQL,
    when she has started, in the middle, and after a virtual hour of beats and answers.
    """
    if name not in BENCHES:
        raise typer.BadParameter(f"{name}: one of {', '.join(BENCHES)}")
    if unknown := set(database or ()) - set(DATABASES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: one of {', '.join(DATABASES)}")
    run, usual = BENCHES[name]
    crowd = candidates or usual
    figures: list[Figure] = []
    try:
        for _ in range(rounds):
            figures += uvloop.run(run(crowd, database or DATABASES, console.log))
    except (StageError, OSError, TimeoutError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(2) from error
    report.write_bytes(msgspec.json.format(msgspec.json.encode(Report(name, crowd, this_machine(), figures))) + b"\n")
    table = Table("figure", "value", "goal", "met")
    for one in figures:
        table.add_row(one.name, f"{one.value:,} {one.unit}", f"{one.goal:,}", "yes" if one.met else "no")
    console.print(table)
    if not all(one.met for one in figures):
        raise typer.Exit(1)
