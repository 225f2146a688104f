"""Who is to sit a test and has not come yet: enrolled, without an attempt."""

from protocol.codes import Code
from protocol.messages.base import Id
from protocol.rest.expected import ExpectedList, ExpectedPerson
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test
from server.api.paging import PAGING, next_of, page_of
from server.api.query import Query
from storage.expected import Part, expected


async def list_expected(call: Call) -> ExpectedList:
    test = await find_test(call, call.path["test_id"])
    place, limit = page_of(call)
    part = Part(call.principal.scope, call.query.get("group_id"), call.query.get("branch_id"))
    after = "" if place is None else str(place[0])
    total, found = await expected(
        call.node.database, test.org_id, test.test_id, test.content.course_id, part, after, limit
    )
    closes_at_ms = test.content.rules.closes_at_ms
    return ExpectedList(
        total=total,
        closed=closes_at_ms is not None and closes_at_ms <= call.node.clock.now_ms(),
        people=[ExpectedPerson(**one._asdict()) for one in found],
        next=next_of(call, found, limit, lambda one: one.user_id),
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/expected",
        summary="Who is enrolled and has no attempt yet, a page at a time; with how many there are.",
        handle=list_expected,
        reply=ExpectedList,
        act=Act.WATCH,
        query=(
            Query("group_id", Id, says="Of this group alone."),
            Query("branch_id", Id, says="Of this branch alone."),
            *PAGING,
        ),
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    )
]
