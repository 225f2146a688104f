"""`python -m loadtest drill`."""

import asyncio
import gc
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from loadtest.drill.drill import Plan, Result, drill
from loadtest.drill.faults import ALL, Fault
from loadtest.drill.namespace import Namespace
from loadtest.drill.process import Impossible, StageError
from loadtest.drill.summary import how_all_came_back, make_table, passed, to_markdown, write
from loadtest.drill.tmpfs import keep_mounts_private
from loadtest.sockets import allow_many_sockets

console = Console(width=None if sys.stdout.isatty() else 150)

_SHORT_S = 3.0
_LONG_S = 30.0
_SHORT_CROWD = 300
_LONG_CROWD = 2_000
_SHOWN = 10
_DAY = re.compile(r"(-?\d+)/([a-z-]+)/(\d+)")


def drill_command(
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes; else there is none.")] = None,
    table: Annotated[
        Path | None, typer.Option(help="Where the table goes as Markdown; it is printed in any case.")
    ] = None,
    faults: Annotated[str, typer.Option(help="Names, separated by commas; `all`; `list` prints them.")] = "all",
    seed: Annotated[int, typer.Option(help="The same seed gives the same schedule.")] = 1,
    nodes: Annotated[int, typer.Option(min=2, max=8, help="Nodes on the shared database.")] = 2,
    clients: Annotated[int, typer.Option(min=10, help="Candidates.")] = 60,
    crowd: Annotated[
        int | None, typer.Option(min=10, help="Candidates who all come back at once; else 300, or 2,000 with --long.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="How long a fault lasts; else 3, or 30 with --long.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each fault is tried.")] = 1,
    minutes: Annotated[
        float,
        typer.Option(min=0, help="Further rounds until so many minutes are over; the last day is brought to its end."),
    ] = 0.0,
    day: Annotated[
        str | None,
        typer.Option(help="One day again, as the line of a drill names it (1/node-kill/0): seed, fault, round."),
    ] = None,
    old: Annotated[
        str | None,
        typer.Option(help="The git revision that rolling-upgrade begins with; else the newest with other tables."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep histories and logs, also where nothing is wrong.")] = False,
    long: Annotated[bool, typer.Option("--long", help="Longer faults, and a larger crowd.")] = False,
) -> None:
    """Hurt a deployment of real processes on purpose, and hold all that its clients were told against its database.

    Ends with 1 if an invariant did not hold or somebody did not come back; with 2 if the drill could not run.
    """
    if faults == "list":
        for name in ALL:
            console.print(name)
        return
    plan = Plan(
        faults=_chosen(faults),
        seed=seed,
        nodes=nodes,
        clients=clients,
        crowd=crowd or (_LONG_CROWD if long else _SHORT_CROWD),
        seconds=seconds or (_LONG_S if long else _SHORT_S),
        rounds=rounds,
        minutes=minutes,
        older=old,
        keep=keep,
    )
    if day is not None:
        plan = _this_day(plan, day)
    allow_many_sockets()
    # A drill keeps its objects until the end, so the garbage collector would only cause pauses.
    gc.set_threshold(100_000, 50, 1_000)
    keep_mounts_private()
    network = _own_network()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            results = runner.run(_until_told_to_stop(plan, network))
    except asyncio.CancelledError:
        console.print("The drill was told to stop; everything that it had started has ended.")
        raise typer.Exit(2) from None
    except (StageError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(2) from error
    if report is not None:
        write(report, plan, results)
    if table is not None:
        table.write_text(to_markdown(results))
    console.print(make_table(results))
    if not passed(results):
        raise typer.Exit(1)


async def _until_told_to_stop(plan: Plan, network: Namespace | Impossible) -> list[Result]:
    """Ends in order after a signal, so that no process is left behind."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await drill(plan, _tell, network)


def _own_network() -> Namespace | Impossible:
    try:
        return Namespace.enter()
    except Impossible as error:
        return error


def _this_day(plan: Plan, day: str) -> Plan:
    named = _DAY.fullmatch(day)
    if named is None or named[2] not in ALL:
        raise typer.BadParameter(f"{day} names no day; 1/node-kill/0 does")
    return replace(plan, seed=int(named[1]), faults=[ALL[named[2]]], first_round=int(named[3]), rounds=1, minutes=0.0)


def _chosen(names: str) -> list[Fault]:
    if names == "all":
        return list(ALL.values())
    unknown = [name for name in names.split(",") if name not in ALL]
    if unknown:
        raise typer.BadParameter(f"there is no fault {', '.join(unknown)}; there are: {', '.join(ALL)}")
    return [ALL[name] for name in names.split(",")]


def _tell(result: Result) -> None:
    """One line as soon as it is known; more where something is wrong."""
    if result.outcome is None:
        console.print(f"{result.seed}: not possible here: {escape(result.impossible or '')}")
        return
    outcome = result.outcome
    heal = "did not heal" if outcome.heal_s is None else f"healed in {outcome.heal_s:.1f} s"
    console.print(
        f"{result.seed}: {outcome.operations:,} operations, {len(outcome.violations)} violations, {heal}"
        f" ({result.took_s:.0f} s)"
    )
    if outcome.returned_ms or outcome.missing:
        console.print(f"  {how_all_came_back(outcome)}")
    for violation in outcome.violations[:_SHOWN]:
        console.print(f"  {escape(str(violation))}")
    if result.kept is not None:
        console.print(f"  its history and logs stay in {result.kept}")
