"""The `pencilsdown` command.

Each command imports what it needs when it is called: `--help` must not wait for a server's modules.
"""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from protocol.attempt.model import Role
from protocol.ids import find_twins, read_id
from server import demo as demo_exam

if TYPE_CHECKING:
    from protocol.attempt.chain import ErasedLog, NewerLog
    from server.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Plain help: importing rich takes longer than everything else that the help needs.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Timed tests and exams, in real time.",
)
T = TypeVar("T")


def _say(text: str) -> None:
    """Prints a message for people on standard error. Standard output is for results that a program may read."""
    typer.echo(text, err=True)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns errors that an operator can fix into a sentence or two and an exit status."""
    from server.starting import EXPECTED, exit_status, in_words

    try:
        yield
    except EXPECTED as error:
        _say(in_words(error))
        raise typer.Exit(exit_status(error)) from None


def _settings() -> "Settings":
    from server import logs
    from server.settings import load_settings, token_secret

    with _in_words():
        settings = load_settings()
        token_secret(settings)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _in_words():
        return asyncio.run(work)


def _make_data_folder(settings: "Settings") -> None:
    """Makes the data folder if the database is in it. Only its owner may read it: it holds answers and the secret."""
    from storage.errors import StorageUnavailable

    if settings.on_postgres:
        return
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"{settings.data}: {error.strerror}") from error


async def _ready_database(settings: "Settings") -> None:
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
        _make_data_folder(settings)
        await migrate(settings.database)


async def _supervise(settings: "Settings", workers: int) -> bool:
    from server.workers import Supervisor

    await _ready_database(settings)
    return await Supervisor(settings, workers).run()


@app.command()
def serve(
    workers: Annotated[
        int, typer.Option(help="Processes on the same port; more than one needs PostgreSQL and Redis", min=1, max=256)
    ] = 1,
) -> None:
    """Run a server with the settings of the environment."""
    settings = _settings()
    with _in_words():
        if workers == 1:
            from server import serving

            asyncio.run(_ready_database(settings))
            serving.run(settings)
            return
        from server.workers import check_workers

        check_workers(settings)
        in_order = asyncio.run(_supervise(settings, workers))
    if not in_order:
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Run a server with a sample exam. Prints the links to sit and to watch it."""
    from server import serving

    settings = _settings()
    with _in_words():
        asyncio.run(_ready_database(settings))
        serving.run(settings, demo_exam.prepare, lambda node: typer.echo(demo_exam.links(node)))


@app.command("migrate")
def migrate_command(
    runtime_role: Annotated[
        str | None, typer.Option(help="PostgreSQL: the nodes' role, which may add to the log and not change it")
    ] = None,
    eraser_role: Annotated[str | None, typer.Option(help="PostgreSQL: the role that may delete")] = None,
) -> None:
    """Bring the database's schema up to date."""
    from storage.migrate import migrate

    settings = _settings()
    with _in_words():
        _make_data_folder(settings)
    _run(migrate(settings.database, runtime_role, eraser_role))
    _say("The database is up to date.")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
) -> None:
    """Copy the embedded database while the server runs. The copy is a complete database."""
    from storage.backup import back_up

    settings = _settings()
    try:
        _run(back_up(settings.database, target))
    except OSError as error:
        _say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    _say(f"The database is copied to {target}.")


def _id(text: str | None) -> str | None:
    """An option that is an id."""
    try:
        return None if text is None else read_id(text)
    except ValueError as error:
        raise typer.BadParameter(f"An id {error}.") from None


def _ids(texts: list[str] | None) -> list[str] | None:
    """None where the option is not given."""
    return [_id(text) or "" for text in texts] if texts else None


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What it may do: see docs/rules.md.")],
    user: Annotated[str, typer.Option(help="The user's id", callback=_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)] = demo_exam.ORG,
    name: Annotated[str | None, typer.Option(help="The name that staff see")] = None,
    branch: Annotated[
        list[str] | None, typer.Option(help="Staff: only this branch. A candidate: her branch.", callback=_ids)
    ] = None,
    test: Annotated[list[str] | None, typer.Option(help="Only this test", callback=_ids)] = None,
    group: Annotated[list[str] | None, typer.Option(help="Staff: only this group", callback=_ids)] = None,
    attempt: Annotated[str | None, typer.Option(help="Only this attempt", callback=_id)] = None,
    only: Annotated[
        str | None, typer.Option(help="`result`: it shows the result of --attempt to its candidate, and nothing else")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long it is good for", min=0.01, max=24 * 366)] = 12.0,
) -> None:
    """Print a token signed with this deployment's secret. --branch, --test and --group may be given several times."""
    from server.claims import ONLY_RESULT
    from server.clock import Clock
    from server.tokens import Tokens

    if role is Role.SYSTEM:
        _say("The role `system` belongs to the server itself; no token has it.")
        raise typer.Exit(2)
    if only is not None and (only != ONLY_RESULT or role is not Role.CANDIDATE or attempt is None):
        raise typer.BadParameter(f"--only is `{ONLY_RESULT}`, and goes with --role candidate and --attempt")
    tokens = Tokens(_settings(), Clock())
    with _in_words():
        text = tokens.mint(
            role,
            user,
            org,
            lifetime_ms=int(hours * 3_600_000),
            name=name,
            attempt_id=attempt,
            branches=branch,
            tests=test,
            groups=group,
            only_result=only is not None,
        )
    typer.echo(text)


@app.command("import")
def import_command(
    exam: Annotated[Path, typer.Argument(help="A YAML file", exists=True, dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)] = demo_exam.ORG,
) -> None:
    """Store a test from a YAML file. If an attempt uses its newest version, a new version is made."""
    from server.clock import Clock
    from server.exam_file import read_exam, read_window
    from server.exam_summary import seasons, summary
    from storage.database import Database
    from storage.tests import Tests

    settings = _settings()

    async def store() -> list[str]:
        data = exam.read_bytes()
        test_id, content = read_exam(data)
        await _ready_database(settings)
        database = await Database.open(settings.database)
        try:
            tests = Tests(database)
            others = [test.test_id for test in await tests.list(org) if find_twins((test_id, test.test_id))]
            version = await tests.put(org, test_id, content, Clock().now_ms())
        finally:
            await database.close()
        return [
            f"Test {test_id}, version {version}, is stored for organisation {org}.",
            *summary(content),
            *seasons(read_window(data)),
            *(
                f"There is another test {other} whose id differs in letter case alone: the two are easily mixed up."
                for other in others
                if other != test_id
            ),
        ]

    for line in _run(store()):
        _say(line)


def _erased(log: "ErasedLog") -> str:
    from datetime import UTC, datetime

    entry = log.record.entry
    at = datetime.fromtimestamp(entry.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"attempt {log.attempt_id}: the bodies of records 1 to {log.erased} were erased at {at} UTC by"
        f" {entry.role.value} {entry.by}; the chain holds"
    )


def _newer(log: "NewerLog") -> str:
    what = ", ".join(sorted({unread.what for unread in log.unread}))
    return (
        f"attempt {log.attempt_id}: this version does not know {what}, first in record {log.unread[0].seq};"
        " the chain holds"
    )


@app.command()
def erase(
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=_id)],
    by: Annotated[str, typer.Option(help="Who erases, as the log says it", callback=_id)] = "operator",
) -> None:
    """Erase everything personal of a user who sits no exam now; numbers stay."""
    from protocol.attempt.model import Actor
    from protocol.codes import REFUSALS, Code
    from server.clock import Clock
    from server.erasing import hidden_name
    from server.settings import token_secret
    from storage.database import Database
    from storage.erasing import Erasing, UnderWay
    from storage.revision import check_schema

    settings = _settings()

    async def work() -> tuple[int, bool]:
        database = await Database.open(settings.eraser_database_url or settings.database)
        try:
            await check_schema(database)
            hidden = hidden_name(token_secret(settings), org, user)
            erasing = Erasing(database)
            heads = await erasing.erase(org, user, hidden, Actor(Role.SERVICE, by), Clock().now_ms())
            return len(heads), await erasing.scrub()
        finally:
            await database.close()

    try:
        attempts, scrubbed = _run(work())
    except UnderWay:
        _say(REFUSALS[Code.UNDER_WAY].sentence)
        raise typer.Exit(1) from None
    _say(f"{attempts} attempts were erased. Backups that were made before still have them.")
    if not scrubbed:
        _say("Somebody sits an exam: the server clears the unused space of the database's file when nobody does.")


@app.command()
def roster(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8", exists=True, dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)],
    test: Annotated[str | None, typer.Option(help="The test that they sit")] = None,
    course: Annotated[str | None, typer.Option(help="The course whose tests they sit")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing: only look for mistakes")] = False,
) -> None:
    """Import who sits a test, their groups, and what they are granted, from a CSV file: all of it, or nothing."""
    from protocol import limits
    from protocol.ids import normalize_id, read_address_id
    from protocol.rules.roster import read_roster
    from server.clock import Clock
    from server.instants import read_instant
    from storage.audit import BY_OPERATOR
    from storage.database import Database
    from storage.enrolments import COURSE, TEST
    from storage.revision import check_schema
    from storage.rosters import Report, import_roster
    from storage.tests import Tests

    settings = _settings()
    if (test is None) == (course is None):
        raise typer.BadParameter("name one of --test and --course")
    try:
        to_kind, to_id = (TEST, normalize_id(test)) if test is not None else (COURSE, read_address_id(course or ""))
    except ValueError as error:
        raise typer.BadParameter(f"--course {error}") from None
    data = file.read_bytes()
    if len(data) > limits.MAX_ROSTER_BYTES:
        _say(f"{file} is larger than {limits.MAX_ROSTER_BYTES // 1024**2} MiB.")
        raise typer.Exit(1)
    try:
        entries, mistakes = read_roster(data.decode(), read_instant)
    except UnicodeDecodeError as error:
        _say(f"line {data.count(bytes([10]), 0, error.start) + 1}: it is not written in UTF-8")
        raise typer.Exit(1) from None
    for mistake in mistakes:
        _say(str(mistake))
    if mistakes:
        _say("Nothing was imported.")
        raise typer.Exit(1)

    async def work() -> Report | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            if to_kind == TEST and await Tests(database).newest_version(org, to_id) is None:
                return None
            now_ms = Clock().now_ms()
            return await import_roster(
                database, org, entries, to_kind, to_id, now_ms=now_ms, by=BY_OPERATOR, dry_run=dry_run
            )
        finally:
            await database.close()

    report = _run(work())
    if report is None:
        _say(f"There is no test {to_id}.")
        raise typer.Exit(1)
    would = "would be " if dry_run else ""
    typer.echo(f"{report.made} {would}made, {report.changed} {would}changed, {report.unchanged} unchanged")


@app.command("check-schedule")
def check_schedule_command(
    test: Annotated[str, typer.Argument(help="The test's id", callback=_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)],
) -> None:
    """Say who can't have the whole time within the window of a test, or the form that she is enrolled for."""
    from protocol.rules.schedule import ScheduleWarning, check_schedule
    from storage.database import Database
    from storage.revision import check_schema
    from storage.scheduled import scheduled
    from storage.tests import Tests

    settings = _settings()

    async def work() -> tuple[int, list[ScheduleWarning]] | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            stored = await Tests(database).get(org, test)
            if stored is None:
                return None
            people = [one async for one in scheduled(database, org, test, stored.content.course_id)]
            return len(people), list(check_schedule(stored.content, people))
        finally:
            await database.close()

    found = _run(work())
    if found is None:
        _say(f"There is no test {test}.")
        raise typer.Exit(1)
    candidates, troubles = found
    for one in troubles:
        _say(f"{one.user_id or 'everybody'}: {one.detail}")
    typer.echo(f"{candidates} candidates, {len(troubles)} warnings")
    if troubles:
        raise typer.Exit(1)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)],
    user: Annotated[str, typer.Option(help="The user's id", callback=_id)],
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

    settings = _settings()

    async def work() -> bytes:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            await Audit(database).add(org, BY_OPERATOR, PersonExported(user), Clock().now_ms())
            return msgspec.json.encode(await export_person(database, org, user, Clock().now_ms()))
        finally:
            await database.close()

    data = _run(work())
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(data)
    except OSError as error:
        _say(f"{target}: {error.strerror}")
        raise typer.Exit(1) from None
    _say(f"What is kept of the user is in {target}.")


@app.command("verify-log")
def verify_log_command(
    attempt: Annotated[str | None, typer.Option(help="Only this attempt")] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="Also compare with the signed heads in this folder", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Check every hash chain. Finds a byte of the log that was changed, removed or inserted."""
    from protocol.attempt.chain import ErasedLog, NewerLog
    from server.heads import BadHeads, read_heads
    from server.heads_check import compare, find_missing
    from server.settings import PREFIX
    from server.starting import WRONG_SETTINGS
    from storage.audit import verify_audit
    from storage.database import Database
    from storage.head_files import HeadFiles
    from storage.revision import check_schema
    from storage.verify import verify_log

    settings = _settings()

    if heads is not None and not settings.heads_key:
        _say(f"{PREFIX}HEADS_KEY must be set to the key that the heads were signed with.")
        raise typer.Exit(WRONG_SETTINGS)

    async def verify() -> tuple[int, int, int, list[str]]:
        files = {} if heads is None else read_heads(heads, settings.heads_key.encode())
        kept = [head for file in files.values() for head in file.heads]
        database = await Database.open(settings.database)
        attempts = records = entries = 0
        broken: list[str] = []
        try:
            await check_schema(database)
            async for _, count, said in verify_log(database, attempt):
                attempts += 1
                records += count
                if isinstance(said, ErasedLog):
                    _say(_erased(said))
                elif isinstance(said, NewerLog):
                    _say(_newer(said))
                elif said is not None:
                    broken.append(str(said))
            if attempt is None:
                async for _, count, wrong in verify_audit(database):
                    entries += count
                    if wrong is not None:
                        broken.append(str(wrong))
            if heads is not None:
                known = await HeadFiles(database).all()
                if not files and not known:
                    raise BadHeads(f"{heads} has no file of heads")
                broken += find_missing(files, known)
            broken += map(str, await compare(database, [one for one in kept if attempt in (None, one[0])]))
        finally:
            await database.close()
        return attempts, records, entries, broken

    attempts, records, entries, broken = _run(verify())
    for line in broken:
        _say(line)
    if attempt is not None and attempts == 0:
        _say("There is no such attempt.")
        raise typer.Exit(1)
    if attempt is None:
        typer.echo(f"{entries} entries of audit logs")
    typer.echo(f"{attempts} attempts, {records} records, {len(broken)} broken")
    if broken:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of("pencilsdown"))


def main() -> None:
    """The entry point."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
