"""What is wrong with the schedule of a test, before anybody sits it."""

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.schedules import ScheduleTrouble, ScheduleWarnings
from protocol.rules.rights import Act
from protocol.rules.schedule import check_schedule
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test
from storage.scheduled import scheduled

_MOST = 500
"""Warnings in one reply."""


async def warnings(call: Call) -> ScheduleWarnings:
    test = await find_test(call, call.path["test_id"])
    if not call.principal.scope.has_all_of(test.test_id):
        raise Refused(refuse(Code.FORBIDDEN, "This is for those whose token reaches every candidate of the test."))
    course_id = test.content.course_id
    people = [one async for one in scheduled(call.node.database, test.org_id, test.test_id, course_id)]
    found = list(check_schedule(test.content, people))
    return ScheduleWarnings(
        test_id=test.test_id,
        candidates=len(people),
        total=len(found),
        warnings=[
            ScheduleTrouble(trouble=one.trouble, detail=one.detail, user_id=one.user_id, missing_ms=one.missing_ms)
            for one in found[:_MOST]
        ],
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/schedule-warnings",
        summary="Who can't have the whole time, or the form, that she is to have.",
        handle=warnings,
        reply=ScheduleWarnings,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    )
]
