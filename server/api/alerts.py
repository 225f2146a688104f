"""Staff say that they have seen an alert: all other staff see that, on whatever node. The audit log holds it."""

from collections.abc import AsyncIterator
from typing import Final

from protocol import limits
from protocol.attempt.chain import Line
from protocol.codes import Code
from protocol.rest.alerts import AlertsSeenBody, SeenAlerts, SeenAlertsList
from protocol.rules.audit import AlertsSeen, Kept, kind_of_type, read_body
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt, find_test, whose
from storage.scoping import those_in_scope

_PAGE: Final = 1_000
_PAGES: Final = 20
"""More marks at one test than these pages have are not looked through: the newest ones count."""
_KIND: Final = kind_of_type(AlertsSeen)


async def mark_seen(call: Call) -> SeenAlerts:
    live = await find_attempt(call)
    now_ms = call.node.clock.now_ms()
    until_ms = call.body.until_ms
    if until_ms is not None:
        # Nobody has seen what has not happened yet.
        until_ms = min(until_ms, now_ms)
    test_id, attempt_id, user_id = whose(live)
    by = call.principal.actor
    known = await _in_force(call, test_id, attempt_id, user_id)
    if known.until_ms == until_ms:
        return known
    await call.node.audit.add(call.principal.org_id, by, AlertsSeen(test_id, attempt_id, user_id, until_ms), now_ms)
    return SeenAlerts(attempt_id=attempt_id, until_ms=until_ms, by=by.id, at_ms=now_ms)


async def _in_force(call: Call, test_id: str, attempt_id: str, user_id: str) -> SeenAlerts:
    """The mark of an attempt: whoever says the same once more adds nothing to it."""
    async for line, _ in _newest_first(call, test_id, user_id):
        mark = _mark_in(line)
        if mark is not None and mark.attempt_id == attempt_id:
            return mark
    return SeenAlerts(attempt_id=attempt_id, until_ms=None, by=call.principal.actor.id, at_ms=call.node.clock.now_ms())


def _mark_in(line: Line) -> SeenAlerts | None:
    said = None if line.body is None else read_body(line.body)
    if said is None or not isinstance(said.entry, AlertsSeen):
        return None
    return SeenAlerts(attempt_id=said.entry.attempt_id, until_ms=said.entry.until_ms, by=said.by, at_ms=line.at_ms)


async def list_seen(call: Call) -> SeenAlertsList:
    test = await find_test(call, call.path["test_id"])
    marks: dict[str, SeenAlerts] = {}
    async for line, _ in _newest_first(call, test.test_id):
        mark = _mark_in(line)
        if mark is not None:
            marks.setdefault(mark.attempt_id, mark)
    reached = await those_in_scope(call.node.database, test.org_id, marks, call.principal.scope)
    return SeenAlertsList(
        seen=[one for one in marks.values() if one.until_ms is not None and one.attempt_id in reached]
    )


async def _newest_first(call: Call, test_id: str, subject: str | None = None) -> AsyncIterator[Kept]:
    before = limits.MAX_INT
    for _ in range(_PAGES):
        page = await call.node.audit.page(
            call.principal.org_id, before=before, limit=_PAGE, kind=_KIND, subject=subject, test_id=test_id
        )
        for one in page:
            yield one
        if len(page) < _PAGE:
            return
        before = page[-1].line.seq


ENDPOINTS = [
    Endpoint(
        method="PUT",
        path="/test-attempts/{attempt_id}/alerts-seen",
        summary="Say that the alerts of an attempt have been seen, or take that back.",
        handle=mark_seen,
        body=AlertsSeenBody,
        reply=SeenAlerts,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/alerts-seen",
        summary="Which alerts of a test staff have seen: who, and when.",
        handle=list_seen,
        reply=SeenAlertsList,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
]
