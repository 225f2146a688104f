"""Servers."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from server import demo as demo_exam
from server.commands.database import ready_database
from server.commands.terminal import explaining, settings_of_environment

if TYPE_CHECKING:
    from server.settings import Settings


async def _supervise(settings: "Settings", workers: int) -> bool:
    from server.process.workers import Supervisor

    await ready_database(settings)
    return await Supervisor(settings, workers).run()


def serve(
    workers: Annotated[
        int, typer.Option(help="Processes on the same port; more than one needs PostgreSQL and Redis", min=1, max=256)
    ] = 1,
) -> None:
    """Run a server with the settings of the environment."""
    settings = settings_of_environment()
    with explaining():
        if workers == 1:
            from server.process import serving

            asyncio.run(ready_database(settings))
            serving.run(settings)
            return
        from server.process.workers import check_workers

        check_workers(settings)
        in_order = asyncio.run(_supervise(settings, workers))
    if not in_order:
        raise typer.Exit(1)


def demo() -> None:
    """Run a server with a sample exam. Prints the links to sit and to watch it."""
    from server.process import serving

    settings = settings_of_environment()
    with explaining():
        asyncio.run(ready_database(settings))
        serving.run(settings, demo_exam.prepare, lambda node: typer.echo(demo_exam.links(node)))
