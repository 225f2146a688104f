"""Who learns what, from OneRoster files."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.options import an_id
from server.commands.terminal import run, say, settings_of_environment


def oneroster(
    files: Annotated[Path, typer.Argument(help="A folder of OneRoster CSV files, or a zip", exists=True)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing: only say what would be")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import students, classes and enrolments from OneRoster 1.1 or 1.2 files: all of it, or nothing."""
    import msgspec

    from protocol.rules.oneroster import read_oneroster
    from server.clock import Clock
    from server.importing.faults import ImportFault
    from server.importing.oneroster import read_set
    from storage.audit import BY_OPERATOR
    from storage.database import Database
    from storage.oneroster import Report, import_oneroster
    from storage.revision import check_schema

    settings = settings_of_environment()
    try:
        plan, wrong = read_oneroster(read_set(files))
    except ImportFault as fault:
        say(f"{fault}\nNothing was imported.")
        raise typer.Exit(1) from None
    if plan is None:
        for one in wrong:
            say(str(one))
        say("Nothing was imported.")
        raise typer.Exit(1)

    async def work() -> Report:
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            by, now_ms = BY_OPERATOR, Clock().now_ms()
            return (await import_oneroster(database, org, plan, now_ms, by, dry_run=dry_run))[1]
        finally:
            await database.close()

    report = run(work())
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
        return
    would = "would be " if dry_run else ""
    typer.echo(
        f"people: {report.people_made} {would}made, {report.people_changed} {would}changed, {report.people_removed}"
        f" {would}removed, {report.people_unchanged} unchanged\n"
        f"groups: {report.groups_made} {would}made, {report.groups_changed} {would}changed, {report.groups_removed}"
        f" {would}removed\nmembers: {report.joined} {would}put in, {report.left} {would}taken out"
    )
