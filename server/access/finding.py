"""Finds an attempt for somebody. One that she may not see is to her like one that does not exist."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from protocol.attempt.model import Identity
from server.access.principal import Principal
from server.attempts.live import LiveAttempt
from server.attempts.newer import Outgrown

if TYPE_CHECKING:
    from server.node import Node


async def find_for(node: "Node", principal: Principal, attempt_id: str | None) -> LiveAttempt | None:
    """The live attempt; None where there is none that `principal` may see. Raises `Refused(newer_log)`."""
    if attempt_id is None:
        return None
    try:
        live = await node.registry.get(attempt_id)
    except Outgrown as error:
        if await may_see(node, principal, error.identity):
            raise
        return None
    return live if live is not None and await may_see(node, principal, live.committed.identity) else None


async def may_see(node: "Node", principal: Principal, identity: Identity) -> bool:
    """See `Principal.may_see`. The branch is the one that the candidate belongs to now."""
    if principal.scope.branches is not None:
        card = await node.attempts.identity(identity.attempt_id)
        if card is not None:
            identity = replace(identity, branch_id=card.branch_id)
    return principal.may_see(identity, await groups_for(node, principal, identity.user_id))


async def groups_for(node: "Node", principal: Principal, user_id: str) -> Sequence[str]:
    """The groups of a candidate, where what `principal` may see depends on them."""
    return () if principal.scope.groups is None else await node.people.groups_of(principal.org_id, user_id)
