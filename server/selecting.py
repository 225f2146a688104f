"""Which attempts at a test an act on many is for."""

import asyncio
from typing import Final

from protocol.messages.monitor import Row
from protocol.orders import Filter
from protocol.rules.bulk import in_one_form, matches
from protocol.rules.scope import TokenScope
from server.node import Node

_PAGE: Final = 1_000


async def select(node: Node, org_id: str, test_id: str, scope: TokenScope, wanted: Filter) -> list[Row]:
    """The attempts at the test that lie in `scope` and fit the filter now, in the order of their ids."""
    wanted = in_one_form(wanted)
    connections = {} if wanted.connection is None else await node.rooms.connections(org_id, test_id)
    members = frozenset() if wanted.groups is None else await node.people.in_any(org_id, wanted.groups)
    found: list[Row] = []
    after: str | None = None
    while True:
        page = await node.attempts.rows(org_id, test_id, after, _PAGE, scope)
        found += (row for row in page if matches(wanted, row, connections.get(row.attempt_id, "offline"), members))
        if len(page) < _PAGE:
            return found
        after = page[-1].attempt_id
        # Those who sit are served in between.
        await asyncio.sleep(0)
