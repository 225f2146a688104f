"""Who is told of events."""

import re
from functools import partial
from secrets import token_bytes
from typing import Final

import msgspec

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.events.signing import SECRET_BYTES, make_secret
from protocol.events.topics import unknown_pattern
from protocol.ids import read_address_id
from protocol.rest.removed import Removed
from protocol.rest.subscriptions import (
    Kind,
    MailBody,
    SecretBody,
    SecretReply,
    SubscribeBody,
    SubscriptionBody,
    SubscriptionList,
    SubscriptionMade,
    SubscriptionReply,
)
from protocol.rules.audit import SubscriptionChanged
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.paging import PAGING, next_line, order_of
from server.api.people import org_of
from server.api.query import YES_OR_NO, Query
from server.api.tags import Tagged, tag_of
from server.delivery.receivers import wrong_url
from server.ids import new_id
from server.mail.wishes import wrong_mail
from storage.sorting import page_in_memory
from storage.subscriptions import MAIL, REMOVED, WEBHOOK, Full, Secret, Subscription, Writing

_SUBSCRIPTIONS: Final = Lines(
    "subscriptions", SubscriptionReply, ("subscription_id",), ("created_at_ms", "changed_at_ms", "kind", "target")
)
_STREAM_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _check(call: Call, kind: str, body: SubscribeBody | SubscriptionBody) -> None:
    """Raises `Refused(invalid_subscription)` with what is wrong."""
    settings = call.node.settings
    if kind == MAIL:
        wrong = wrong_mail(call.principal.org_id, body, settings)
        if wrong is not None:
            raise Refused(refuse(Code.INVALID_SUBSCRIPTION, wrong))
        return
    unknown = unknown_pattern(body.topics)
    wrong = None
    if body.mail is not None:
        wrong = "Only a subscription by mail says how letters are written."
    elif unknown is not None:
        wrong = f"There is no topic {unknown!r}: docs/webhooks.md has all of them."
    elif kind == WEBHOOK:
        wrong = wrong_url(body.target, settings.webhook_networks)
    elif not settings.events_redis_url:
        wrong = "This server writes no streams: its operator has set up no Redis for them."
    elif not _STREAM_NAME.fullmatch(body.target):
        wrong = "The name of a stream has letters, digits, - and _ alone, and at most 64 of them."
    if wrong is not None:
        raise Refused(refuse(Code.INVALID_SUBSCRIPTION, wrong))


async def subscribe(call: Call) -> SubscriptionMade:
    org_id, body = org_of(call), call.body
    _check(call, body.kind, body)
    now_ms = call.node.clock.now_ms()
    by = call.principal.actor
    made = Subscription(
        org_id=org_id,
        subscription_id=new_id(),
        kind=body.kind,
        target=body.target,
        topics=body.topics,
        description=body.description,
        enabled=True,
        why_off=None,
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        changed_by=by.id,
        mail=_writing(body),
    )
    secret = make_secret(token_bytes(SECRET_BYTES)) if body.kind == WEBHOOK else None
    try:
        await call.node.subscriptions.add(made, [] if secret is None else [Secret(secret)], by)
    except Full:
        raise Refused(refuse(Code.SUBSCRIPTIONS_FULL)) from None
    return SubscriptionMade(subscription=_reply(made), secret=secret)


async def list_subscriptions(call: Call) -> SubscriptionList:
    org_id, (order, limit) = org_of(call), order_of(call, _SUBSCRIPTIONS)
    kind, enabled = call.query.get("kind"), call.query.get("enabled")
    found = [
        _reply(one)
        for one in await call.node.subscriptions.of(org_id)
        if kind in (None, one.kind) and enabled in (None, int(one.enabled))
    ]
    page = page_in_memory(found, partial(_SUBSCRIPTIONS.place_of, by=order.by), order, limit)
    return SubscriptionList(subscriptions=page, next=next_line(call, _SUBSCRIPTIONS, page, order, limit))


async def find_subscription(call: Call) -> Subscription:
    """The one that the path names. Raises `Refused(not_found)`."""
    found = await call.node.subscriptions.get(org_of(call), call.path["subscription_id"])
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return found


async def show(call: Call) -> Tagged:
    return _tagged(await find_subscription(call))


async def change(call: Call) -> Tagged:
    before, body = await find_subscription(call), call.body
    _check(call, before.kind, body)
    values = {
        "target": body.target,
        "topics": body.topics,
        "description": body.description,
        "enabled": body.enabled,
        "why_off": None,
        "mail": _writing(body),
    }
    now_ms = call.node.clock.now_ms()
    changed = await call.node.subscriptions.change(
        before.org_id,
        before.subscription_id,
        values,
        call.principal.actor,
        now_ms,
        check=lambda found: call.expects.check(_tag(found)),
    )
    if changed is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return _tagged(changed)


async def remove(call: Call) -> Removed:
    try:
        subscription_id = read_address_id(call.path["subscription_id"])
    except ValueError as error:
        raise Refused(refuse(Code.INVALID_ID, f"The subscription's id {error}.")) from None
    note = call.note(SubscriptionChanged(subscription_id, REMOVED))
    removed = await call.node.subscriptions.remove(
        org_of(call), subscription_id, note, lambda found: call.expects.check(None if found is None else _tag(found))
    )
    return Removed(removed=removed)


async def rotate(call: Call) -> SecretReply:
    before, now_ms = await find_subscription(call), call.node.clock.now_ms()
    if before.kind != WEBHOOK:
        raise Refused(refuse(Code.INVALID_SUBSCRIPTION, "Only a webhook has a secret: nothing else is signed by it."))
    ends_ms = now_ms + call.body.overlap_ms
    secret = make_secret(token_bytes(SECRET_BYTES))
    done = await call.node.subscriptions.rotate(
        before.org_id, before.subscription_id, Secret(secret), ends_ms, call.principal.actor, now_ms
    )
    if not done:
        raise Refused(refuse(Code.NOT_FOUND))
    return SecretReply(secret=secret, old_ends_at_ms=ends_ms)


def _tag(one: Subscription) -> str:
    return tag_of(_reply(one))


def _tagged(one: Subscription) -> Tagged:
    return Tagged(_reply(one), _tag(one))


def _reply(one: Subscription) -> SubscriptionReply:
    return SubscriptionReply(
        subscription_id=one.subscription_id,
        kind=one.kind,  # type: ignore[arg-type]  # one of those that it was made with
        target=one.target,
        topics=one.topics,
        description=one.description,
        enabled=one.enabled,
        why_off=one.why_off,
        created_at_ms=one.created_at_ms,
        changed_at_ms=one.changed_at_ms,
        changed_by=one.changed_by,
        mail=None if one.mail is None else msgspec.convert(one.mail, MailBody, from_attributes=True),
    )


def _writing(body: SubscribeBody | SubscriptionBody) -> Writing | None:
    return None if body.mail is None else msgspec.convert(body.mail, Writing, from_attributes=True)


_ALL: Final = "/subscriptions"
_ONE: Final = "/subscriptions/{subscription_id}"

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_ALL,
        summary="Have somebody told of events: by webhooks, by a stream of Redis, or people by mail.",
        handle=subscribe,
        body=SubscribeBody,
        reply=SubscriptionMade,
        act=Act.SUBSCRIBE,
        status=201,
        refusals=(Code.INVALID_SUBSCRIPTION, Code.SUBSCRIPTIONS_FULL),
    ),
    Endpoint(
        method="GET",
        path=_ALL,
        summary="Who is told of events, a page at a time.",
        handle=list_subscriptions,
        reply=SubscriptionList,
        act=Act.SUBSCRIBE,
        query=(
            Query("kind", Kind),
            Query("enabled", YES_OR_NO, says="1: those that are on; 0: those that are switched off."),
            *_SUBSCRIPTIONS.query,
            *PAGING,
        ),
        lines=_SUBSCRIPTIONS,
        refusals=(Code.WRONG_CURSOR,),
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        tagged=True,
        summary="One subscription.",
        handle=show,
        reply=SubscriptionReply,
        act=Act.SUBSCRIBE,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="PUT",
        path=_ONE,
        tagged=True,
        summary="Change a subscription, or switch it off or on.",
        handle=change,
        body=SubscriptionBody,
        reply=SubscriptionReply,
        act=Act.SUBSCRIBE,
        refusals=(Code.NOT_FOUND, Code.INVALID_SUBSCRIPTION),
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        tagged=True,
        summary="Remove a subscription with all that waits for it.",
        handle=remove,
        reply=Removed,
        act=Act.SUBSCRIBE,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/secret",
        summary="Sign with a new secret, and for a while with the old one too.",
        handle=rotate,
        body=SecretBody,
        reply=SecretReply,
        act=Act.SUBSCRIBE,
        refusals=(Code.NOT_FOUND, Code.INVALID_SUBSCRIPTION),
    ),
]
