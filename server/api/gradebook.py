"""The results of a whole test: what each candidate has, and whether candidates may see it."""

from typing import Final

from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refused, refuse
from protocol.rest.gradebook import (
    AttemptResult,
    CandidateResult,
    GradeBoundary,
    ReleaseBody,
    ReleaseReply,
    ResultVersions,
    TestResults,
)
from protocol.rules.audit import ResultsRead
from protocol.rules.grading import standing
from protocol.rules.regrading import Ordered
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import as_named, find_kept, find_test
from server.api.narrowing import OF_TEST, STATUS, wanted
from server.api.paging import UPDATED_SINCE, next_of, order_of, paging
from storage.results import AttemptOfUser

_PAGE: Final = 200
_CANDIDATES: Final = Lines("candidates", CandidateResult, ("user_id",), ("user_id",))


async def list_results(call: Call) -> TestResults:
    test = await find_test(call, call.path["test_id"])
    org_id, rules = call.principal.org_id, test.content.rules
    order, limit = order_of(call, _CANDIDATES, _PAGE)
    after = None if order.after is None else str(order.after[0])
    await call.was_read(ResultsRead(test.test_id))
    scope = call.principal.scope
    found, job = await call.node.results.of_test(
        org_id, test.test_id, after, limit, scope, wanted(call), descending=order.descending
    )
    return TestResults(
        test_id=test.test_id,
        counts=rules.counts,
        release=rules.release,
        shows=rules.shows,
        leaderboard=rules.leaderboard,
        grades=[GradeBoundary(label=one.label, from_permille=one.from_permille) for one in rules.grades],
        released_at_ms=await call.node.releases.since_ms(org_id, test.test_id),
        regrade_id=job.regrade_id if job is not None and job.ended_at_ms is None else None,
        candidates=[_candidate(rules, attempts, None if job is None else job.ordered) for attempts in found],
        next=next_of(call, found, limit, lambda one: one[0].user_id),
    )


def _candidate(rules: Rules, attempts: list[AttemptOfUser], regrade: Ordered | None) -> CandidateResult:
    her = standing(rules, [one.sat for one in attempts], regrade)
    has = her.outcome
    return CandidateResult(
        user_id=attempts[0].user_id,
        name=attempts[-1].name,
        attempts=[_attempt(one) for one in attempts],
        waiting=her.waiting,
        counting_attempt_id=None if has is None or has.attempt is None else has.attempt.attempt_id,
        score_mpt=None if has is None else has.score_mpt,
        max_mpt=None if has is None else has.max_mpt,
        grade=None if has is None else has.grade,
    )


def _attempt(one: AttemptOfUser) -> AttemptResult:
    result = one.sat.result
    return AttemptResult(
        attempt_id=one.sat.attempt_id,
        attempt_number=one.sat.attempt_number,
        status=one.sat.status.value,
        version=0 if result is None else result.version,
        key_version=None if result is None else result.key_version,
        complete=result is not None and result.complete,
        score_mpt=0 if result is None else result.score_mpt,
        max_mpt=0 if result is None else result.max_mpt,
        awaiting_marks=0 if result is None else result.awaiting_marks,
        warnings=one.warnings,
    )


async def list_versions(call: Call) -> ResultVersions:
    attempt = await find_kept(call)
    await call.was_read(ResultsRead(*as_named(attempt)))
    results = call.node.results.for_org(call.principal.org_id)
    return ResultVersions(attempt_id=attempt.attempt_id, versions=await results.versions(attempt.attempt_id))


async def release(call: Call) -> ReleaseReply:
    test = await find_test(call, call.path["test_id"])
    if not call.principal.may_see_all_of(test.test_id):
        raise Refused(refuse(Code.FORBIDDEN, "Your token is for a part of this test alone."))
    body: ReleaseBody = call.body
    principal = call.principal
    now_ms = call.node.clock.now_ms()
    since_ms = await call.node.releases.put(
        principal.org_id, test.test_id, now_ms if body.released else None, principal.actor, body.reason, now_ms
    )
    return ReleaseReply(test_id=test.test_id, released_at_ms=since_ms)


_TEST = "/tests/{test_id}"

ENDPOINTS = [
    Endpoint(
        method="GET",
        path=_TEST + "/results",
        summary="What each candidate has in a test: which attempt counts, its score and its grade.",
        handle=list_results,
        reply=TestResults,
        act=Act.READ_RESULTS,
        query=(*OF_TEST, STATUS, UPDATED_SINCE, *_CANDIDATES.query, *paging(_PAGE)),
        lines=_CANDIDATES,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
    Endpoint(
        method="POST",
        path=_TEST + "/release",
        summary="Show the results of a test to its candidates, where the test says `by_staff`; or no longer.",
        handle=release,
        body=ReleaseBody,
        reply=ReleaseReply,
        act=Act.RELEASE,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}/result-versions",
        summary="Every result that an attempt has had: who changed it, and for what reason.",
        handle=list_versions,
        reply=ResultVersions,
        act=Act.READ_RESULTS,
        refusals=(Code.NOT_FOUND,),
    ),
]
