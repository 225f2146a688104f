"""Finds an attempt for somebody. One that she may not see is to her like one that does not exist."""

from server.attempts.live import LiveAttempt
from server.attempts.newer import Outgrown
from server.attempts.registry import Registry
from server.principal import Principal


async def find_for(registry: Registry, principal: Principal, attempt_id: str | None) -> LiveAttempt | None:
    """The live attempt; None where there is none that `principal` may see. Raises `Refused(newer_log)`."""
    if attempt_id is None:
        return None
    try:
        live = await registry.get(attempt_id)
    except Outgrown as error:
        if principal.may_see(error.identity):
            raise
        return None
    return live if live is not None and principal.may_see(live.committed.identity) else None
