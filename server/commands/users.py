"""People whom an organisation has named."""

from typing import Annotated, Any

import typer

from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import USUAL, After, AsJson, Limit, an_id
from server.commands.printing import print_fields, print_rows
from server.commands.terminal import nothing_found, settings_of_environment

users = typer.Typer(no_args_is_help=True, help="People whom an organisation has named.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@users.command("list")
def list_users(org: Org = demo_exam.ORG, after: After = "", limit: Limit = USUAL, as_json: AsJson = False) -> None:
    """List people, by id."""
    import msgspec

    from storage.people import People
    from storage.sorting import Sorting

    order = Sorting(after=(after,))
    found = with_database(settings_of_environment(), lambda database: People(database).list(org, order, limit))
    rows = [msgspec.to_builtins(one) for one in found.found]
    print_rows(rows, as_json=as_json, columns=("user_id", "name", "email", "branch_id"))


@users.command("show")
def show_user(
    user: Annotated[str, typer.Argument(help="The user's id", callback=an_id)],
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Show one person, with her groups and attempts."""
    import msgspec

    from protocol.rules.scope import WHOLE
    from storage.attempt_list import AttemptLists, Wanted
    from storage.database import Database
    from storage.people import People
    from storage.sorting import Sorting

    async def look(database: Database) -> dict[str, Any] | None:
        people = People(database)
        person = await people.get(org, user)
        lines = await AttemptLists(database).attempts(org, Wanted(user_id=user), WHOLE, Sorting(), USUAL)
        if person is None and not lines:
            return None
        known = {"user_id": user} if person is None else msgspec.to_builtins(person)
        attempts = [{"attempt_id": one.attempt_id, "test_id": one.test_id, "status": one.status} for one in lines]
        return known | {"groups": list(await people.groups_of(org, user)), "attempts": attempts}

    found = with_database(settings_of_environment(), look)
    if found is None:
        nothing_found(f"user {user}")
    print_fields(found, as_json=as_json)
