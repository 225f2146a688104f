"""Whether two candidates had equal papers."""

from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.options import AsJson, an_attempt, an_id
from server.commands.terminal import print_json, run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.rules.papers import Comparison, SatPaper


def compare_papers(
    attempt: Annotated[str, typer.Argument(help="An attempt's id", callback=an_attempt)],
    other: Annotated[str, typer.Argument(help="The id of another attempt at the same test", callback=an_attempt)],
    org: Annotated[str, typer.Option(help="The organisation's id", callback=an_id)],
    as_json: AsJson = False,
) -> None:
    """Say whether two candidates had equal papers; where not, whether they are of equal worth, and why. Ends with 1
    where they are not."""
    from protocol.rules.papers import NO_PAPER, compare, sat_paper
    from storage.attempts import Attempts
    from storage.database import Database
    from storage.revision import check_schema
    from storage.tests import Tests

    settings = settings_of_environment()

    async def work() -> "list[tuple[str, SatPaper | None]] | str":
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            found: list[tuple[str, SatPaper | None]] = []
            for attempt_id in (attempt, other):
                loaded = await Attempts(database).load(attempt_id)
                if loaded is None or loaded.identity.org_id != org:
                    return attempt_id
                version, test_id = loaded.test_version, loaded.identity.test_id
                stored = None if version is None else await Tests(database).get(org, test_id, version)
                found.append((test_id, None if stored is None else sat_paper(loaded, stored.content)))
            return found
        finally:
            await database.close()

    found = run(work())
    if isinstance(found, str):
        say(f"There is no attempt {found}.")
        raise typer.Exit(1)
    (test_id, one), (other_test_id, two) = found
    if test_id != other_test_id:
        say("The two attempts are at different tests.")
        raise typer.Exit(1)
    if one is None or two is None:
        say(NO_PAPER)
        raise typer.Exit(1)
    comparison = compare(one, two)
    if as_json:
        print_json(comparison)
    else:
        _tell(comparison)
    if not comparison.of_equal_worth:
        raise typer.Exit(1)


def _tell(comparison: "Comparison") -> None:
    for difference in comparison.differences:
        where = "the paper" if difference.position is None else f"question {difference.position + 1}"
        say(f"{where}: {difference.what} {difference.one} / {difference.other}. {difference.detail}")
    equal, worth = comparison.equal, comparison.of_equal_worth
    typer.echo("equal" if equal else "of equal worth" if worth else "not of equal worth")
