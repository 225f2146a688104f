"""What is kept of a person: erased, or written out."""

from pathlib import Path
from typing import Annotated, Final

import typer

from protocol.attempt.model import Role
from server.commands.options import an_id
from server.commands.terminal import run, say, settings_of_environment

_MAY_NOT_ERASE: Final = (
    "The database does not let this role erase. Give the eraser's role in PENCILSDOWN_ERASER_DATABASE_URL:"
    " deploy/roles.sql makes it, and docs/privacy.md tells how."
)


def erase(
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=an_id)],
    by: Annotated[str, typer.Option(help="Who erases, as the log says it", callback=an_id)] = "operator",
) -> None:
    """Erase everything personal of a user who sits no exam now; numbers stay."""
    from protocol.attempt.model import Actor
    from protocol.codes import REFUSALS, Code
    from protocol.errors import Refused, refuse
    from server.clock import Clock
    from server.erasing import hidden_name
    from server.settings import token_secret
    from storage.database import Database
    from storage.erasing import Erasing, UnderWay
    from storage.errors import NotAllowed
    from storage.revision import check_schema

    settings = settings_of_environment()

    async def work() -> tuple[int, bool]:
        database = await Database.open(settings.eraser_database_url or settings.database)
        try:
            await check_schema(database)
            hidden = hidden_name(token_secret(settings), org, user)
            erasing = Erasing(database)
            try:
                heads = await erasing.erase(org, user, hidden, Actor(Role.SERVICE, by), Clock().now_ms())
            except NotAllowed:
                raise Refused(refuse(Code.FORBIDDEN, _MAY_NOT_ERASE)) from None
            return len(heads), await erasing.scrub()
        finally:
            await database.close()

    try:
        attempts, scrubbed = run(work())
    except UnderWay:
        say(REFUSALS[Code.UNDER_WAY].sentence)
        raise typer.Exit(1) from None
    say(f"{attempts} attempts were erased. Backups that were made before still have them.")
    if not scrubbed:
        say("Somebody sits an exam: the server clears the unused space of the database's file when nobody does.")


def export(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=an_id)],
) -> None:
    """Write everything that is kept of a user to a file, as JSON."""
    import os

    import msgspec

    from protocol.rules.audit import PersonExported
    from server.clock import Clock
    from storage.audit import BY_OPERATOR, Audit
    from storage.database import Database
    from storage.export import export_person
    from storage.revision import check_schema

    settings = settings_of_environment()

    async def work() -> bytes:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            await Audit(database).add(org, BY_OPERATOR, PersonExported(user), Clock().now_ms())
            return msgspec.json.encode(await export_person(database, org, user, Clock().now_ms()))
        finally:
            await database.close()

    data = run(work())
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(data)
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    say(f"What is kept of the user is in {target}.")
