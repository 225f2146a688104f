"""The load generator's command line: `python -m loadtest`."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path
from typing import Annotated, Any, TypeVar

import aiohttp
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from clients.python.errors import ClientError
from loadtest.bench.command import bench_command
from loadtest.capacity.command import capacity_command
from loadtest.drill.command import drill_command
from loadtest.measured.command import figures_command
from loadtest.peers.command import peers_command
from loadtest.replay import Outcome, Plan, Target, make_report, replay
from loadtest.simulate import Crowd, simulate
from loadtest.sockets import allow_many_sockets
from loadtest.spawn import Server, SpawnError
from loadtest.tokens import mint
from loadtest.trace import TraceError, read_trace
from loadtest.unfair.command import unfair_command

app = typer.Typer(
    help="Load for a Pencils Down server, over the wire and nothing else.", no_args_is_help=True, add_completion=False
)
console = Console()
T = TypeVar("T")

Url = Annotated[str | None, typer.Option(help="A running server, for example http://127.0.0.1:8000.")]
Token = Annotated[str | None, typer.Option(help="A service token of that server.", envvar="LOADTEST_TOKEN")]


@app.command("replay")
def replay_command(
    trace: Annotated[Path, typer.Option(help="Folder with candidates.csv, items.csv and responses.csv.gz.")],
    report: Annotated[Path, typer.Option(help="Where the JSON report goes.")],
    speed: Annotated[float, typer.Option(min=0.001, help="Think times are divided by this.")] = 300.0,
    url: Url = None,
    spawn: Annotated[bool, typer.Option("--spawn", help="Start a server for this run, and stop it.")] = False,
    token: Token = None,
    database: Annotated[
        str | None, typer.Option(help="With --spawn: its database; else SQLite in a new folder.")
    ] = None,
    redis: Annotated[str | None, typer.Option(help="With --spawn: its Redis; else none.")] = None,
    candidates: Annotated[
        int | None, typer.Option(min=1, help="Only so many of the candidates, the first ones.")
    ] = None,
    ramp: Annotated[float, typer.Option(min=0, help="Spread the starts over so many seconds.")] = 0.0,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds that everybody has to hand in after the last planned answer.")
    ] = 120.0,
) -> None:
    """Sit a recorded exam day again, and compare what the server stored and scored with the record.

    Think times are divided by the speed; the time limit is not: a scaled limit would multiply every pause of this
    machine by the speed. An item that was left blank gets no answer. Above a speed of about 500 the busiest
    candidates meet the client's own limit of messages per second, which stays below the server's.

    The pilot items are drawn for each candidate from one pool, and extra time comes from a roster, which is written
    beside the report and imported.

    Ends with 1 if an answer is lost, if a score, a paper or a time is wrong, or if somebody did not hand in; with 2 if
    it could not run.
    """
    if spawn == (url is not None):
        raise typer.BadParameter("give either --url or --spawn")
    if url is not None and token is None:
        raise typer.BadParameter("with --url a service --token is needed")
    if not spawn and (database is not None or redis is not None):
        raise typer.BadParameter("--database and --redis are for --spawn; a running server has its own")
    allow_many_sockets()
    with _failing_politely():
        day = read_trace(trace)
        if candidates is not None:
            day = changed(day, candidates=day.candidates[:candidates])
        plan = Plan(
            trace_name=str(trace),
            trace=day,
            speed=speed,
            ramp_s=ramp,
            patience_s=patience,
            roster=report.with_name(f"{report.stem}-roster.csv"),
        )
        passed = _run(
            _replay_spawned(plan, database, redis, report)
            if url is None
            else _replay_at(plan, url, token or "", report)
        )
    raise typer.Exit(0 if passed else 1)


app.command("drill")(drill_command)
app.command("capacity")(capacity_command)
app.command("bench")(bench_command)
app.command("peers")(peers_command)
app.command("figures")(figures_command)
app.command("unfair")(unfair_command)


@app.command("simulate")
def simulate_command(
    url: Annotated[str, typer.Option(help="A running server.")],
    test: Annotated[str, typer.Option(help="The test to sit.")],
    token: Annotated[str, typer.Option(help="A service token of that server.", envvar="LOADTEST_TOKEN")],
    candidates: Annotated[int, typer.Option(min=1, help="How many sit it.")] = 20,
    minutes: Annotated[float, typer.Option(min=0.05, help="About how long each takes.")] = 5.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same candidates.")] = 1,
) -> None:
    """Add simulated candidates to a test: they think, answer, flag, go back, lose their connection, and hand in.

    Ends with 1 if somebody did not hand in, and says who and why; with 2 if it could not run.
    """
    allow_many_sockets()
    with _failing_politely():
        lost = _run(
            simulate(
                Crowd(url=url, token=token, test_id=test, candidates=candidates, minutes=minutes, seed=seed), console
            )
        )
    for user_id, why in sorted(lost.items()):
        console.print(f"{user_id} did not hand in: {why}", markup=False, highlight=False, soft_wrap=True)
    if lost:
        console.print(f"{len(lost)} of {candidates} candidates did not hand in.")
        raise typer.Exit(1)


async def _replay_spawned(plan: Plan, database: str | None, redis: str | None, path: Path) -> bool:
    server = Server(database, redis)
    async with server:
        target = Target(
            url=server.url,
            token=mint(server.secret, "service", "loadtest", "loadtest"),
            database=server.database_kind,
            redis=redis is not None,
        )
        outcome = await replay(plan, target, console)
        # What the server wrote stays where somebody has to look for a fault.
        server.keep = not make_report(plan, target, outcome, None, None).passed
    return _finish(plan, target, outcome, path, server)


async def _replay_at(plan: Plan, url: str, token: str, path: Path) -> bool:
    target = Target(url=url, token=token, database="unknown", redis=False)
    return _finish(plan, target, await replay(plan, target, console), path, None)


def _finish(plan: Plan, target: Target, outcome: Outcome, path: Path, server: Server | None) -> bool:
    cpu_s = server.cpu_s if server is not None else None
    log = server.log if server is not None and server.keep else None
    report = make_report(plan, target, outcome, cpu_s, log)
    report.write(path)
    console.print(report.table())
    return report.passed


def _run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@contextmanager
def _failing_politely() -> Iterator[None]:
    """Turns what can be expected to go wrong into a sentence and the exit code 2."""
    try:
        yield
    except (TraceError, SpawnError, ClientError, aiohttp.ClientError, OSError) as error:
        console.print(f"[red]{type(error).__name__}:[/] {escape(str(error))}")
        raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
