"""Who sits a test, from a CSV file."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from server.commands.options import AsJson, an_id
from server.commands.terminal import print_json, read_file, run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.rules.roster import Mistake


def roster(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8", exists=True, dir_okay=False)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    test: Annotated[str | None, typer.Option(help="The test that they sit", callback=an_id)] = None,
    course: Annotated[str | None, typer.Option(help="The course whose tests they sit")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing: only look for mistakes")] = False,
    as_json: AsJson = False,
) -> None:
    """Import who sits a test, their groups, and what they are granted, from a CSV file: all of it, or nothing."""
    from protocol import limits
    from protocol.content import Rules
    from protocol.ids import normalize_id, read_address_id
    from protocol.rules.roster import read_roster
    from server.clock import Clock
    from server.exam.summary import other_seasons
    from server.instants import ms_of, read_moment
    from storage.audit import BY_OPERATOR
    from storage.database import Database
    from storage.enrolments import COURSE, TEST
    from storage.revision import check_schema
    from storage.rosters import Contradicted, Report, import_roster
    from storage.tests import Tests

    settings = settings_of_environment()
    if (test is None) == (course is None):
        raise typer.BadParameter("name one of --test and --course")
    try:
        to_kind, to_id = (TEST, normalize_id(test)) if test is not None else (COURSE, read_address_id(course or ""))
    except ValueError as error:
        raise typer.BadParameter(f"--course {error}") from None
    data = read_file(file)
    if len(data) > limits.MAX_ROSTER_BYTES:
        say(f"{file} is larger than {limits.MAX_ROSTER_BYTES // 1024**2} MiB.")
        raise typer.Exit(1)
    written: dict[str, datetime] = {}

    def read_instant(text: str) -> int:
        written[text] = moment = read_moment(text)
        return ms_of(moment)

    async def rules_of_test() -> tuple[Rules | None, bool]:
        """The rules of the test, and whether there is one; of a course's tests none count."""
        if to_kind != TEST:
            return None, True
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            rules = await Tests(database).rules(org, to_id)
            return rules, rules is not None
        finally:
            await database.close()

    rules, there = run(rules_of_test())
    if not there:
        say(f"There is no test {to_id}.")
        raise typer.Exit(1)
    try:
        entries, mistakes = read_roster(data.decode(), read_instant, now_ms=Clock().now_ms())
    except UnicodeDecodeError as error:
        say(f"line {data.count(bytes([10]), 0, error.start) + 1}: it is not written in UTF-8")
        raise typer.Exit(1) from None
    if mistakes:
        _refuse(mistakes, as_json=as_json)

    async def work() -> Report:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            now_ms = await database.now_ms()
            return await import_roster(
                database, org, entries, to_kind, to_id, rules=rules, now_ms=now_ms, by=BY_OPERATOR, dry_run=dry_run
            )
        finally:
            await database.close()

    try:
        report = run(work())
    except Contradicted as error:
        _refuse(error.mistakes, as_json=as_json)
    if as_json:
        counts = {"made": report.made, "changed": report.changed, "unchanged": report.unchanged}
        print_json({"mistakes": [], **counts, "dry_run": dry_run, "seasons": list(other_seasons(written))})
        return
    for line in other_seasons(written):
        typer.echo(line)
    would = "would be " if dry_run else ""
    typer.echo(f"{report.made} {would}made, {report.changed} {would}changed, {report.unchanged} unchanged")


def _refuse(mistakes: "Iterable[Mistake]", *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"mistakes": [one._asdict() for one in mistakes]})
        raise typer.Exit(1)
    for mistake in mistakes:
        say(str(mistake))
    say("Nothing was imported.")
    raise typer.Exit(1)
