"""Lets go by the clock of what organisations keep no longer beside logs: what audit logs say, deliveries, and files
that no test names."""

import logging
from typing import TYPE_CHECKING

from protocol.rules.retention import Retention
from server.eraser import MAY_NOT, eraser_of
from storage.audit import BY_RULE
from storage.audit_ages import OldEntries
from storage.errors import NotAllowed

if TYPE_CHECKING:
    from server.node import Node

log = logging.getLogger(__name__)


class Thinner:
    """Every node has one. Two at once do no harm: each entry goes once."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._entries = OldEntries(node.database)

    async def look(self, now_ms: int) -> None:
        """By a clock that was looked at."""
        node = self._node
        rules = await node.retention.in_force()
        await node.deliveries.prune(rules, node.retention.bounds.apply(Retention()), now_ms)
        for org_id, rule in sorted(rules.items()):
            before_ms = rule.audit_before_ms(now_ms)
            if before_ms is not None and await self._entries.count(org_id, before_ms):
                await self._drop_entries(org_id, before_ms, now_ms)
            unused_ms = rule.unused_before_ms(now_ms)
            if unused_ms is not None:
                await self._drop_media(org_id, unused_ms, now_ms)

    async def _drop_media(self, org_id: str, before_ms: int, now_ms: int) -> None:
        node = self._node
        await node.unused_media.mark(org_id, now_ms)
        try:
            async with eraser_of(node.settings, node.database) as eraser:
                total = await node.unused_media.drop(eraser, org_id, BY_RULE, before_ms, now_ms)
        except NotAllowed:
            log.error("Files that no test names stay: %s", MAY_NOT)
        else:
            if total:
                log.info("%d files that no test names were deleted, as an organisation's rule says", total)

    async def _drop_entries(self, org_id: str, before_ms: int, now_ms: int) -> None:
        try:
            async with eraser_of(self._node.settings, self._node.database) as eraser:
                total = await self._entries.drop(eraser, org_id, BY_RULE, before_ms, now_ms)
        except NotAllowed:
            log.error("Old entries of audit logs stay: %s", MAY_NOT)
        else:
            log.info("%d entries of an audit log were emptied, as its organisation's rule says", total)
