"""Makes the daily digests: once the day is over in UTC, for each subscription that takes them."""

from typing import TYPE_CHECKING, Final

from protocol.events.mail import DIGEST
from storage.letters import day_of
from storage.subscriptions import MAIL

if TYPE_CHECKING:
    from server.node import Node

_DAY_MS: Final = 24 * 3600 * 1000


class Digests:
    """Those of one node; several nodes make each once."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._done: dict[str, int] = {}
        """Subscription → the last day that was seen to."""

    async def look(self) -> None:
        """Sees to the day before this one. A day without an exam makes no letter."""
        node, now_ms = self._node, self._node.clock.now_ms()
        day = now_ms // _DAY_MS
        for one in await node.subscriptions.all():
            if one.kind != MAIL or DIGEST not in one.topics or self._done.get(one.subscription_id) == day:
                continue
            event_id = f"{DIGEST}:{one.subscription_id}:{day - 1}"
            if one.created_at_ms < day * _DAY_MS and not await node.private_events.has(one.org_id, event_id):
                digest = await day_of(node.database, one.org_id, (day - 1) * _DAY_MS, day * _DAY_MS)
                if digest is not None:
                    await node.private_events.tell_day(one.subscription_id, digest, event_id, now_ms)
            self._done[one.subscription_id] = day
