"""Bodies about events and their deliveries."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from protocol.messages.base import Id, Int
from protocol.rest.body import Body

State = Literal["waiting", "delivered", "dead"]


class EventReply(Body, frozen=True, kw_only=True):
    """An event, as webhooks and streams have it too. `timestamp` is when it happened (RFC 3339)."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


class EventPage(Body, frozen=True, kw_only=True):
    """Events in the order in which they can be read. `next` is the cursor behind them, also where there are none; with
    `more` the next page has some at once."""

    events: list[EventReply]
    next: str
    more: bool


class DeliveryReply(Body, frozen=True, kw_only=True):
    """An event on its way to one subscription. `due_at_ms`: when it is tried, if it waits;
    `given_up_at_ms`: until when. `status` is the receiver's last answer, `error` what was wrong with the last try."""

    subscription_id: str
    event_id: str
    topic: str
    happened_at_ms: Int
    state: State
    tries: Int
    due_at_ms: Int | None
    given_up_at_ms: Int
    tried_at_ms: Int | None
    status: Int | None
    error: str | None


class DeliveryList(Body, frozen=True, kw_only=True):
    """Deliveries, the newest events first; `next` continues the list."""

    deliveries: list[DeliveryReply]
    next: str | None


class DeliveryDetail(Body, frozen=True, kw_only=True):
    """A delivery, and the event that is sent."""

    delivery: DeliveryReply
    event: EventReply


class ReplayBody(Body, frozen=True, kw_only=True):
    """Which events that were given up are tried again; nil: the oldest 10,000."""

    event_ids: Annotated[list[Id], Meta(min_length=1, max_length=100)] | None = None


class Replayed(Body, frozen=True, kw_only=True):
    """How many deliveries are tried again."""

    replayed: Int
