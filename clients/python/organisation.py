"""Calls about the organisation: tokens, its audit log, and all that is kept of a person."""

from typing import Unpack

from clients.python.calls import Calls, given, part
from clients.python.narrowing import FoundKeys
from protocol.rest.api_keys import ApiKeyBody, ApiKeyList, ApiKeyMade, ApiKeyReply, RenewBody
from protocol.rest.logs import AuditPage
from protocol.rest.personal import ErasureReply, PersonExport
from protocol.rest.removed import Removed
from protocol.rest.retention import RetentionBody, RetentionPreview, RetentionReply
from protocol.rest.tokens import RevocationBody, RevocationReply, TokenBody, TokenReply


class OrganisationCalls(Calls):
    """See above."""

    async def give_token(self, body: TokenBody) -> TokenReply:
        """Make a token, of no higher role and no wider scope than the caller's own."""
        return await self._call("POST", "/tokens", TokenReply, body)

    async def revoke(self, reason: str, *, token_id: str | None = None, user_id: str | None = None) -> RevocationReply:
        """Withdraw one token, or all that a user has been given. Connections that were opened with them end."""
        body = RevocationBody(token_id=token_id, user_id=user_id, reason=reason)
        return await self._call("POST", "/revocations", RevocationReply, body)

    async def audit(
        self,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        kind: str | None = None,
        subject: str | None = None,
        by: str | None = None,
        test_id: str | None = None,
        from_ms: int | None = None,
        until_ms: int | None = None,
    ) -> AuditPage:
        """A page of the audit log: from behind `after` on, or back from `before`; `next` of the page continues it."""
        query = given(
            after=after,
            before=before,
            limit=limit,
            kind=kind,
            subject=subject,
            by=by,
            test_id=test_id,
            from_ms=from_ms,
            until_ms=until_ms,
        )
        return await self._call("GET", "/audit", AuditPage, query=query)

    async def make_api_key(self, body: ApiKeyBody) -> ApiKeyMade:
        """Make a key for a service. The reply has its secret, this once."""
        return await self._call("POST", "/api-keys", ApiKeyMade, body)

    async def api_keys(self, **narrowed: Unpack[FoundKeys]) -> ApiKeyList:
        """The keys of the organisation, without their secrets."""
        return await self._call("GET", "/api-keys", ApiKeyList, query=given(**narrowed))

    async def api_key(self, key_id: str) -> ApiKeyReply:
        """One key, without its secret."""
        return await self._call("GET", f"/api-keys/{part(key_id)}", ApiKeyReply)

    async def renew_api_key(self, key_id: str, body: RenewBody | None = None) -> ApiKeyMade:
        """Give a key a new secret; the old one stays good for a while (a day)."""
        return await self._call("POST", f"/api-keys/{part(key_id)}/secret", ApiKeyMade, body or RenewBody())

    async def revoke_api_key(self, key_id: str) -> Removed:
        """Withdraw a key for good."""
        return await self._call("DELETE", f"/api-keys/{part(key_id)}", Removed)

    async def export(self, user_id: str) -> PersonExport:
        """Everything that is kept of a person."""
        return await self._call("GET", f"/users/{part(user_id)}/export", PersonExport)

    async def erase(self, user_id: str) -> ErasureReply:
        """Erase everything personal of a person; numbers stay. Harmless where it was done before."""
        return await self._call("DELETE", f"/users/{part(user_id)}", ErasureReply)

    async def retention(self) -> RetentionReply:
        """For how long the organisation keeps things."""
        return await self._call("GET", "/retention", RetentionReply)

    async def put_retention(self, body: RetentionBody) -> RetentionReply:
        """Say for how long, instead of what was said before."""
        return await self._call("PUT", "/retention", RetentionReply, body)

    async def preview_retention(
        self,
        *,
        archive_after_days: int | None = None,
        drop_after_days: int | None = None,
        audit_days: int | None = None,
        delivery_days: int | None = None,
        media_days: int | None = None,
    ) -> RetentionPreview:
        """What would go at once, by these days in place of what is in force."""
        query = given(
            archive_after_days=archive_after_days,
            drop_after_days=drop_after_days,
            audit_days=audit_days,
            delivery_days=delivery_days,
            media_days=media_days,
        )
        return await self._call("GET", "/retention/preview", RetentionPreview, query=query)
