"""Tests: stored from a file, and whether everybody has the time to sit them."""

from pathlib import Path
from typing import Annotated

import typer

from protocol.ids import find_twins
from server import demo as demo_exam
from server.commands.database import ready_database
from server.commands.options import an_id
from server.commands.terminal import read_file, run, say, settings_of_environment


def import_test(
    exam: Annotated[Path, typer.Argument(help="A YAML file", exists=True, dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)] = demo_exam.ORG,
) -> None:
    """Store a test from a YAML file. If an attempt uses its newest version, a new version is made."""
    from protocol.rules.consistency import oddities
    from server.clock import Clock
    from server.exam_file import read_exam, read_window
    from server.exam_summary import seasons, summary
    from server.media.named import check_media
    from storage.database import Database
    from storage.media import Media
    from storage.tests import Tests

    settings = settings_of_environment()

    data = read_file(exam)

    async def store() -> list[str]:
        test_id, content = read_exam(data)
        await ready_database(settings)
        database = await Database.open(settings.database)
        try:
            tests = Tests(database)
            others = [test.test_id for test in await tests.list(org) if find_twins((test_id, test.test_id))]
            await check_media(Media(database), org, content)
            version = await tests.put(org, test_id, content, Clock().now_ms())
        finally:
            await database.close()
        return [
            f"Test {test_id}, version {version}, is stored for organisation {org}.",
            *summary(content),
            *seasons(read_window(data)),
            *oddities(content),
            *(
                f"There is another test {other} whose id differs in letter case alone: the two are easily mixed up."
                for other in others
                if other != test_id
            ),
        ]

    for line in run(store()):
        say(line)


def check_schedule_of_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
) -> None:
    """Say who can't have the whole time within the window of a test, or the form that she is enrolled for."""
    from protocol.rules.schedule import ScheduleWarning, check_schedule
    from storage.database import Database
    from storage.revision import check_schema
    from storage.scheduled import scheduled
    from storage.tests import Tests

    settings = settings_of_environment()

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

    found = run(work())
    if found is None:
        say(f"There is no test {test}.")
        raise typer.Exit(1)
    candidates, troubles = found
    for one in troubles:
        say(f"{one.user_id or 'everybody'}: {one.detail}")
    typer.echo(f"{candidates} candidates, {len(troubles)} warnings")
    if troubles:
        raise typer.Exit(1)
