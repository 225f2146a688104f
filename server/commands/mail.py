"""Letters: who gets which, which could not be delivered, and whether the mail server takes any. A server that runs
heeds a change within seconds."""

from typing import Annotated

import typer

from server import demo as demo_exam
from server.commands.database import with_database
from server.commands.options import AsJson, an_id
from server.commands.printing import print_rows, tell
from server.commands.terminal import print_json, run, say, settings_of_environment

mail = typer.Typer(no_args_is_help=True, help="Letters that people get by e-mail.")
Org = Annotated[str, typer.Option(help="The organisation's id", callback=an_id)]
OneId = Annotated[str, typer.Argument(help="The id that `mail list` shows", callback=an_id)]
_SHOWN = 100


@mail.command()
def add(
    topic: Annotated[list[str], typer.Option(help="What is told: docs/mail.md has all of it")],
    to: Annotated[str, typer.Option(help="`candidates`, or an address of staff")] = "candidates",
    org: Org = demo_exam.ORG,
    sender: Annotated[str, typer.Option(help="The address that they come from")] = "",
    sender_name: Annotated[str, typer.Option(help="The name beside it")] = "",
    reply_to: Annotated[str, typer.Option(help="Where answers go")] = "",
    language: Annotated[str | None, typer.Option(help="Else that of the test")] = None,
    as_json: AsJson = False,
) -> None:
    """Have people told of something by mail."""
    import msgspec

    from protocol.rest.subscriptions import MailBody, SubscribeBody
    from protocol.shapes import misshapen
    from server.clock import Clock
    from server.ids import new_id
    from server.mail.wishes import wrong_mail
    from server.settings import token_secret
    from storage.audit import BY_OPERATOR
    from storage.sealed import Sealer
    from storage.subscriptions import MAIL, MOST, Full, Subscription, Subscriptions, Writing

    settings = settings_of_environment()
    wish = {"sender": sender, "sender_name": sender_name, "reply_to": reply_to, "language": language}
    try:
        body = msgspec.convert({"kind": MAIL, "target": to, "topics": topic, "mail": wish}, SubscribeBody)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(f"{misshapen(str(error))}") from None
    wrong = wrong_mail(org, body, settings)
    if wrong is not None:
        say(wrong)
        raise typer.Exit(1)
    now_ms = Clock().now_ms()
    made = Subscription(
        org_id=org,
        subscription_id=new_id(),
        kind=MAIL,
        target=body.target,
        topics=body.topics,
        description="",
        enabled=True,
        why_off=None,
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        changed_by=BY_OPERATOR.id,
        mail=msgspec.convert(body.mail or MailBody(), Writing, from_attributes=True),
    )
    sealer = Sealer(token_secret(settings))
    try:
        with_database(settings, lambda database: Subscriptions(database, sealer).add(made, [], BY_OPERATOR))
    except Full:
        say(f"The organisation has {MOST} subscriptions, and may have no more. Remove one first.")
        raise typer.Exit(1) from None
    tell({"subscription_id": made.subscription_id}, made.subscription_id, as_json=as_json, is_result=True)


@mail.command("list")
def list_mail(org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """List who is told of what by mail."""
    import msgspec

    from server.settings import token_secret
    from storage.sealed import Sealer
    from storage.subscriptions import MAIL, Subscriptions

    settings = settings_of_environment()
    sealer = Sealer(token_secret(settings))
    found = with_database(settings, lambda database: Subscriptions(database, sealer).of(org))
    rows = [msgspec.to_builtins(one) for one in found if one.kind == MAIL]
    print_rows(rows, as_json=as_json, columns=("subscription_id", "target", "enabled", "why_off", "topics"))


@mail.command()
def remove(subscription_id: OneId, org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """Tell nobody by mail any more, with all that waits."""
    from protocol.rules.audit import SubscriptionChanged
    from server.clock import Clock
    from server.settings import token_secret
    from storage.audit import BY_OPERATOR, Note
    from storage.sealed import Sealer
    from storage.subscriptions import REMOVED, Subscriptions

    settings = settings_of_environment()
    sealer = Sealer(token_secret(settings))
    note = Note(BY_OPERATOR, SubscriptionChanged(subscription_id, REMOVED), Clock().now_ms())
    if not with_database(settings, lambda database: Subscriptions(database, sealer).remove(org, subscription_id, note)):
        say(f"There is no subscription {subscription_id}.")
        raise typer.Exit(1)
    if as_json:
        print_json({"removed": subscription_id})


@mail.command()
def dead(subscription_id: OneId, org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """List letters that were given up, the newest first, and why."""
    from protocol.events.delivering import DEAD
    from storage.deliveries import Deliveries

    settings = settings_of_environment()
    found = with_database(
        settings,
        lambda database: Deliveries(database).page(org, subscription_id=subscription_id, state=DEAD, limit=_SHOWN),
    )
    rows = [one._asdict() for one in found]
    print_rows(rows, as_json=as_json, columns=("event_id", "topic", "tries", "error"))


@mail.command()
def replay(subscription_id: OneId, org: Org = demo_exam.ORG, as_json: AsJson = False) -> None:
    """Try again the letters that were given up."""
    from protocol.rules.audit import DeliveriesReplayed
    from server.clock import Clock
    from storage.audit import BY_OPERATOR, Note
    from storage.deliveries import Deliveries

    settings = settings_of_environment()
    note = Note(BY_OPERATOR, DeliveriesReplayed(subscription_id, 0), Clock().now_ms())
    total = with_database(settings, lambda database: Deliveries(database).replay(org, subscription_id, None, note))
    tell({"tried_again": total}, f"{total} letters are tried again.", as_json=as_json, is_result=True)


@mail.command("try")
def try_mail(to: Annotated[str, typer.Argument(help="An address of yours")], as_json: AsJson = False) -> None:
    """Send one letter by the settings of this machine, and say what the mail server answers."""
    from server.clock import Clock
    from server.ids import new_id
    from server.mail.letters import Letter
    from server.mail.message import NoAddress, Sender, message, on_the_wire
    from server.mail.sending import Sending
    from server.mail.servers import parse_mail_server

    settings = settings_of_environment()
    if not settings.smtp_url:
        say("PENCILSDOWN_SMTP_URL is not set: this server sends no letters.")
        raise typer.Exit(1)
    letter = Letter("en", "A letter from Pencils Down", ["This server can send letters."])
    try:
        sender, address = on_the_wire(settings.mail_from), on_the_wire(to)
        made = message(letter, Sender(settings.mail_from), to, None, new_id(), Clock().now_ms())
    except NoAddress:
        raise typer.BadParameter("Nothing can be sent to this address.") from None

    async def send() -> str | None:
        sending = Sending(parse_mail_server(settings.smtp_url))
        try:
            tried = await sending.send(made, sender, address)
        finally:
            await sending.close()
        return None if tried.arrived else tried.error

    wrong = run(send())
    if wrong is not None:
        say(f"The letter was not taken: {wrong}.")
        raise typer.Exit(1)
    tell({"taken": True}, "The mail server has taken the letter.", as_json=as_json, is_result=True)
