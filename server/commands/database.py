"""The database: made, migrated, backed up."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from server.commands.options import AsJson, not_empty
from server.commands.printing import tell
from server.commands.terminal import explaining, run, say, settings_of_environment

if TYPE_CHECKING:
    from server.settings import Settings
    from storage.database import Database

T = TypeVar("T")


def make_data_folder(settings: "Settings") -> None:
    """Makes the data folder if the database is in it. Only its owner may read it: it holds answers and the secret."""
    from storage.errors import StorageUnavailable

    if settings.on_postgres:
        return
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"{settings.data}: {error.strerror}") from error


async def ready_database(settings: "Settings") -> None:
    """Migrates an embedded database. A shared one is migrated by the operator, and only checked here."""
    from storage.database import Database
    from storage.migrate import migrate
    from storage.revision import check_schema

    if settings.on_postgres:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
        finally:
            await database.close()
    else:
        make_data_folder(settings)
        await migrate(settings.database)


def with_database(settings: "Settings", work: "Callable[[Database], Awaitable[T]]") -> T:
    """What `work` returns, on a database whose schema is this version's."""
    from storage.database import Database

    async def opened() -> T:
        await ready_database(settings)
        database = await Database.open(settings.database)
        try:
            return await work(database)
        finally:
            await database.close()

    return run(opened())


def migrate_database(
    runtime_role: Annotated[
        str | None,
        typer.Option(help="PostgreSQL: the nodes' role, which adds to the log and can't change it", callback=not_empty),
    ] = None,
    eraser_role: Annotated[
        str | None, typer.Option(help="PostgreSQL: the role that may delete", callback=not_empty)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the database's schema up to date."""
    from storage.migrate import migrate
    from storage.revision import newest

    settings = settings_of_environment()
    with explaining():
        make_data_folder(settings)
    run(migrate(settings.database, runtime_role, eraser_role))
    tell({"schema": newest()}, "The database is up to date.", as_json=as_json)


def backup(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Copy the embedded database while the server runs. The copy is a complete database."""
    from storage.backup import back_up

    settings = settings_of_environment()
    try:
        run(back_up(settings.database, target))
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    bytes_written = target.stat().st_size
    tell({"file": str(target), "bytes": bytes_written}, f"The database is copied to {target}.", as_json=as_json)


def restore(
    source: Annotated[Path, typer.Argument(help="A copy that `backup` made", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Put the database aside that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a copy in the place of the embedded database. No server may run on it."""
    from storage.backup import restore as put_back

    settings = settings_of_environment()
    try:
        aside = run(put_back(settings.database, source, replace=replace))
    except OSError as error:
        say(f"{error.filename or source}: {error.strerror}")
        raise typer.Exit(1) from None
    text = "The database is restored. Run `pencilsdown doctor`, then start the server."
    if aside is not None:
        text = f"What was there is in {aside}.\n{text}"
    tell({"put_aside": None if aside is None else str(aside)}, text, as_json=as_json)
