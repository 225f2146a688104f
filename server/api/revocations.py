"""Tokens withdrawn before their end."""

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.tokens import RevocationBody, RevocationReply
from protocol.rules.rights import Act
from protocol.texts import shows_nothing
from server.api.endpoint import Call, Endpoint
from server.api.lookup import named_id, whole_organisation
from server.ids import new_id
from storage.revocations import Revocation


async def revoke(call: Call) -> RevocationReply:
    body: RevocationBody = call.body
    principal = call.principal
    whole_organisation(call)
    if (body.token_id is None) == (body.user_id is None):
        raise Refused(refuse(Code.OUT_OF_RANGE, "Name either token_id or user_id."))
    if shows_nothing(body.reason):
        raise Refused(refuse(Code.REASON_REQUIRED))
    revocation = Revocation(
        revocation_id=new_id(),
        org_id=principal.org_id,
        token_id=body.token_id,
        user_id=None if body.user_id is None else named_id("user_id", body.user_id),
        revoked_at_ms=call.node.clock.now_ms(),
        revoked_by=principal.actor.id,
        reason=body.reason,
    )
    await call.node.withdrawing.withdraw(revocation, principal.role)
    return RevocationReply(revocation_id=revocation.revocation_id, revoked_at_ms=revocation.revoked_at_ms)


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/revocations",
        summary="Withdraw a token, or all tokens of a user. Connections that stand on them end.",
        handle=revoke,
        body=RevocationBody,
        reply=RevocationReply,
        act=Act.REVOKE,
        status=201,
        refusals=(Code.INVALID_ID, Code.OUT_OF_RANGE, Code.REASON_REQUIRED),
    ),
]
