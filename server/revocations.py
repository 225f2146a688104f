"""Withdrawn tokens, as this node knows them: every token is held against them, without asking the database."""

from typing import Final

from server.principal import Principal
from storage.revocations import Revocation, Revocations

REVOCATIONS_CHANNEL: Final = "revocations"
"""Where a node says that there are new ones; what they are is in the database."""
_OVERLAP_MS: Final = 2 * 3600 * 1000
"""How much later than the clock says a row may be committed and is still found. The clock is another node's, which may
have stood still."""


class Withdrawn:
    """What is revoked, by organisation."""

    def __init__(self, store: Revocations) -> None:
        self._store = store
        self._tokens: set[tuple[str, str]] = set()
        self._users: dict[tuple[str, str], int] = {}
        self._newest_ms = 0

    async def refresh(self) -> bool:
        """Reads what is new; whether anything was."""
        fresh = False
        for revocation in await self._store.since(max(0, self._newest_ms - _OVERLAP_MS)):
            fresh |= self._learn(revocation)
        return fresh

    async def add(self, revocation: Revocation) -> None:
        """Makes it durable, and known here."""
        await self._store.add(revocation)
        self._learn(revocation)

    def covers(self, principal: Principal) -> bool:
        """Whether the principal's token has been withdrawn. Of one that does not say when it was made, nobody knows
        that it is newer than a withdrawal of all that its user has."""
        if principal.token_id is not None and (principal.org_id, principal.token_id) in self._tokens:
            return True
        revoked_at_ms = self._users.get((principal.org_id, principal.actor.id))
        if revoked_at_ms is None:
            return False
        return principal.issued_at_ms is None or principal.issued_at_ms <= revoked_at_ms

    def _learn(self, revocation: Revocation) -> bool:
        self._newest_ms = max(self._newest_ms, revocation.revoked_at_ms)
        if revocation.token_id is not None:
            token = (revocation.org_id, revocation.token_id)
            is_new = token not in self._tokens
            self._tokens.add(token)
            return is_new
        assert revocation.user_id is not None
        user = (revocation.org_id, revocation.user_id)
        is_new = self._users.get(user, -1) < revocation.revoked_at_ms
        if is_new:
            self._users[user] = revocation.revoked_at_ms
        return is_new
