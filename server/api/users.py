"""What is kept of a person: shown whole, and erased."""

from protocol.attempt.chain import NewerLog
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.personal import ErasureReply, PersonExport
from protocol.rules.audit import PersonExported
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import named_id, whole_organisation
from storage.erasing import UnderWay
from storage.errors import NotAllowed
from storage.export import export_person


def _person(call: Call) -> str:
    """The user that the path names. A token for a part of the organisation is none for all that is kept of somebody."""
    whole_organisation(call)
    return named_id("user_id", call.path["user_id"])


async def get_export(call: Call) -> PersonExport:
    user_id = _person(call)
    principal, now_ms = call.principal, call.node.clock.now_ms()
    # Before it is read: what was shown must never be missing in the audit log.
    await call.node.audit.add(principal.org_id, principal.actor, PersonExported(user_id), now_ms)
    try:
        return await export_person(call.node.database, principal.org_id, user_id, now_ms)
    except NewerLog:
        raise Refused(refuse(Code.NEWER_LOG)) from None


async def erase(call: Call) -> ErasureReply:
    user_id = _person(call)
    try:
        attempts = await call.node.erase(call.principal.org_id, user_id, call.principal.actor)
    except UnderWay:
        raise Refused(refuse(Code.UNDER_WAY)) from None
    except NotAllowed:
        raise Refused(
            refuse(
                Code.FORBIDDEN,
                "The database does not let this server erase. Erase with `pencilsdown erase` and a role that may, or"
                " set PENCILSDOWN_ERASER_DATABASE_URL.",
            )
        ) from None
    return ErasureReply(attempts=attempts)


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/users/{user_id}/export",
        summary="Everything that is kept of a person.",
        handle=get_export,
        reply=PersonExport,
        act=Act.EXPORT,
        refusals=(Code.INVALID_ID,),
    ),
    Endpoint(
        method="DELETE",
        path="/users/{user_id}",
        summary="Erase everything personal of a person; numbers stay. Harmless where it was done before.",
        handle=erase,
        reply=ErasureReply,
        act=Act.ERASE,
        refusals=(Code.INVALID_ID, Code.UNDER_WAY),
    ),
]
