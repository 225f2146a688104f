"""Old logs: into archives, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from protocol import limits
from server.commands.options import AsJson, a_folder, an_attempt, an_id
from server.commands.terminal import MAY_NOT_ERASE, nothing_found, print_json, run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.rules.retention import Retention
    from storage.archives.moving import Moved
    from storage.archives.names import Form
    from storage.archives.restoring import Restored
    from storage.database import Database
    from storage.unused_media import UnusedMedia

_MOST_DROPPED: Final = 100_000


def prune(
    to: Annotated[Path, typer.Option(help="The folder of the archives", parser=a_folder, metavar="FOLDER")],
    older_than: Annotated[
        int | None,
        typer.Option(
            help="Days since an attempt was over and its log was left alone; without it each organisation's own rule",
            min=1,
            max=limits.MAX_RETENTION_DAYS,
        ),
    ] = None,
    org: Annotated[
        str | None, typer.Option(help="The organisation's id; without it all of them", callback=an_id)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and move nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the logs of old attempts into archives. Results and last answers stay where they are. Where an
    organisation's own rule says so, an archive that is old enough is deleted, an entry of the audit log that is old
    enough loses what it says, and a file that no test has named for long enough is deleted."""
    from protocol.codes import Code
    from protocol.errors import Refused, refuse
    from protocol.rules.retention import Retention
    from server.ages import DO, Ages
    from server.bounds import bounds_of
    from server.media.stores import open_media
    from storage.archives.choosing import Choosing
    from storage.database import Database
    from storage.errors import NotAllowed
    from storage.retention import RetentionRules
    from storage.revision import check_schema
    from storage.unused_media import UnusedMedia

    settings = settings_of_environment()

    async def work() -> dict[str, Any]:
        database = await Database.open(settings.database)
        # On PostgreSQL a role of its own may take records away.
        eraser = await Database.open(settings.eraser_database_url) if settings.eraser_database_url else database
        try:
            await check_schema(database)
            rules = await RetentionRules(database, bounds_of(settings)).in_force()
            names = await Choosing(database).organisations()
            if org is not None and org not in {*rules, *names}:
                nothing_found(f"organisation {org}")
            if older_than is not None:
                rules = dict.fromkeys(names, Retention(older_than))
            elif not as_json and not any(org in (None, name) for name in rules):
                say("No organisation has a rule: give `--older-than`, or make one by `pencilsdown retention set`.")
            rules = {name: rule for name, rule in sorted(rules.items()) if org in (None, name)}
            if dry_run:
                return {"old": await _count_old(database, rules)}
            ages, now_ms = Ages(database), await database.now_ms()
            if settings.accept_clock:
                await ages.accept(now_ms)
            why = await ages.look(now_ms)
            if why is not None:
                say(f"{why}. {DO}.")
                raise typer.Exit(1)
            stored = open_media(settings, database)
            try:
                return await _prune(database, eraser, to, rules, settings.archive_form, UnusedMedia(database, stored))
            finally:
                await stored.close()
        except NotAllowed:
            raise Refused(refuse(Code.FORBIDDEN, MAY_NOT_ERASE)) from None
        finally:
            if eraser is not database:
                await eraser.close()
            await database.close()

    try:
        done = run(work())
    except OSError as error:
        say(f"{error.filename or to}: {error.strerror}")
        raise typer.Exit(1) from None
    if as_json:
        print_json(done)
    else:
        _tell(done)


async def _count_old(database: "Database", rules: "dict[str, Retention]") -> dict[str, int]:
    from storage.archives.choosing import Choosing

    now_ms, choosing = await database.now_ms(), Choosing(database)
    return {
        name: await choosing.count(name, before_ms)
        for name, rule in rules.items()
        if (before_ms := rule.archive_before_ms(now_ms)) is not None
    }


async def _prune(
    database: "Database",
    eraser: "Database",
    to: Path,
    rules: "dict[str, Retention]",
    form: "Form",
    unused: "UnusedMedia",
) -> dict[str, Any]:
    from server.analysis.analyst import Analyst
    from server.analysis.course_keeper import CourseKeeper
    from storage.archives import folder
    from storage.archives.choosing import Choosing
    from storage.archives.dropping import Dropper
    from storage.archives.moving import Mover, prune_logs
    from storage.audit import BY_OPERATOR
    from storage.audit_ages import OldEntries
    from storage.courses import Courses
    from storage.tests import Tests

    now_ms, choosing = await database.now_ms(), Choosing(database)
    keeper = CourseKeeper(Courses(database), Tests(database), Analyst(), lambda: False)
    mover, dropper = Mover(eraser, to, BY_OPERATOR, form), Dropper(eraser, to, BY_OPERATOR)
    moved: list[Moved] = []
    dropped: list[str] = []
    entries, emptied, files = OldEntries(database), {}, {}
    for name, rule in rules.items():
        before_ms = rule.archive_before_ms(now_ms)
        if before_ms is not None:
            moved += await prune_logs(mover, choosing, keeper.fold, org_id=name, before_ms=before_ms, now_ms=now_ms)
        made_before_ms = rule.drop_before_ms(now_ms)
        if made_before_ms is not None:
            with folder.locked(to):
                dropped += await dropper.finish()
                dropped += await dropper.drop(name, made_before_ms, now_ms, _MOST_DROPPED)
        audit_before_ms = rule.audit_before_ms(now_ms)
        if audit_before_ms is not None and await entries.count(name, audit_before_ms):
            emptied[name] = await entries.drop(eraser, name, BY_OPERATOR, audit_before_ms, now_ms)
        unused_before_ms = rule.unused_before_ms(now_ms)
        if unused_before_ms is not None:
            await unused.mark(name, now_ms)
            total = await unused.drop(eraser, name, BY_OPERATOR, unused_before_ms, now_ms)
            if total:
                files[name] = total
    return {"moved": moved, "deleted": dropped, "emptied": emptied, "unused_media": files}


def _tell(done: dict[str, Any]) -> None:
    for name, count in done.get("old", {}).items():
        typer.echo(f"{name}: {count} logs are old enough, and nothing is due of them")
    unreadable = {name: why for one in done.get("moved", ()) for name, why in one.unreadable.items()}
    for name, why in unreadable.items():
        say(f"{name} can't be finished, and stays as it is: {why}")
    for one in done.get("moved", ()):
        for attempt_id, why in one.left.items():
            say(f"attempt {attempt_id} stays: {why}")
        if one.archive is not None:
            typer.echo(f"{one.archive}: {one.attempts} logs, {one.records} records")
    for name in done.get("deleted", ()):
        typer.echo(f"{name}: deleted")
    for name, count in done.get("emptied", {}).items():
        typer.echo(f"{name}: {count} entries of the audit log were emptied")
    for name, count in done.get("unused_media", {}).items():
        typer.echo(f"{name}: {count} files that no test names were deleted")
    if not any(done.values()):
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
