"""Who is told of events, and how."""

from typing import Annotated, Any

import typer

from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import AsJson, an_id
from server.commands.printing import print_fields, print_rows
from server.commands.terminal import nothing_found, settings_of_environment

subscriptions = typer.Typer(no_args_is_help=True, help="Who is told of events, and how.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]


@subscriptions.command("list")
def list_subscriptions(org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """List webhooks, streams and letters, without their secrets."""
    columns = ("subscription_id", "kind", "target", "enabled", "why_off", "topics")
    print_rows(_subscriptions(org), as_json=as_json, columns=columns)


@subscriptions.command("show")
def show_subscription(
    subscription: Annotated[str, typer.Argument(help="The subscription's id", callback=an_id)],
    org: Org = demo_exam.ORG,
    as_json: AsJson = False,
) -> None:
    """Show one of them."""
    found = next((one for one in _subscriptions(org) if one["subscription_id"] == subscription), None)
    if found is None:
        nothing_found(f"subscription {subscription}")
    print_fields(found, as_json=as_json)


def _subscriptions(org: str) -> list[dict[str, Any]]:
    import msgspec

    from server.settings import token_secret
    from storage.sealed import Sealer
    from storage.subscriptions import Subscriptions

    settings = settings_of_environment()
    sealer = Sealer(token_secret(settings))
    found = with_database(settings, lambda database: Subscriptions(database, sealer).of(org))
    return [msgspec.to_builtins(one) for one in found]
