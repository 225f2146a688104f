"""The results of a whole test as a file: for spreadsheets, and for the gradebooks of Canvas and Moodle."""

from typing import Final, Literal

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.gradebooks import Entry, Layout, rows_of
from protocol.rules.audit import ResultsRead
from protocol.rules.grading import standing
from protocol.rules.rights import Act
from protocol.tables import write_csv
from server.api.endpoint import Call, Download, Endpoint
from server.api.lookup import find_test
from server.api.query import Query
from server.exporting.workbook import write_workbook
from storage.tests import StoredTest

_PAGE: Final = 200
_PATH: Final = "/tests/{test_id}/gradebook"


async def get_csv(call: Call) -> Download:
    test, entries = await _entries(call)
    layout: Layout = call.query.get("layout", "plain")
    marked = call.query.get("mark", "no" if layout != "plain" else "yes") == "yes"
    table = write_csv(rows_of(layout, test.content.title, entries), marked=marked)
    return Download(table.encode(), "gradebook.csv")


async def get_workbook(call: Call) -> Download:
    test, entries = await _entries(call)
    return Download(write_workbook(test.content.title, rows_of("plain", test.content.title, entries)), "gradebook.xlsx")


async def _entries(call: Call) -> tuple[StoredTest, list[Entry]]:
    test = await find_test(call, call.path["test_id"])
    node, org_id, rules, scope = call.node, call.principal.org_id, test.content.rules, call.principal.scope
    await call.was_read(ResultsRead(test.test_id))
    entries: list[Entry] = []
    after: str | None = None
    while True:
        found, job = await node.results.of_test(org_id, test.test_id, after, _PAGE, scope)
        known = await node.people.of(org_id, [attempts[0].user_id for attempts in found])
        for attempts in found:
            her = standing(rules, [one.sat for one in attempts], None if job is None else job.ordered)
            has, person = her.outcome, known.get(attempts[0].user_id)
            entries.append(
                Entry(
                    user_id=attempts[0].user_id,
                    name=attempts[-1].name or ("" if person is None else person.name),
                    email=None if person is None else person.email,
                    branch_id=None if person is None else person.branch_id,
                    attempts=len(attempts),
                    waiting=her.waiting,
                    counting_attempt_id=None if has is None or has.attempt is None else has.attempt.attempt_id,
                    score_mpt=None if has is None else has.score_mpt,
                    max_mpt=None if has is None else has.max_mpt,
                    grade=None if has is None else has.grade,
                )
            )
        if len(entries) > limits.MAX_STATISTICS_ATTEMPTS:
            most = f"{limits.MAX_STATISTICS_ATTEMPTS:,}"
            raise Refused(
                refuse(Code.TOO_LARGE, f"A file holds at most {most} candidates: read the list, page by page.")
            )
        if len(found) < _PAGE:
            return test, entries
        after = found[-1][0].user_id


ENDPOINTS = [
    Endpoint(
        method="GET",
        path=f"{_PATH}.csv",
        summary="What each candidate has in a test, as a table; or as Canvas and Moodle take it into their gradebooks.",
        handle=get_csv,
        reply=str,
        act=Act.READ_RESULTS,
        query=(
            Query("layout", Layout, says="For whom the file is; by itself it has all columns."),
            Query(
                "mark",
                Literal["yes", "no"],
                says="A byte order mark, by which spreadsheets know UTF-8; by itself the plain table alone has one.",
            ),
        ),
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE),
        media_type="text/csv; charset=utf-8",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}.xlsx",
        summary="The same as a workbook of a spreadsheet.",
        handle=get_workbook,
        reply=str,
        act=Act.READ_RESULTS,
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
]
