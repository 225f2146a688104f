"""What is kept of a person: erased, or written out."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from protocol.attempt.model import Role
from server.commands.options import AsJson, an_id
from server.commands.printing import tell
from server.commands.terminal import MAY_NOT_ERASE, run, say, settings_of_environment


def _nobody(org: str, user: str) -> NoReturn:
    say(f"Nothing is kept of a user {user} in the organisation {org}. Nothing was done: check both ids.")
    raise typer.Exit(1)


def erase(
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=an_id)],
    by: Annotated[str, typer.Option(help="Who erases, as the log says it", callback=an_id)] = "operator",
    as_json: AsJson = False,
) -> None:
    """Erase everything personal of a user who sits no exam now; numbers stay."""
    from protocol.attempt.model import Actor
    from protocol.codes import REFUSALS, Code
    from protocol.errors import Refused, refuse
    from server.people.aliases import hidden_name
    from server.settings import token_secret
    from storage.database import Database
    from storage.erasing import Erasing, UnderWay
    from storage.errors import NotAllowed
    from storage.export import is_known
    from storage.revision import check_schema

    settings = settings_of_environment()

    async def work() -> tuple[int, bool] | None:
        database = await Database.open(settings.eraser_database_url or settings.database)
        try:
            await check_schema(database)
            if not await is_known(database, org, user):
                return None
            hidden = hidden_name(token_secret(settings), org, user)
            erasing = Erasing(database)
            try:
                heads = await erasing.erase(org, user, hidden, Actor(Role.SERVICE, by), await database.now_ms())
            except NotAllowed:
                raise Refused(refuse(Code.FORBIDDEN, MAY_NOT_ERASE)) from None
            return len(heads), await erasing.scrub()
        finally:
            await database.close()

    try:
        erased = run(work())
    except UnderWay:
        say(REFUSALS[Code.UNDER_WAY].sentence)
        raise typer.Exit(1) from None
    if erased is None:
        _nobody(org, user)
    attempts, scrubbed = erased
    text = f"{attempts} attempts were erased. Backups that were made before still have them."
    if not scrubbed:
        text += "\nSomebody sits an exam: the server clears the unused space of the database's file when nobody does."
    tell({"attempts": attempts, "scrubbed": scrubbed}, text, as_json=as_json)


def export(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=an_id)],
    as_json: AsJson = False,
) -> None:
    """Write everything that is kept of a user to a file, as JSON."""
    import os

    import msgspec

    from protocol.rules.audit import PersonExported
    from storage.audit import BY_OPERATOR, Audit
    from storage.database import Database
    from storage.export import export_person, is_known
    from storage.revision import check_schema

    settings = settings_of_environment()

    # Nothing is read, and nothing noted, that could not be written.
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None

    async def work() -> bytes | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            if not await is_known(database, org, user):
                return None
            now_ms = await database.now_ms()
            await Audit(database).add(org, BY_OPERATOR, PersonExported(user), now_ms)
            return msgspec.json.encode(await export_person(database, org, user, now_ms))
        finally:
            await database.close()

    data = None
    try:
        data = run(work())
        if data is None:
            _nobody(org, user)
        target.write_bytes(data)
    except OSError as error:
        say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    finally:
        if data is None:
            target.unlink(missing_ok=True)
    tell({"file": str(target)}, f"What is kept of the user is in {target}.", as_json=as_json)
