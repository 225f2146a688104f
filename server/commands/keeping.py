"""How long an organisation keeps the logs of its attempts."""

from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.database import with_database
from server.commands.options import MOST_DAYS, AsJson, an_id
from server.commands.printing import print_fields
from server.commands.terminal import settings_of_environment

if TYPE_CHECKING:
    from storage.database import Database

retention = typer.Typer(no_args_is_help=True, help="For how long logs are kept.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@retention.command("show")
def show_retention(org: Org, as_json: AsJson = False) -> None:
    """Show after how many days logs go into archives, and archives are deleted."""
    import msgspec

    from storage.retention import RetentionRules

    rule = with_database(settings_of_environment(), lambda database: RetentionRules(database).of(org))
    print_fields(msgspec.structs.asdict(rule), as_json=as_json)


@retention.command("set")
def set_retention(
    org: Org,
    archive_after: Annotated[
        int | None,
        typer.Option(help="Days from the last record to the archive; else never", min=1, max=MOST_DAYS),
    ] = None,
    drop_after: Annotated[
        int | None, typer.Option(help="Days from the archive to its end; without it never", min=1, max=MOST_DAYS)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say anew for how long. Without options everything is kept."""
    import msgspec

    from protocol.rules.retention import Retention
    from storage.audit import BY_OPERATOR
    from storage.retention import RetentionRules

    rule = Retention(archive_after, drop_after)

    async def say_so(database: "Database") -> None:
        await RetentionRules(database).put(org, rule, BY_OPERATOR, await database.now_ms())

    with_database(settings_of_environment(), say_so)
    print_fields(msgspec.structs.asdict(rule), as_json=as_json)
