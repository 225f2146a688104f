"""The database: made, migrated, backed up."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.options import not_empty
from server.commands.terminal import explaining, run, say, settings_of_environment

if TYPE_CHECKING:
    from server.settings import Settings


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


def migrate_database(
    runtime_role: Annotated[
        str | None,
        typer.Option(help="PostgreSQL: the nodes' role, which adds to the log and can't change it", callback=not_empty),
    ] = None,
    eraser_role: Annotated[
        str | None, typer.Option(help="PostgreSQL: the role that may delete", callback=not_empty)
    ] = None,
) -> None:
    """Bring the database's schema up to date."""
    from storage.migrate import migrate

    settings = settings_of_environment()
    with explaining():
        make_data_folder(settings)
    run(migrate(settings.database, runtime_role, eraser_role))
    say("The database is up to date.")


def backup(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
) -> None:
    """Copy the embedded database while the server runs. The copy is a complete database."""
    from storage.backup import back_up

    settings = settings_of_environment()
    try:
        run(back_up(settings.database, target))
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    say(f"The database is copied to {target}.")


def restore(
    source: Annotated[Path, typer.Argument(help="A copy that `backup` made", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Put the database aside that is there.")] = False,
) -> None:
    """Put a copy in the place of the embedded database. No server may run on it."""
    from storage.backup import restore as put_back

    settings = settings_of_environment()
    try:
        aside = run(put_back(settings.database, source, replace=replace))
    except OSError as error:
        say(f"{error.filename or source}: {error.strerror}")
        raise typer.Exit(1) from None
    if aside is not None:
        say(f"What was there is in {aside}.")
    say("The database is restored. Run `pencilsdown doctor`, then start the server.")
