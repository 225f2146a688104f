"""Calls about events: who is told of them, what became of that, and the feed."""

from typing import Unpack

from clients.python.calls import Calls, given, part
from clients.python.narrowing import FoundDeliveries, FoundSubscriptions
from protocol.rest.events import DeliveryDetail, DeliveryList, EventPage, ReplayBody, Replayed
from protocol.rest.removed import Removed
from protocol.rest.subscriptions import (
    SecretBody,
    SecretReply,
    SubscribeBody,
    SubscriptionBody,
    SubscriptionList,
    SubscriptionMade,
    SubscriptionReply,
)


class TellingCalls(Calls):
    """See above."""

    async def subscribe(self, body: SubscribeBody) -> SubscriptionMade:
        """Have somebody told of events. The reply has the secret of a webhook, this once."""
        return await self._call("POST", "/subscriptions", SubscriptionMade, body)

    async def subscriptions(self, **narrowed: Unpack[FoundSubscriptions]) -> SubscriptionList:
        """Who is told of events."""
        return await self._call("GET", "/subscriptions", SubscriptionList, query=given(**narrowed))

    async def subscription(self, subscription_id: str) -> SubscriptionReply:
        """One subscription, without its secret."""
        return await self._call("GET", _one(subscription_id), SubscriptionReply)

    async def change_subscription(self, subscription_id: str, body: SubscriptionBody) -> SubscriptionReply:
        """Say what a subscription is from now on, or switch it off or on."""
        return await self._call("PUT", _one(subscription_id), SubscriptionReply, body)

    async def remove_subscription(self, subscription_id: str) -> Removed:
        """Remove a subscription with all that waits for it."""
        return await self._call("DELETE", _one(subscription_id), Removed)

    async def rotate_secret(self, subscription_id: str, *, overlap_ms: int | None = None) -> SecretReply:
        """Sign with a new secret, and for a while (a day) with the old one too."""
        body = SecretBody() if overlap_ms is None else SecretBody(overlap_ms=overlap_ms)
        return await self._call("POST", f"{_one(subscription_id)}/secret", SecretReply, body)

    async def replay(self, subscription_id: str, event_ids: list[str] | None = None) -> Replayed:
        """Try again what was given up: these events, or the oldest 10,000."""
        body = ReplayBody(event_ids=event_ids)
        return await self._call("POST", f"{_one(subscription_id)}/replay", Replayed, body)

    async def deliveries(self, **narrowed: Unpack[FoundDeliveries]) -> DeliveryList:
        """What became of events, the newest first, a page at a time."""
        return await self._call("GET", "/deliveries", DeliveryList, query=given(**narrowed))

    async def delivery(self, subscription_id: str, event_id: str) -> DeliveryDetail:
        """One delivery, with the event that is sent."""
        return await self._call("GET", f"{_one(subscription_id)}/deliveries/{part(event_id)}", DeliveryDetail)

    async def events(
        self, *, topic: str | None = None, after: str | None = None, limit: int | None = None
    ) -> EventPage:
        """What has happened in the organisation, from the oldest event that is kept on, or behind a cursor."""
        query = given(topic=topic, after=after, limit=limit)
        return await self._call("GET", "/events", EventPage, query=query)


def _one(subscription_id: str) -> str:
    return f"/subscriptions/{part(subscription_id)}"
