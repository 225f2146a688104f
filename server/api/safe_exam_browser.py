"""The file of settings by which Safe Exam Browser opens a test."""

import plistlib

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.integrity.safe_exam_browser import settings_for
from protocol.rules.rights import Act
from server.api.endpoint import Call, Download, Endpoint
from server.api.lookup import find_test


async def get_settings(call: Call) -> Download:
    test = await find_test(call, call.path["test_id"])
    rule = test.content.rules.safe_exam_browser
    if rule is None or rule.start_url is None:
        raise Refused(refuse(Code.NOT_FOUND, "The test names no address that Safe Exam Browser opens (`start_url`)."))
    return Download(plistlib.dumps(settings_for(rule.start_url)), "exam.seb")


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/safe-exam-browser",
        summary="The file of settings by which Safe Exam Browser opens the test, not encrypted.",
        handle=get_settings,
        reply=str,
        media_type="application/seb",
        act=Act.READ_TESTS,
        refusals=(Code.NOT_FOUND,),
    ),
]
