"""What is said of a test before anybody sits it."""

from typing import Annotated

import typer

from server.commands.options import AsJson, an_id
from server.commands.terminal import print_json, run, say, settings_of_environment


def check_schedule_of_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    as_json: AsJson = False,
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
    if as_json:
        print_json({"candidates": candidates, "warnings": troubles})
    else:
        for one in troubles:
            say(f"{one.user_id or 'everybody'}: {one.detail}")
        typer.echo(f"{candidates} candidates, {len(troubles)} warnings")
    if troubles:
        raise typer.Exit(1)


def lint_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    as_json: AsJson = False,
) -> None:
    """Say what the author of a test should look at: its texts, its keys, its points, its time."""
    import msgspec

    from protocol.lint import lint
    from protocol.media import media_in
    from protocol.rest.lint import Finding
    from storage.database import Database
    from storage.media import Media
    from storage.revision import check_schema
    from storage.tests import Tests

    settings = settings_of_environment()

    async def work() -> list[Finding] | None:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            stored = await Tests(database).get(org, test)
            if stored is None:
                return None
            media = Media(database)
            named = media_in(msgspec.json.encode(stored.content))
            return lint(stored.content, {name for name in named if await media.find(org, name) is not None})
        finally:
            await database.close()

    found = run(work())
    if found is None:
        say(f"There is no test {test}.")
        raise typer.Exit(1)
    if as_json:
        print_json(found)
    else:
        for one in found:
            say(f"{one.where}: {one.says}")
        typer.echo(f"{len(found)} findings")
    if found:
        raise typer.Exit(1)
