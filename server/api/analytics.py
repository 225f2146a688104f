"""How tests were sat: times, visits, pace, guesses and lost connections, of one attempt and of a whole test."""

from fractions import Fraction
from typing import Annotated, Final

from msgspec import Meta

from protocol.analytics.course import Course
from protocol.analytics.following import Follower
from protocol.analytics.learning import learned
from protocol.analytics.rapid import ALONE_MS, is_rapid
from protocol.analytics.typed import typed_questions
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.rest.analytics import AmongOthers, AttemptAnalytics, Learning, NotSat, QuestionCourse, TestAnalytics, Try
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from protocol.statistics import PPM, rounded
from server.analysis import cohort
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt, find_test, whose
from server.api.query import Query
from server.attempts.live import LiveAttempt
from storage.statistics import Selection

_RECORDS: Final = 500
"""Records of one attempt folded in one turn of the event loop: some milliseconds."""
_AMONG_S: Final = 3.0
"""For so long one attempt waits for a look at all the others."""
_HOUR_MS: Final = 60 * 60 * 1_000


async def get_of_test(call: Call) -> TestAnalytics:
    test = await find_test(call, call.path["test_id"])
    node, principal = call.node, call.principal
    await call.was_read(ResultsRead(test.test_id))
    selection = Selection(
        principal.org_id,
        test.test_id,
        call.query.get("form_id"),
        call.query.get("version"),
        principal.scope,
        call.query.get("group_id"),
    )
    found = await node.cohorts.look(selection)
    counts = found.counts
    return TestAnalytics(
        test_id=test.test_id,
        form_id=selection.form_id,
        test_version=selection.test_version,
        at_ms=found.at_ms,
        attempts=found.attempts,
        left_out=NotSat(
            not_begun=counts.not_begun,
            cancelled=counts.cancelled,
            absent=counts.absent,
            erased=counts.erased,
            newer=found.newer,
            archived=counts.archived,
        ),
        **found.figures._asdict(),
    )


async def get_of_attempt(call: Call) -> AttemptAnalytics:
    live = await find_attempt(call)
    await call.was_read(ResultsRead(*whose(live)))
    attempt = live.committed
    identity = attempt.identity
    version = attempt.test_version
    stored = None
    if version is not None:
        stored = await call.node.tests.get(identity.org_id, identity.test_id, version)
    typed = {} if version is None or stored is None else {version: typed_questions(stored.content)}
    course = await _follow(call, live.attempt_id, Follower(typed))
    rapid = {name for name, one in course.questions.items() if one.answered and is_rapid(one.time_ms, ALONE_MS)}
    return AttemptAnalytics(
        attempt_id=live.attempt_id,
        test_id=identity.test_id,
        user_id=identity.user_id,
        attempt_number=identity.attempt_number,
        status=attempt.status.value,
        seq=course.seq,
        started_ms=course.started_ms,
        until_ms=course.until_ms,
        ended=course.ended,
        ran_ms=course.ran_ms,
        unplaced_ms=course.unplaced_ms,
        idle_ms=course.idle_ms,
        idle_spans=course.idle_spans,
        losses=course.losses,
        away_ms=course.away_ms,
        operations=course.operations,
        answered=course.answered,
        per_hour_milli=course.answered * 1_000 * _HOUR_MS // course.ran_ms if course.ran_ms else None,
        rapid=len(rapid),
        questions=[
            QuestionCourse(
                question_id=name,
                time_ms=one.time_ms,
                visits=one.visits,
                saves=one.saves,
                changes=one.changes,
                first_ms=one.first_ms,
                last_ms=one.last_ms,
                answered=one.answered,
                rapid=name in rapid,
            )
            for name, one in course.questions.items()
        ],
        learning=await _learning(call, identity.test_id, identity.user_id),
        among=await _among(call, live),
    )


async def _among(call: Call, live: LiveAttempt) -> AmongOthers | None:
    identity = live.committed.identity
    look = await call.node.cohorts.recent(identity.org_id, identity.test_id, _AMONG_S)
    hers = None if look is None else look.of(live.attempt_id)
    if look is None or hers is None:
        return None
    return AmongOthers(
        at_ms=look.at_ms,
        attempts=look.attempts,
        rapid=hers.rapid,
        effort_ppm=hers.effort_ppm,
        pace_ppm=hers.pace_ppm,
        left_ms=hers.left_ms,
        stuck=hers.stuck,
    )


async def _follow(call: Call, attempt_id: str, follower: Follower) -> Course:
    attempts = call.node.attempts.for_org(call.principal.org_id)
    after = 0
    while page := await attempts.kept(attempt_id, after, _RECORDS):
        for one in page:
            line = one.line
            try:
                cohort.take(follower, line.seq, line.at_ms, line.kind, line.body)
            except cohort.Newer:
                raise Refused(refuse(Code.NEWER_LOG)) from None
        after = page[-1].line.seq
    return follower.course(call.node.clock.now_ms())


async def _learning(call: Call, test_id: str, user_id: str) -> Learning:
    """Over all her attempts at the test whose marks are complete."""
    sat, _ = await call.node.results.of_candidate(call.principal.org_id, test_id, user_id)
    tries = [
        Try(
            attempt_id=one.attempt_id,
            attempt_number=one.attempt_number,
            started_ms=one.started_at_ms,
            share_ppm=_share(one.result.score_mpt, one.result.max_mpt),
        )
        for one in sat
        if one.result is not None and one.result.complete and not one.marks_due and one.result.max_mpt
        if one.started_at_ms is not None
    ]
    return learned(tries)


def _share(score_mpt: int, max_mpt: int) -> int:
    return rounded(Fraction(score_mpt * PPM, max_mpt))


_QUERY: Final = (
    Query("form_id", Id),
    Query("version", Annotated[int, Meta(ge=1, le=2_147_483_647)]),
    Query("group_id", Id, says="Attempts of those who are in this group now."),
)

ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/analytics",
        summary="How a test is sat, live and afterwards: times, pace, rapid guesses, and the room over time.",
        handle=get_of_test,
        reply=TestAnalytics,
        act=Act.READ_RESULTS,
        query=_QUERY,
        refusals=(Code.NOT_FOUND, Code.TOO_LARGE, Code.NOT_READY, Code.OVERLOADED),
        late=Code.OVERLOADED,
    ),
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}/analytics",
        summary="What one candidate did, question by question, and what her attempts at the test come to.",
        handle=get_of_attempt,
        reply=AttemptAnalytics,
        act=Act.READ_RESULTS,
        refusals=(Code.NOT_FOUND,),
    ),
]
