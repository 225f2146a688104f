"""`python -m loadtest bench`."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from loadtest.bench.memory import measure_memory
from loadtest.drill.process import StageError

console = Console()


class Outcome(Protocol):
    """What one round of a benchmark found: plain values, for the report."""

    @property
    def row(self) -> dict[str, str]:
        """Its columns, as people read them."""
        ...


Bench = Callable[[int], Coroutine[Any, Any, Sequence[Outcome]]]
"""Runs one round with so many candidates."""

BENCHES: Final[dict[str, tuple[Bench, int]]] = {"memory": (measure_memory, 10_000)}
"""Name → the benchmark, and with how many candidates it is run unless told otherwise."""


class Report(msgspec.Struct, frozen=True):
    """The JSON report: the outcomes of all rounds, in order."""

    bench: str
    candidates: int
    outcomes: Sequence[Any]


def bench_command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.")],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    rounds: Annotated[int, typer.Option(min=1, help="How often it is run.")] = 1,
    candidates: Annotated[int | None, typer.Option(min=1, help="Fewer or more than it is meant for.")] = None,
) -> None:
    """Measure what a server costs from within. Ends with 2 if it could not run.

    memory: bytes of each candidate who sits in the middle of an exam of 180 questions, on SQLite and PostgreSQL,
    after one and after two hours of beats and answers in virtual time. Sessions are real; the web server's socket
    under each is not there (`capacity` counts it too).
    """
    if name not in BENCHES:
        raise typer.BadParameter(f"{name}: one of {', '.join(BENCHES)}")
    run, usual = BENCHES[name]
    crowd = candidates or usual
    outcomes: list[Outcome] = []
    try:
        for _ in range(rounds):
            outcomes += asyncio.run(run(crowd))
    except (StageError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(2) from error
    report.write_bytes(msgspec.json.format(msgspec.json.encode(Report(name, crowd, outcomes))) + b"\n")
    table = Table(*outcomes[0].row)
    for outcome in outcomes:
        table.add_row(*outcome.row.values())
    console.print(table)
