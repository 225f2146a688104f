"""Old logs: into archives, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.commands.options import AsJson, an_attempt, an_id
from server.commands.terminal import MAY_NOT_ERASE, print_json, run, say, settings_of_environment

if TYPE_CHECKING:
    from storage.archives.moving import Moved
    from storage.archives.restoring import Restored

_DAY_MS: Final = 24 * 3600 * 1000
_MOST_DAYS: Final = 36_500


def prune(
    older_than: Annotated[
        int, typer.Option(help="Days since an attempt was over and its log was left alone", min=1, max=36_500)
    ],
    to: Annotated[Path, typer.Option(help="The folder of the archives", file_okay=False)],
    org: Annotated[
        str | None, typer.Option(help="The organisation's id; without it all of them", callback=an_id)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and move nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the logs of old attempts into archives. Results and last answers stay where they are."""
    from protocol.codes import Code
    from protocol.errors import Refused, refuse
    from server.analysis.analyst import Analyst
    from server.analysis.course_keeper import CourseKeeper
    from storage.archives.choosing import Choosing
    from storage.archives.moving import Mover, prune_logs
    from storage.audit import BY_OPERATOR
    from storage.courses import Courses
    from storage.database import Database
    from storage.errors import NotAllowed
    from storage.revision import check_schema
    from storage.tests import Tests

    settings = settings_of_environment()

    async def work() -> "tuple[dict[str, int], list[Moved]]":
        database = await Database.open(settings.database)
        # On PostgreSQL a role of its own may take records away.
        eraser = await Database.open(settings.eraser_database_url) if settings.eraser_database_url else database
        try:
            await check_schema(database)
            now_ms = await database.now_ms()
            choosing, before_ms = Choosing(database), now_ms - older_than * _DAY_MS
            old: dict[str, int] = {}
            moved: list[Moved] = []
            for one in await choosing.organisations() if org is None else [org]:
                if dry_run:
                    old[one] = await choosing.count(one, before_ms)
                    continue
                keeper = CourseKeeper(Courses(database), Tests(database), Analyst(), lambda: False)
                moved += await prune_logs(
                    Mover(database, to, BY_OPERATOR),
                    choosing,
                    keeper.fold,
                    org_id=one,
                    before_ms=before_ms,
                    now_ms=now_ms,
                )
            return old, moved
        except NotAllowed:
            raise Refused(refuse(Code.FORBIDDEN, MAY_NOT_ERASE)) from None
        finally:
            if eraser is not database:
                await eraser.close()
            await database.close()

    try:
        old, moved = run(work())
    except OSError as error:
        say(f"{error.filename or to}: {error.strerror}")
        raise typer.Exit(1) from None
    if as_json:
        print_json({"old": old} if dry_run else {"moved": moved})
        return
    for name, count in old.items():
        typer.echo(f"{name}: {count} logs are old enough, and nothing is due of them")
    for one in moved:
        for attempt_id, why in one.left.items():
            say(f"attempt {attempt_id} stays: {why}")
        if one.archive is not None:
            typer.echo(f"{one.archive}: {one.attempts} logs, {one.records} records")
    if not old and not moved:
        say("Nothing is old enough.")


def restore_logs(
    archive: Annotated[Path, typer.Argument(help="An archive that `prune` made", exists=True, dir_okay=False)],
    attempt: Annotated[str | None, typer.Option(help="Only the log of this attempt", callback=an_attempt)] = None,
    as_json: AsJson = False,
) -> None:
    """Bring logs back from an archive. The archive stays as it is."""
    from protocol.codes import Code
    from protocol.errors import Refused, refuse
    from storage.archives.restoring import restore_logs as put_back
    from storage.audit import BY_OPERATOR
    from storage.database import Database
    from storage.errors import NotAllowed
    from storage.revision import check_schema

    settings = settings_of_environment()

    async def work() -> "Restored":
        database = await Database.open(settings.eraser_database_url or settings.database)
        try:
            await check_schema(database)
            only = None if attempt is None else {attempt}
            return await put_back(database, archive, BY_OPERATOR, await database.now_ms(), only)
        except NotAllowed:
            raise Refused(refuse(Code.FORBIDDEN, MAY_NOT_ERASE)) from None
        finally:
            await database.close()

    try:
        done = run(work())
    except OSError as error:
        say(f"{archive}: {error.strerror}")
        raise typer.Exit(1) from None
    if as_json:
        print_json(done)
    else:
        for attempt_id, why in done.left.items():
            say(f"attempt {attempt_id} stays as it is: {why}")
        typer.echo(f"{done.attempts} logs, {done.records} records are in the database again")
    if not done.attempts:
        raise typer.Exit(1)
