"""Item statistics of a test: how hard its questions were, and how well they tell candidates apart."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.attempt.model import OPEN, Status
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.rest.statistics import NotCounted, TestStatistics
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from protocol.statistics_csv import write_csv
from server.analysis import statistics as analysis
from server.analysis.statistics import Figures, Keys
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test
from server.api.query import Query
from server.api.skills import GOAL
from storage.statistics import Selection
from storage.tests import StoredTest

_PAGE: Final = 200
_SAT: Final = (Status.SUBMITTED, Status.EXPIRED, Status.COMPLETED)
_MARKED_ANEW: Final = "Marks are just being made anew. The statistics are there when that is done."


async def get_statistics(call: Call) -> TestStatistics:
    test = await find_test(call, call.path["test_id"])
    await call.was_read(ResultsRead(test.test_id))
    return await statistics_of(call, test)


async def statistics_of(call: Call, test: StoredTest) -> TestStatistics:
    """For whoever has noted that results are read. Raises `Refused` where they wait for marks or are of too many."""
    node, principal = call.node, call.principal
    selection = Selection(
        principal.org_id, test.test_id, call.query.get("form_id"), call.query.get("version"), principal.scope
    )
    before = await _regrade(call, test.test_id)
    counts, complete, erased = await node.statistics.counts(selection)
    if complete > limits.MAX_STATISTICS_ATTEMPTS:
        most = f"{limits.MAX_STATISTICS_ATTEMPTS:,}"
        raise Refused(refuse(Code.TOO_LARGE, f"Statistics are made of at most {most} attempts: ask for one form."))
    contents = await node.tests.contents(selection.org_id, selection.test_id, await node.statistics.versions(selection))
    goal_permille = call.query.get("goal_permille", limits.GOAL_PERMILLE)
    keys = msgspec.json.encode(Keys(contents, goal_permille))
    found = await node.analyst.ask(principal.org_id, analysis, keys, _attempts(call, selection))
    if await _regrade(call, test.test_id) != before:
        raise Refused(refuse(Code.NOT_READY, _MARKED_ANEW))
    figures = msgspec.json.decode(found, type=Figures)
    score = figures.score
    return TestStatistics(
        test_id=test.test_id,
        form_id=selection.form_id,
        test_version=selection.test_version,
        attempts=figures.attempts,
        left_out=NotCounted(
            open=sum(counts.get(status, 0) for status in OPEN),
            unmarked=sum(counts.get(status, 0) for status in _SAT) - complete,
            abandoned=counts.get(Status.ABANDONED, 0),
            cancelled=counts.get(Status.CANCELLED, 0),
            absent=counts.get(Status.ABSENT, 0),
            later=max(0, complete - figures.attempts),
            erased=erased,
        ),
        mean_mpt=score.mean_mpt,
        sd_mpt=score.sd_mpt,
        lowest_mpt=score.lowest_mpt,
        highest_mpt=score.highest_mpt,
        alpha_ppm=score.alpha_ppm,
        sem_mpt=score.sem_mpt,
        undefined=score.undefined,
        questions=figures.questions,
        goal_permille=goal_permille,
        skills=figures.skills,
    )


async def _regrade(call: Call, test_id: str) -> str | None:
    """The id of the newest regrade, which is over: figures of marks by two keys would be those of none. Raises
    `Refused(not_ready)` while one is under way."""
    job = await call.node.regrades.newest(call.principal.org_id, test_id)
    if job is not None and job.ended_at_ms is None:
        raise Refused(refuse(Code.NOT_READY, _MARKED_ANEW))
    return None if job is None else job.regrade_id


async def get_table(call: Call) -> bytes:
    # With a byte order mark, by which spreadsheets know that it is UTF-8.
    return write_csv(await get_statistics(call)).encode("utf-8-sig")


async def _attempts(call: Call, selection: Selection) -> AsyncIterator[bytes]:
    after: str | None = None
    while page := await call.node.statistics.first_complete(selection, after, _PAGE):
        for one in page:
            yield one.lines()
        after = page[-1].attempt_id


_SELECTION: Final = (Query("form_id", Id), Query("version", Annotated[int, Meta(ge=1, le=2_147_483_647)]))
_PATH: Final = "/tests/{test_id}/statistics"

ENDPOINTS = [
    Endpoint(
        method="GET",
        path=_PATH,
        summary="Difficulty, discrimination and distractors of each question, and the reliability of the scores.",
        handle=get_statistics,
        reply=TestStatistics,
        act=Act.READ_RESULTS,
        query=(*_SELECTION, GOAL),
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.NOT_READY, Code.OVERLOADED),
        late=Code.OVERLOADED,
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}.csv",
        summary="The same as a table for spreadsheets.",
        handle=get_table,
        reply=str,
        act=Act.READ_RESULTS,
        query=_SELECTION,
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.NOT_READY, Code.OVERLOADED),
        late=Code.OVERLOADED,
        media_type="text/csv; charset=utf-8",
    ),
]
