"""A further attempt for a candidate: her own override says so, and one call writes it."""

from protocol.codes import Code
from protocol.errors import Refusal, Refused
from protocol.rest.bulk import GrantAttemptBody, GrantAttemptReply
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt
from server.ids import new_id
from server.orders import grant_attempt


async def grant(call: Call) -> GrantAttemptReply:
    body = call.body
    assert isinstance(body, GrantAttemptBody)
    live = await find_attempt(call)
    identity, command_id = live.committed.identity, body.command_id or new_id()
    granted = await grant_attempt(call.node, live, command_id, call.principal.actor, body.reason, body.seen_ms)
    if isinstance(granted, Refusal):
        raise Refused(granted)
    return GrantAttemptReply(
        command_id=command_id,
        test_id=identity.test_id,
        user_id=identity.user_id,
        extra_attempts=granted,
    )


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/test-attempts/{attempt_id}/grant-attempt",
        summary="Grant the candidate one more attempt at the test than she may have now.",
        handle=grant,
        body=GrantAttemptBody,
        reply=GrantAttemptReply,
        act=Act.GRANT_ATTEMPT,
        refusals=(
            Code.NOT_FOUND,
            Code.COMMAND_REUSED,
            Code.ACTED_MEANWHILE,
            Code.INVALID_OVERRIDE,
            Code.WINDOW_CLOSED,
            Code.ATTEMPT_DELAY,
        ),
    ),
]
