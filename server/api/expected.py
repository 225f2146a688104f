"""Who is to sit a test and has not come yet: enrolled, without an attempt."""

from typing import Final

from protocol.codes import Code
from protocol.messages.base import Id
from protocol.rest.expected import ExpectedList, ExpectedPerson
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_test
from server.api.paging import PAGING, next_line, order_of
from server.api.query import Query
from storage.expected import Part, expected

_PEOPLE: Final = Lines("people", ExpectedPerson, ("user_id",), ("user_id", "name"))


async def list_expected(call: Call) -> ExpectedList:
    test = await find_test(call, call.path["test_id"])
    part = Part(call.principal.scope, call.query.get("group_id"), call.query.get("branch_id"))
    order, limit = order_of(call, _PEOPLE)
    total, found = await expected(
        call.node.database, test.org_id, test.test_id, test.content.course_id, part, order, limit
    )
    closes_at_ms = test.content.rules.closes_at_ms
    people = [ExpectedPerson(**one._asdict()) for one in found]
    return ExpectedList(
        total=total,
        closed=closes_at_ms is not None and closes_at_ms <= call.node.clock.now_ms(),
        people=people,
        next=next_line(call, _PEOPLE, people, order, limit),
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
            *_PEOPLE.query,
            *PAGING,
        ),
        lines=_PEOPLE,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    )
]
