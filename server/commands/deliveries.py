"""Events on their way to whoever is told of them."""

from typing import Annotated, Literal

import typer

from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import USUAL, AsJson, Limit, an_id
from server.commands.printing import print_fields, print_rows
from server.commands.terminal import nothing_found, settings_of_environment

deliveries = typer.Typer(no_args_is_help=True, help="Events on their way to whoever is told of them.")
Subscription = Annotated[str, typer.Option("--subscription", help="The subscription's id", callback=an_id)]
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@deliveries.command("list")
def list_deliveries(
    org: Org = demo_exam.ORG,
    subscription: Annotated[str | None, typer.Option("--subscription", help="Only of this one", callback=an_id)] = None,
    state: Annotated[
        Literal["waiting", "delivered", "dead"] | None, typer.Option(help="waiting, delivered, or dead: given up")
    ] = None,
    limit: Limit = USUAL,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the newest events first."""
    from storage.deliveries import Deliveries

    found = with_database(
        settings_of_environment(),
        lambda database: Deliveries(database).page(org, subscription_id=subscription, state=state, limit=limit),
    )
    rows = [{name: value for name, value in one._asdict().items() if name != "data"} for one in found]
    columns = ("subscription_id", "event_id", "topic", "state", "tries", "status", "error")
    print_rows(rows, as_json=as_json, columns=columns)


@deliveries.command("show")
def show_delivery(
    event: Annotated[str, typer.Argument(help="The event's id", callback=an_id)],
    subscription: Subscription,
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Show one delivery, with what its event says."""
    import msgspec

    from storage.deliveries import Deliveries

    found = with_database(
        settings_of_environment(), lambda database: Deliveries(database).get(org, subscription, event)
    )
    if found is None:
        nothing_found(f"delivery of {event} to {subscription}")
    said = None if found.data is None else msgspec.json.decode(found.data)
    print_fields(found._asdict() | {"data": said}, as_json=as_json)


@deliveries.command("retry")
def retry_deliveries(
    subscription: Subscription,
    event: Annotated[
        list[str] | None, typer.Option(help="Only this event; may be given several times. Else the oldest thousand.")
    ] = None,
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Try again what was given up."""
    from protocol.rules.audit import DeliveriesReplayed
    from server.settings import token_secret
    from storage.audit import BY_OPERATOR, Note
    from storage.database import Database
    from storage.deliveries import Deliveries
    from storage.sealed import Sealer
    from storage.subscriptions import Subscriptions

    settings = settings_of_environment()
    sealer = Sealer(token_secret(settings))

    async def work(database: Database) -> int:
        if await Subscriptions(database, sealer).get(org, subscription) is None:
            nothing_found(f"subscription {subscription}")
        note = Note(BY_OPERATOR, DeliveriesReplayed(subscription, 0), await database.now_ms())
        return await Deliveries(database).replay(org, subscription, event, note)

    total = with_database(settings, work)
    print_fields({"tried_again": total}, as_json=as_json)
