"""Who learns what, from OneRoster files in a zip."""

from typing import Final, Literal

from msgspec.structs import asdict

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.oneroster import OneRosterMistake, OneRosterReply
from protocol.rules.oneroster import Wrong
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.people import org_of
from server.api.query import Query
from server.bringing import WAIT_S
from server.importing.faults import ImportFault
from storage.oneroster import import_oneroster
from storage.overrides import EVERY_TEST, Who
from storage.people import USER

_SAID: Final = 5
"""Mistakes that a refusal names; a dry run names more."""


async def import_(call: Call) -> OneRosterReply:
    org_id, node = org_of(call), call.node
    dry_run = call.query.get("dry_run", "no") == "yes"
    try:
        read = await node.bringing.read_roster(org_id, call.body)
    except ImportFault as fault:
        raise Refused(refuse(Code.INVALID_ROSTER, f"Nothing was imported. {fault}")) from None
    plan = read.plan
    if plan is None:
        return _mistaken(read.wrong, dry_run=dry_run)
    revision, report = await import_oneroster(
        node.database, org_id, plan, node.clock.now_ms(), call.principal.actor, dry_run=dry_run
    )
    if revision is not None:
        touched = {user_id for _, user_id in plan.members | plan.members_gone} | plan.users_gone
        node.granting.changed(org_id, revision, [Who(USER, user_id) for user_id in sorted(touched)], EVERY_TEST)
    return OneRosterReply(**asdict(report), mistakes=[])


def _mistaken(wrong: list[Wrong], *, dry_run: bool) -> OneRosterReply:
    """All mistakes, for a dry run. Raises `Refused(invalid_roster)` with the first ones otherwise."""
    if not dry_run:
        more = len(wrong) - _SAID
        said = "; ".join(map(str, wrong[:_SAID])) + (f"; and {more} more" if more > 0 else "")
        raise Refused(refuse(Code.INVALID_ROSTER, f"Nothing was imported: {said}."))
    return OneRosterReply(mistakes=[OneRosterMistake(file=one.file, line=one.line, reason=one.reason) for one in wrong])


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/oneroster",
        summary="Import students, classes and enrolments from a zip of OneRoster files. All of it, or nothing.",
        handle=import_,
        reply=OneRosterReply,
        act=Act.ENROL,
        query=(Query("dry_run", Literal["yes", "no"]),),
        refusals=(Code.INVALID_ROSTER, Code.OVERLOADED),
        patience_s=WAIT_S,
        late=Code.OVERLOADED,
        raw=True,
        max_body_bytes=limits.MAX_IMPORT_BYTES,
    ),
]
