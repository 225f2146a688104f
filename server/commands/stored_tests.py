"""Tests that are stored."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import USUAL, After, AsJson, Limit, an_id
from server.commands.printing import print_fields, print_rows
from server.commands.terminal import nothing_found, settings_of_environment

if TYPE_CHECKING:
    from storage.tests import StoredTest

tests = typer.Typer(no_args_is_help=True, help="Tests that are stored.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@tests.command("list")
def list_tests(org: Org = demo_exam.ORG, after: After = "", limit: Limit = USUAL, as_json: AsJson = False) -> None:
    """List the newest version of each test."""
    from storage.tests import Tests

    found = with_database(settings_of_environment(), lambda database: Tests(database).list(org, after, limit))
    rows = [_test(one) for one in found]
    print_rows(rows, as_json=as_json, columns=("test_id", "version", "questions", "created_at_ms", "title"))


@tests.command("show")
def show_test(
    test: Annotated[str, typer.Argument(help="The test's id", callback=an_id)],
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Show one test: its rules, and how many attempts are where. No questions and no keys."""
    import msgspec

    from storage.database import Database
    from storage.statistics import Selection, Statistics
    from storage.tests import Tests

    async def look(database: Database) -> dict[str, Any] | None:
        stored = await Tests(database).get(org, test)
        if stored is None:
            return None
        counts = await Statistics(database).counts(Selection(org, stored.test_id))
        attempts = {status.value: count for status, count in counts.by_status.items()} | {"erased": counts.erased}
        rules = {
            name: value
            for name, value in msgspec.to_builtins(stored.content.rules).items()
            # The digest of an access code could be tried out.
            if "access_code" not in name
        }
        return _test(stored) | {"rules": rules, "attempts": attempts}

    found = with_database(settings_of_environment(), look)
    if found is None:
        nothing_found(f"test {test}")
    print_fields(found, as_json=as_json)


def _test(stored: "StoredTest") -> dict[str, Any]:
    return {
        "test_id": stored.test_id,
        "version": stored.version,
        "title": stored.content.title,
        "questions": len(stored.content.questions),
        "created_at_ms": stored.created_at_ms,
    }
