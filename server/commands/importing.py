"""A test from a file: YAML, or what was written elsewhere."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from protocol.ids import find_twins
from server import demo as demo_exam
from server.commands.database import ready_database
from server.commands.exams import read_any
from server.commands.options import an_id
from server.commands.terminal import print_json, run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.content import TestContent
    from server.importing.drafts import ItemReport
    from server.media.looking import Looked

_NO_ID: Final = re.compile(r"[^a-z0-9]+")


def import_test(
    exam: Annotated[
        Path, typer.Argument(help="A file in YAML, QTI, Moodle XML, GIFT, Aiken or CSV", exists=True, dir_okay=False)
    ],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)] = demo_exam.ORG,
    test_id: Annotated[
        str | None,
        typer.Option("--test", help="The test's id; without it the file's name. YAML says its own.", callback=an_id),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The test's title; without it the file's own, or its name.")] = None,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Store the rest where some are refused.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each question, as JSON.")] = False,
) -> None:
    """Store a test from a file. If an attempt uses its newest version, a new version is made."""
    read = read_any(exam, title)
    named = read.test_id or test_id or _NO_ID.sub("-", exam.name.split(".")[0].lower()).strip("-") or "test"
    refused = len(read.refused)
    _tell(read.reports, as_json=as_json)
    if read.content is not None:
        _remark(read.content)
    if read.content is None or (refused and not leave_out):
        say(f"{refused} of {len(read.reports)} were refused: nothing is stored.")
        raise typer.Exit(1)
    if not dry_run:
        _store(org, named, read.content, read.files, read.seasons)


def _tell(reports: list["ItemReport"], *, as_json: bool) -> None:
    if as_json:
        print_json(reports)
    for report in reports:
        if report.outcome != "taken":
            word = "refused" if report.outcome == "refused" else "taken with loss"
            say(f"{report.source}, {report.item}: {word}. {' '.join(report.reasons)}")


def _remark(content: "TestContent") -> None:
    """What the author should look at. Rules are no remark here: they are said of a test that is stored."""
    from protocol.lint import lint

    for one in lint(content):
        if one.code != "rule_without_effect":
            say(f"{one.where}: {one.says}")


def _store(org: str, test_id: str, content: "TestContent", files: Mapping[str, "Looked"], seasons: list[str]) -> None:
    from protocol.rules.consistency import oddities
    from server.bounds import bounds_of
    from server.exam.summary import summary
    from server.media.stores import open_media
    from server.media.storing import store_media
    from storage.database import Database
    from storage.tests import Tests

    settings = settings_of_environment()

    async def store() -> list[str]:
        await ready_database(settings)
        database = await Database.open(settings.database)
        try:
            tests = Tests(database, bounds_of(settings).captured_days)
            tests.refuse_kept_long(content)
            others = [other for other in sorted(await tests.newest_versions(org)) if find_twins((test_id, other))]
            media = open_media(settings, database)
            now_ms = await database.now_ms()
            try:
                await store_media(media, org, files, settings.media_quota_bytes, now_ms)
            finally:
                await media.close()
            version = await tests.put(org, test_id, content, now_ms)
        finally:
            await database.close()
        return [
            f"Test {test_id}, version {version}, is stored for organisation {org}.",
            *summary(content),
            *seasons,
            *oddities(content),
            *(
                f"There is another test {other} whose id differs in letter case alone: the two are easily mixed up."
                for other in others
                if other != test_id
            ),
        ]

    for line in run(store()):
        say(line)
