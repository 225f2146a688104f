"""The withdrawn tokens, in memory, so that every token is checked without asking the database."""

from collections.abc import Callable
from typing import Final

from protocol import limits
from protocol.attempt.model import Role
from server.access.principal import Principal
from storage.revocations import Revocation, Revocations

REVOCATIONS_CHANNEL: Final = "revocations"
"""The relay channel that announces new withdrawals. The withdrawals themselves are in the database."""
_OVERLAP_MS: Final = 2 * 3600 * 1000
"""How long after its timestamp a row may be committed and is still found. Another node wrote the timestamp, and it may
have been frozen before the commit."""


class Withdrawn:
    """What is revoked, by organisation, as long as a token that it covers may be in force."""

    def __init__(self, store: Revocations, now_ms: Callable[[], int], hide: Callable[[str, str], str]) -> None:
        """`hide`: the name of an erased user of an organisation."""
        self._store = store
        self._now_ms = now_ms
        self._hide = hide
        self._any_hidden = False
        self._tokens: dict[tuple[str, str], int] = {}
        self._users: dict[tuple[str, str], int] = {}
        self._newest_ms = 0

    async def refresh(self) -> bool:
        """Reads new withdrawals. Returns whether there were any."""
        fresh = False
        # Whoever wrote the newest may have had a clock that is ahead.
        newest_ms = min(self._newest_ms, self._now_ms())
        for revocation in await self._store.since(max(self._oldest_ms, newest_ms - _OVERLAP_MS)):
            fresh |= self._learn(revocation)
        return fresh

    async def read_anew(self) -> None:
        """Somebody was erased: reads all again, so that nothing in memory names her."""
        found = await self._store.since(self._oldest_ms)
        self._tokens, self._users = {}, {}
        for revocation in found:
            self._learn(revocation)

    async def prune(self, *, alone: bool) -> None:
        """Forgets withdrawals of tokens that have all ended. `alone`: this process owns the database, and deletes them
        there too; on PostgreSQL no node may, whoever has taken it over."""
        oldest_ms = self._oldest_ms
        self._tokens = {token: at_ms for token, at_ms in self._tokens.items() if at_ms >= oldest_ms}
        self._users = {user: at_ms for user, at_ms in self._users.items() if at_ms >= oldest_ms}
        if alone:
            await self._store.prune(oldest_ms)

    @property
    def _oldest_ms(self) -> int:
        """A token that was made before this instant has ended, and some time is left for clocks that differ."""
        return max(0, self._now_ms() - limits.MAX_TOKEN_LIFE_MS - _OVERLAP_MS)

    async def add(self, revocation: Revocation, role: Role) -> None:
        """Stores a withdrawal by somebody in this role and applies it on this node."""
        await self._store.add(revocation, role)
        self._learn(revocation)

    def covers(self, principal: Principal) -> bool:
        """Whether the principal's token has been withdrawn. A token without an issue time counts as older than a
        withdrawal of all tokens of its user."""
        if principal.token_id is not None and (principal.org_id, principal.token_id) in self._tokens:
            return True
        org_id, user_id = principal.org_id, principal.actor.id
        revoked_at_ms = self._users.get((org_id, user_id))
        if revoked_at_ms is None and self._any_hidden:
            revoked_at_ms = self._users.get((org_id, self._hide(org_id, user_id)))
        if revoked_at_ms is None:
            return False
        return principal.issued_at_ms is None or principal.issued_at_ms <= revoked_at_ms

    def _learn(self, revocation: Revocation) -> bool:
        self._newest_ms = max(self._newest_ms, revocation.revoked_at_ms)
        if revocation.token_id is not None:
            token = (revocation.org_id, revocation.token_id)
            is_new = token not in self._tokens
            self._tokens[token] = revocation.revoked_at_ms
            return is_new
        assert revocation.user_id is not None
        user = (revocation.org_id, revocation.user_id)
        self._any_hidden |= revocation.user_id.startswith("erased-")
        is_new = self._users.get(user, -1) < revocation.revoked_at_ms
        if is_new:
            self._users[user] = revocation.revoked_at_ms
        return is_new
