"""Attempts: looked up in the database; what is done to them is left to the servers on it.

An act goes in as staff's acts on many attempts do: a row in the database, which a node takes and carries out attempt by
attempt, as it would for staff. So the journal decides, and the command never writes to a log.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from protocol.attempt.model import Status
from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import USUAL, AsJson, Limit, an_attempt, an_id, attempt_ids
from server.commands.printing import print_fields, print_rows
from server.commands.terminal import nothing_found, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.orders import Order
    from storage.bulk import Bulk, Target
    from storage.database import Database

Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]
attempts = typer.Typer(no_args_is_help=True, help="Attempts of candidates.")
Attempts = Annotated[list[str], typer.Argument(help="Ids of attempts", callback=attempt_ids)]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the record")]
_COLUMNS: Final = ("attempt_id", "test_id", "user_id", "status", "started_at_ms", "ended_at_ms", "progress_percent")
_PATIENCE_S: Final = 15.0
_LOOK_EVERY_S: Final = 0.1


@attempts.command("list")
def list_attempts(
    org: Org = demo_exam.ORG,
    test: Annotated[str | None, typer.Option(help="Only at this test", callback=an_id)] = None,
    user: Annotated[str | None, typer.Option(help="Only of this candidate", callback=an_id)] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only with this status; several times for more")] = None,
    after: Annotated[str | None, typer.Option(help="Begin behind this attempt", callback=an_attempt)] = None,
    limit: Limit = USUAL,
    as_json: AsJson = False,
) -> None:
    """List attempts, the oldest first."""
    from storage.attempt_list import Wanted
    from storage.sorting import Sorting

    wanted = Wanted(test_id=test, user_id=user, statuses=[one.value for one in status] if status else None)
    order = Sorting(after=None if after is None else (after,))
    print_rows(_lines(org, wanted, order, limit), as_json=as_json, columns=_COLUMNS)


@attempts.command("show")
def show_attempt(
    attempt: Annotated[str, typer.Argument(help="The attempt's id", callback=an_attempt)],
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Show one attempt as lists have it."""
    from storage.attempt_list import Wanted
    from storage.sorting import Sorting

    found = _lines(org, Wanted(attempt_id=attempt), Sorting(), 1)
    if not found:
        nothing_found(f"attempt {attempt}")
    print_fields(found[0], as_json=as_json)


def _lines(org: str, wanted: Any, order: Any, limit: int) -> list[dict[str, Any]]:
    import msgspec

    from protocol.rules.scope import WHOLE
    from storage.attempt_list import AttemptLists, attempt_line
    from storage.database import Database

    async def look(database: Database) -> list[dict[str, Any]]:
        lines = await AttemptLists(database).attempts(org, wanted, WHOLE, order, limit)
        return [msgspec.to_builtins(attempt_line(one)) for one in lines]

    return with_database(settings_of_environment(), look)


@attempts.command()
def extend(
    attempt: Attempts,
    minutes: Annotated[float, typer.Option(help="How much longer", min=1 / 60, max=24 * 60)],
    reason: Reason,
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Give attempts more time. A server on the database carries it out."""
    _act(org, attempt, {"t": "extend", "add_ms": int(minutes * 60_000), "reason": reason}, as_json=as_json)


@attempts.command()
def end(
    attempt: Attempts,
    reason: Reason,
    said: Annotated[str, typer.Option(help="What the candidates are told")] = "",
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """End attempts now: papers are collected as they are. A server on the database carries it out."""
    _act(org, attempt, {"t": "end", "reason": reason, "said": said}, as_json=as_json)


def _act(org: str, attempt: list[str], said: dict[str, Any], *, as_json: bool) -> None:
    import msgspec

    from protocol.attempt.decisions.staff import unreadable
    from protocol.orders import COMMANDS, AnyOrder, reason_of
    from protocol.shapes import misshapen
    from storage.database import Database

    try:
        order = msgspec.convert(said, AnyOrder)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(f"{misshapen(str(error))}") from None
    unread = unreadable(COMMANDS[type(order)], reason_of(order), getattr(order, "said", None))
    if unread is not None:
        raise typer.BadParameter(unread.detail)

    async def work(database: Database) -> "list[Target]":
        return await _give(database, org, attempt, order)

    outcomes = with_database(settings_of_environment(), work)
    rows = [
        {"attempt_id": one.attempt_id, "outcome": one.outcome, "code": one.code, "detail": one.detail}
        for one in outcomes
    ]
    print_rows(rows, as_json=as_json, columns=("attempt_id", "outcome", "detail"))
    if any(one.outcome is None for one in outcomes):
        say("No server has carried this out yet. It stays in the database, and one will.")
    if any(one.outcome != "done" for one in outcomes):
        raise typer.Exit(1)


async def _give(database: "Database", org: str, attempt: list[str], order: "Order") -> "list[Target]":
    """Has the servers act on these attempts, and waits for what becomes of it."""
    from storage.attempts import Attempts as Stored
    from storage.bulk import BulkActs, Target
    from storage.errors import StorageUnavailable
    from storage.nodes import Nodes
    from storage.sorting import Sorting

    cards = {card.attempt_id: card for card in await Stored(database).identities(attempt)}
    for one in attempt:
        if one not in cards or cards[one].org_id != org:
            nothing_found(f"attempt {one}")
    if not await Nodes(database).living():
        say("No server runs on this database: nothing was done.")
        raise typer.Exit(1)
    acts = BulkActs(database)
    now_ms = await database.now_ms()
    of_tests = {
        test_id: [one for one in attempt if cards[one].test_id == test_id]
        for test_id in sorted({card.test_id for card in cards.values()})
    }
    # Together: who is told that it failed gives it again, and nobody is to get her time twice.
    added = [(_act_on(org, test_id, some, order, now_ms), dict.fromkeys(some)) for test_id, some in of_tests.items()]
    await acts.add_together(org, added)
    given = [act.bulk_id for act, _ in added]
    found = [Target(one, None, None, None, None, None) for one in attempt]
    for _ in range(int(_PATIENCE_S / _LOOK_EVERY_S)):
        # The acts are in the database: an error now must not sound as if they were not.
        with suppress(StorageUnavailable):
            found = [
                target for bulk_id in given for target in await acts.targets(org, bulk_id, Sorting(), len(attempt))
            ]
        if all(one.outcome is not None for one in found):
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    return found


def _act_on(org: str, test_id: str, attempt: list[str], order: "Order", now_ms: int) -> "Bulk":
    from protocol.rules.scope import WHOLE
    from server.ids import new_id
    from storage.audit import BY_OPERATOR
    from storage.bulk import Bulk

    bulk_id = new_id()
    return Bulk(
        org_id=org,
        bulk_id=bulk_id,
        test_id=test_id,
        order=order,
        filter=None,
        scope=WHOLE,
        request=bulk_id.encode(),
        role=BY_OPERATOR.role.value,
        by_id=BY_OPERATOR.id,
        total=len(attempt),
        done=0,
        refused=0,
        created_at_ms=now_ms,
        claimed_until_ms=None,
        ended_at_ms=None,
    )
