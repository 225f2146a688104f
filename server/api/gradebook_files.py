"""The results of a whole test as a file: for spreadsheets, and for the gradebooks of Canvas and Moodle."""

from collections.abc import AsyncIterator
from typing import Final, Literal

import msgspec

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.gradebooks import Entry, Layout
from protocol.rules.audit import ResultsRead
from protocol.rules.grading import standing
from protocol.rules.rights import Act
from server.analysis import cohort, gradebook_file
from server.api.endpoint import Call, Download, Endpoint
from server.api.lookup import find_test
from server.api.query import Query
from storage.archives.names import is_installed
from storage.tests import StoredTest

_PAGE: Final = 200
_PATH: Final = "/tests/{test_id}/gradebook"


async def get_csv(call: Call) -> Download:
    layout: Layout = call.query.get("layout", "plain")
    marked = call.query.get("mark", "no" if layout != "plain" else "yes") == "yes"
    return await _file(call, "csv", layout=layout, marked=marked)


async def get_workbook(call: Call) -> Download:
    return await _file(call, "xlsx")


async def get_parquet(call: Call) -> Download:
    if not is_installed("parquet"):
        raise Refused(refuse(Code.NOT_INSTALLED, "Parquet files need the extra `parquet` on this server."))
    return await _file(call, "parquet")


async def _file(call: Call, form: gradebook_file.Form, *, layout: Layout = "plain", marked: bool = False) -> Download:
    test, entries = await _entries(call)
    order = gradebook_file.Order(test.content.title, form, layout, marked)

    async def framed() -> AsyncIterator[bytes]:
        for one in entries:
            yield cohort.frame(one)

    written = await call.node.analyst.ask(test.org_id, gradebook_file, msgspec.json.encode(order), framed())
    return Download(written, f"gradebook.{form}")


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
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.OVERLOADED),
        late=Code.OVERLOADED,
        media_type="text/csv; charset=utf-8",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}.xlsx",
        summary="The same as a workbook of a spreadsheet.",
        handle=get_workbook,
        reply=str,
        act=Act.READ_RESULTS,
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.OVERLOADED),
        late=Code.OVERLOADED,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}.parquet",
        summary="The same as a Parquet file, where the server has the extra `parquet`.",
        handle=get_parquet,
        reply=str,
        act=Act.READ_RESULTS,
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.NOT_INSTALLED, Code.OVERLOADED),
        late=Code.OVERLOADED,
        media_type="application/vnd.apache.parquet",
    ),
]
