"""The `pencilsdown` command."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from protocol.attempt.model import Role
from protocol.ids import find_twins, read_id
from server import demo as demo_exam
from server import logs, serving
from server.app import VERSION
from server.clock import Clock
from server.exam_file import read_exam
from server.exam_summary import summary
from server.heads import compare, read_heads
from server.settings import Settings, load_settings, token_secret
from server.starting import EXPECTED, exit_status, in_words
from server.tokens import Tokens
from server.workers import Supervisor, check_workers
from storage.backup import back_up
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.migrate import check_schema, migrate
from storage.tests import Tests
from storage.verify import verify_log

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Timed tests and exams, in real time.")
out = Console()
err = Console(stderr=True)
T = TypeVar("T")


@contextmanager
def _in_words() -> Iterator[None]:
    """What an operator can mend is said in a sentence or two."""
    try:
        yield
    except EXPECTED as error:
        err.print(in_words(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(exit_status(error)) from None


def _settings() -> Settings:
    with _in_words():
        settings = load_settings()
        token_secret(settings)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _in_words():
        return asyncio.run(work)


def _make_data_folder(settings: Settings) -> None:
    """Only where the database is in it. For nobody else on this machine: it holds answers, and the secret."""
    if settings.on_postgres:
        return
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"{settings.data}: {error.strerror}") from error


async def _ready_database(settings: Settings) -> None:
    """The embedded database is brought up to date by itself; a shared one is the operator's to migrate."""
    if settings.on_postgres:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
        finally:
            await database.close()
    else:
        _make_data_folder(settings)
        await migrate(settings.database)


async def _supervise(settings: Settings, workers: int) -> bool:
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
            asyncio.run(_ready_database(settings))
            serving.run(settings)
            return
        check_workers(settings)
        in_order = asyncio.run(_supervise(settings, workers))
    if not in_order:
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Run a server with a sample exam, and print the links to sit and to watch it."""
    settings = _settings()
    with _in_words():
        asyncio.run(_ready_database(settings))
        serving.run(settings, demo_exam.prepare, lambda node: demo_exam.print_links(node, out))


@app.command("migrate")
def migrate_command(
    runtime_role: Annotated[
        str | None, typer.Option(help="PostgreSQL: the nodes' role, which may add to the log and not change it")
    ] = None,
    eraser_role: Annotated[str | None, typer.Option(help="PostgreSQL: the role that may delete")] = None,
) -> None:
    """Bring the database's schema up to date."""
    settings = _settings()
    with _in_words():
        _make_data_folder(settings)
    _run(migrate(settings.database, runtime_role, eraser_role))
    err.print("The database is up to date.")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A file that does not exist yet", dir_okay=False)],
) -> None:
    """Copy the embedded database while the server runs; the copy is a database like the original."""
    settings = _settings()
    try:
        _run(back_up(settings.database, target))
    except OSError as error:
        err.print(f"{target}: {error.strerror}", markup=False, highlight=False)
        raise typer.Exit(1) from None
    err.print(f"The database is copied to {target}.", markup=False, highlight=False, soft_wrap=True)


def _id(text: str | None) -> str | None:
    """An option that is an id."""
    try:
        return None if text is None else read_id(text)
    except ValueError as error:
        raise typer.BadParameter(f"An id {error}.") from None


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="candidate, instructor or service")],
    user: Annotated[str, typer.Option(help="The user's id", callback=_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)] = demo_exam.ORG,
    name: Annotated[str | None, typer.Option(help="The name that staff see")] = None,
    branch: Annotated[str | None, typer.Option(help="A branch of the organisation", callback=_id)] = None,
    test: Annotated[str | None, typer.Option(help="Only this test", callback=_id)] = None,
    attempt: Annotated[str | None, typer.Option(help="Only this attempt", callback=_id)] = None,
    hours: Annotated[float, typer.Option(help="How long it is good for", min=0.01, max=24 * 366)] = 12.0,
) -> None:
    """Print a token signed with this deployment's secret."""
    if role is Role.SYSTEM:
        err.print("Nobody gets a token of the server itself.")
        raise typer.Exit(2)
    tokens = Tokens(_settings(), Clock())
    with _in_words():
        text = tokens.mint(
            role,
            user,
            org,
            lifetime_ms=int(hours * 3_600_000),
            branch_id=branch,
            name=name,
            attempt_id=attempt,
            test_id=test,
        )
    print(text)


@app.command("import")
def import_command(
    exam: Annotated[Path, typer.Argument(help="A YAML file", exists=True, dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=_id)] = demo_exam.ORG,
) -> None:
    """Store a test from a YAML file; an unused version is replaced, a used one gets a successor."""
    settings = _settings()

    async def store() -> list[str]:
        test_id, content = read_exam(exam.read_bytes())
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
            *(
                f"There is another test {other} whose id differs in letter case alone: the two are easily mixed up."
                for other in others
                if other != test_id
            ),
        ]

    for line in _run(store()):
        err.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command("verify-log")
def verify_log_command(
    attempt: Annotated[str | None, typer.Option(help="Only this attempt")] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="Also compare with the signed heads in this folder", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Check every hash chain: whether a byte of the log was changed, removed or inserted."""
    settings = _settings()

    async def verify() -> tuple[int, int, list[str]]:
        kept = [] if heads is None else list(read_heads(heads, settings.heads_key.encode()))
        database = await Database.open(settings.database)
        attempts = records = 0
        broken: list[str] = []
        try:
            await check_schema(database)
            async for _, count, error in verify_log(database, attempt):
                attempts += 1
                records += count
                if error is not None:
                    broken.append(str(error))
            broken += map(str, await compare(database, [one for one in kept if attempt in (None, one[0])]))
        finally:
            await database.close()
        return attempts, records, broken

    attempts, records, broken = _run(verify())
    for line in broken:
        err.print(line, markup=False, highlight=False)
    if attempt is not None and attempts == 0:
        err.print("There is no such attempt.")
        raise typer.Exit(1)
    out.print(f"{attempts} attempts, {records} records, {len(broken)} broken")
    if broken:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    out.print(VERSION)


def main() -> None:
    """The entry point."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
