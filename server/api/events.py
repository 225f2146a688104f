"""The events of an organisation, and what becomes of them for each subscription."""

from typing import Any, Final

import msgspec

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.events.delivering import WAITING
from protocol.events.envelope import instant
from protocol.events.topics import unknown_pattern
from protocol.messages.base import Id
from protocol.rest.events import (
    DeliveryDetail,
    DeliveryList,
    DeliveryReply,
    EventPage,
    EventReply,
    ReplayBody,
    Replayed,
    State,
)
from protocol.rest.subscriptions import Topic
from protocol.rules.audit import DeliveriesReplayed
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.paging import PAGING, cursor_at, next_of, order_of, page_of
from server.api.people import org_of
from server.api.query import Query
from server.api.subscriptions import find_subscription
from storage.deliveries import Delivery

_EVENTS: Final = Lines("events", EventReply, ("id",))
_DELIVERIES: Final = Lines("deliveries", DeliveryReply, ("subscription_id", "event_id"), ("-position",))
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


async def read_events(call: Call) -> EventPage:
    org_id = org_of(call)
    topic: str | None = call.query.get("topic")
    if topic is not None and unknown_pattern([topic]) is not None:
        raise Refused(refuse(Code.OUT_OF_RANGE, "There is no such topic: docs/webhooks.md has all of them."))
    place, limit = page_of(call)
    after = 0 if place is None else int(place[0])
    events, upto, pruned, more = await call.node.events.page(org_id, after, limit, None if topic is None else [topic])
    if place is not None and after < pruned:
        raise Refused(refuse(Code.EVENTS_GONE))
    return EventPage(
        events=[_event(one.event_id, one.topic, one.at_ms, one.data) for one in events],
        next=cursor_at(call, upto),
        more=more,
    )


async def list_deliveries(call: Call) -> DeliveryList:
    org_id = org_of(call)
    order, limit = order_of(call, _DELIVERIES)
    found = await call.node.deliveries.page(
        org_id,
        subscription_id=call.query.get("subscription_id"),
        state=call.query.get("state"),
        order=order,
        limit=limit,
    )
    return DeliveryList(
        deliveries=[_delivery(one) for one in found],
        next=next_of(call, found, limit, lambda one: one.position, lambda one: one.subscription_id),
    )


async def show_delivery(call: Call) -> DeliveryDetail:
    subscription_id, event_id = call.path["subscription_id"], call.path["event_id"]
    found = await call.node.deliveries.get(org_of(call), subscription_id, event_id)
    if found is None or found.data is None:
        raise Refused(refuse(Code.NOT_FOUND))
    event = _event(found.event_id, found.topic, found.at_ms, found.data)
    return DeliveryDetail(delivery=_delivery(found), event=event)


async def replay(call: Call) -> Replayed:
    subscription = await find_subscription(call)
    note = call.note(DeliveriesReplayed(subscription.subscription_id, 0))
    replayed = await call.node.deliveries.replay(
        subscription.org_id, subscription.subscription_id, call.body.event_ids, note
    )
    return Replayed(replayed=replayed)


def _event(event_id: str, topic: str, at_ms: int, data: str) -> EventReply:
    return EventReply(id=event_id, type=topic, timestamp=instant(at_ms), data=_decode(data))


def _delivery(one: Delivery) -> DeliveryReply:
    return DeliveryReply(
        subscription_id=one.subscription_id,
        event_id=one.event_id,
        topic=one.topic,
        happened_at_ms=one.at_ms,
        state=one.state,  # type: ignore[arg-type]  # one of the three that the column has
        tries=one.tries,
        due_at_ms=one.due_ms if one.state == WAITING else None,
        given_up_at_ms=one.give_up_ms,
        tried_at_ms=one.tried_ms,
        status=one.status,
        error=one.error,
    )


_ONE: Final = "/subscriptions/{subscription_id}"

ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/events",
        summary="What has happened in the organisation, behind a cursor: for whoever asks and is not told.",
        handle=read_events,
        reply=EventPage,
        act=Act.SUBSCRIBE,
        query=(Query("topic", Topic), *_EVENTS.query, *PAGING),
        lines=_EVENTS,
        refusals=(Code.WRONG_CURSOR, Code.EVENTS_GONE, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="GET",
        path="/deliveries",
        summary="What became of events for each subscription: what waits, was delivered, or was given up.",
        handle=list_deliveries,
        reply=DeliveryList,
        act=Act.SUBSCRIBE,
        query=(
            Query("subscription_id", Id),
            Query("state", State),
            *_DELIVERIES.query,
            *PAGING,
        ),
        lines=_DELIVERIES,
        refusals=(Code.WRONG_CURSOR, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/deliveries/{{event_id}}",
        summary="One delivery, with the event that is sent.",
        handle=show_delivery,
        reply=DeliveryDetail,
        act=Act.SUBSCRIBE,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/replay",
        summary="Try again what was given up.",
        handle=replay,
        body=ReplayBody,
        reply=Replayed,
        act=Act.SUBSCRIBE,
        refusals=(Code.NOT_FOUND,),
    ),
]
