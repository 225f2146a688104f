"""Whether a candidate may begin, asked before she tries."""

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.rest.admission import AdmissionReply
from protocol.rules.admission import Presented
from protocol.rules.rights import Act
from server.access.finding import find_for
from server.admission import admission_of
from server.api.endpoint import Call, Endpoint
from server.api.lookup import in_scope, named_id
from server.api.query import Query
from server.ids import canonical_id


async def admission(call: Call) -> AdmissionReply:
    principal, test_id = call.principal, call.path["test_id"]
    test = await call.node.papers.newest(principal.org_id, test_id) if await may_ask(call, test_id) else None
    if test is None:
        raise Refused(refuse(Code.NOT_FOUND))
    user_id: str | None = call.query.get("user_id")
    if not principal.is_staff:
        if user_id not in (None, principal.actor.id):
            raise Refused(refuse(Code.FORBIDDEN))
        return await admission_of(call.node, test, principal.actor.id, Presented(call.ip_address, None, call.proofs))
    if user_id is None:
        raise Refused(refuse(Code.MISSING_FIELD, "The field user_id is missing."))
    await in_scope(call, test_id, named_id("user_id", user_id))
    return await admission_of(call.node, test, named_id("user_id", user_id), None)


async def may_ask(call: Call, test_id: str) -> bool:
    """A token for one attempt tells of the test of that attempt, to its candidate."""
    principal = call.principal
    if principal.attempt_id is None:
        return principal.may_see_test(test_id)
    live = await find_for(call.node, principal, canonical_id(principal.attempt_id))
    return live is not None and live.committed.identity.test_id == test_id


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/admission",
        summary="Whether a candidate may begin now; if not, every reason and from when it no longer holds.",
        handle=admission,
        reply=AdmissionReply,
        act=Act.WATCH,
        own=True,
        query=(Query("user_id", Id),),
        refusals=(Code.NOT_FOUND, Code.MISSING_FIELD, Code.INVALID_ID),
    ),
]
