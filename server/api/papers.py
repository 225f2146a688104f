"""Whether two candidates of a test had equal papers."""

from msgspec.structs import asdict, replace

from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.papers import PaperDifference, PapersReply, SatPaperOf
from protocol.rules.papers import NO_PAPER, SatPaper, compare, max_mpt, sat_paper
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt, find_test
from server.api.query import AttemptId, Query


async def compare_papers(call: Call) -> PapersReply:
    test = await find_test(call, call.path["test_id"])
    found = [await _sat(call, test.test_id, call.query[name]) for name in ("attempt", "other")]
    (_, one), (_, other) = found
    comparison = compare(one, other)
    return PapersReply(
        test_id=test.test_id,
        equal=comparison.equal,
        of_equal_worth=comparison.of_equal_worth,
        papers=[_told(attempt, paper) for attempt, paper in found],
        differences=[PaperDifference(**asdict(difference)) for difference in comparison.differences],
    )


async def _sat(call: Call, test_id: str, attempt_id: str) -> tuple[Attempt, SatPaper]:
    live = await find_attempt(replace(call, path={"attempt_id": attempt_id}))
    attempt = await live.newest()
    identity = attempt.identity
    if identity.test_id != test_id:
        raise Refused(refuse(Code.NOT_FOUND))
    if attempt.test_version is None:
        raise Refused(refuse(Code.NOT_STARTED, NO_PAPER))
    paper = sat_paper(attempt, (await call.node.papers.of(identity, attempt.test_version)).test.content)
    assert paper is not None, "whoever has a version has a paper"
    return attempt, paper


def _told(attempt: Attempt, paper: SatPaper) -> SatPaperOf:
    identity = attempt.identity
    return SatPaperOf(
        attempt_id=identity.attempt_id,
        user_id=identity.user_id,
        test_version=paper.test_version,
        form_id=paper.form_id,
        question_total=paper.layout.question_total,
        max_mpt=max_mpt(paper),
        duration_ms=paper.terms.duration_ms,
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/papers",
        summary="Whether two candidates had equal papers, and where not, whether they are of equal worth and why.",
        handle=compare_papers,
        reply=PapersReply,
        act=Act.READ_LOG,
        query=(Query("attempt", AttemptId, required=True), Query("other", AttemptId, required=True)),
        refusals=(Code.NOT_FOUND, Code.MISSING_FIELD, Code.NOT_STARTED),
    ),
]
