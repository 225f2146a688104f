"""How long an organisation keeps what it has."""

from typing import TYPE_CHECKING, Annotated

import typer

from protocol import limits
from server.commands.database import with_database
from server.commands.options import AsJson, an_id
from server.commands.printing import print_fields
from server.commands.terminal import settings_of_environment

if TYPE_CHECKING:
    from storage.database import Database

retention = typer.Typer(no_args_is_help=True, help="For how long things are kept.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@retention.command("show")
def show_retention(org: Org, as_json: AsJson = False) -> None:
    """Show after how many days logs go into archives, archives are deleted, audit entries are emptied, deliveries
    forgotten, and files deleted that no test names."""
    import msgspec

    from storage.retention import RetentionRules

    rule = with_database(settings_of_environment(), lambda database: RetentionRules(database).of(org))
    print_fields(msgspec.structs.asdict(rule), as_json=as_json)


@retention.command("set")
def set_retention(
    org: Org,
    archive_after: Annotated[
        int | None,
        typer.Option(help="Days from the last record to the archive; else never", min=1, max=limits.MAX_RETENTION_DAYS),
    ] = None,
    drop_after: Annotated[
        int | None,
        typer.Option(help="Days from the archive to its end; without it never", min=1, max=limits.MAX_RETENTION_DAYS),
    ] = None,
    audit: Annotated[
        int | None,
        typer.Option(
            help="Days until an entry of the audit log loses what it says; else never",
            min=limits.MIN_AUDIT_DAYS,
            max=limits.MAX_RETENTION_DAYS,
        ),
    ] = None,
    deliveries: Annotated[
        int | None,
        typer.Option(
            help="Days until what was delivered is forgotten; else three", min=1, max=limits.MAX_DELIVERY_DAYS
        ),
    ] = None,
    media: Annotated[
        int | None,
        typer.Option(
            help="Days until a file is deleted that no test names; else never", min=1, max=limits.MAX_RETENTION_DAYS
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say anew for how long. Without options all but deliveries is kept, within PENCILSDOWN_KEEP_AT_MOST."""
    import msgspec

    from protocol.rules.retention import Retention
    from server.bounds import bounds_of
    from storage.audit import BY_OPERATOR
    from storage.retention import RetentionRules

    settings = settings_of_environment()
    rule = Retention(archive_after, drop_after, audit, deliveries, media)

    async def say_so(database: "Database") -> None:
        await RetentionRules(database, bounds_of(settings)).put(org, rule, BY_OPERATOR, await database.now_ms())

    with_database(settings, say_so)
    print_fields(msgspec.structs.asdict(rule), as_json=as_json)
