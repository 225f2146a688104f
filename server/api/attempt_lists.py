"""Attempts and results of the whole organisation, found by filters."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.rest.attempts import AttemptLine, AttemptPage, OwnAttempt, OwnAttempts
from protocol.rest.results import Result, ResultLine, ResultPage
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from server.access.finding import find_for
from server.access.standing import check_token
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_attempt
from server.api.narrowing import OF_TEST, STATUS, wanted
from server.api.paging import PAGING, UPDATED_SINCE, next_of, order_of
from server.api.query import AttemptId, Query
from server.ids import canonical_id
from storage.attempt_list import Line, Wanted, attempt_line, sorted_by
from storage.sorting import Sorting

_FILTERS: Final = (
    Query("test_id", Id, says="Attempts at this test. A candidate must name one."),
    *OF_TEST,
    UPDATED_SINCE,
)
_ATTEMPTS: Final = Lines(
    "attempts",
    AttemptLine,
    ("attempt_id",),
    ("attempt_id", "user_id", "started_at_ms", "ended_at_ms", "updated_at_ms"),
)
_RESULTS: Final = Lines("results", ResultLine, ("attempt_id",), ("attempt_id", "user_id", "marked_at_ms"))
_COLUMNS: Final = {"marked_at_ms": "saved_at_ms"}
_decode: Final = msgspec.json.Decoder(Result).decode


async def list_attempts(call: Call) -> AttemptPage | OwnAttempts:
    if call.principal.role is Role.CANDIDATE:
        return await _own(call)
    order, limit = _order_of(call, _ATTEMPTS)
    found = await call.node.attempt_lists.attempts(
        call.principal.org_id, _wanted(call), call.principal.scope, order, limit
    )
    return AttemptPage(attempts=[attempt_line(row) for row in found], next=_next(call, found, order, limit))


async def get_attempt(call: Call) -> AttemptLine:
    live = await find_attempt(call)
    this = Wanted(attempt_id=live.attempt_id)
    found = await call.node.attempt_lists.attempts(call.principal.org_id, this, call.principal.scope, Sorting(), 1)
    if not found:
        raise Refused(refuse(Code.NOT_FOUND))
    return attempt_line(found[0])


async def list_results(call: Call) -> ResultPage:
    order, limit = _order_of(call, _RESULTS)
    found = await call.node.attempt_lists.results(
        call.principal.org_id, _wanted(call), call.principal.scope, order, limit
    )
    for test_id in sorted({row.test_id for row in found}):
        await call.was_read(ResultsRead(test_id, None, call.query.get("user_id")))
    return ResultPage(results=[_result(row) for row in found], next=_next(call, found, order, limit))


async def _own(call: Call) -> OwnAttempts:
    """The candidate's own at one test: where her last one is, when no further one is allowed."""
    principal = call.principal
    test_id: str | None = call.query.get("test_id")
    if test_id is None:
        raise Refused(refuse(Code.MISSING_FIELD, "The query parameter `test_id` is missing."))
    if len(call.query) > 1:
        raise Refused(refuse(Code.UNKNOWN_FIELD, "A candidate names the test, and nothing else."))
    found = []
    if principal.attempt_id is not None:
        live = await find_for(call.node, principal, canonical_id(principal.attempt_id))
        if live is not None:
            await check_token(principal, live, call.node.clock.now_ms())
    if principal.scope.has_test(test_id):
        found = await call.node.attempts.of_user(principal.org_id, test_id, principal.actor.id)
    return OwnAttempts(
        attempts=[
            OwnAttempt(attempt_id=one.attempt_id, attempt_number=one.number, status=one.status.value)
            for one in found
            if principal.attempt_id in (None, one.attempt_id)
        ]
    )


def _wanted(call: Call) -> Wanted:
    named: str | None = call.query.get("attempt_id")
    only = call.principal.attempt_id
    if only is not None and named is not None and named.lower() != only:
        # A token for one attempt shows that one alone.
        raise Refused(refuse(Code.NOT_FOUND))
    return replace(wanted(call), attempt_id=only if named is None else named.lower())


def _order_of(call: Call, lines: Lines) -> tuple[Sorting, int]:
    order, limit = order_of(call, lines)
    return order._replace(by=_COLUMNS.get(order.by, order.by)), limit


def _next(call: Call, found: Sequence[Line], order: Sorting, limit: int) -> str | None:
    return next_of(call, found, limit, partial(sorted_by, order=order), lambda row: row.attempt_id)


def _result(row: Line) -> ResultLine:
    marks = _decode(row.result)
    return ResultLine(
        attempt_id=row.attempt_id,
        test_id=row.test_id,
        test_version=marks.test_version,
        user_id=row.user_id,
        name=row.display_name,
        branch_id=row.branch_id,
        attempt_number=row.attempt_number,
        status=row.status,
        version=row.version,
        key_version=marks.key_version,
        reference=marks.reference,
        complete=marks.complete,
        score_mpt=marks.score_mpt,
        max_mpt=marks.max_mpt,
        awaiting_marks=marks.awaiting_marks,
        marked_at_ms=row.saved_at_ms,
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/test-attempts",
        summary="Attempts, found by filters, a page at a time. A candidate gets her own at one test.",
        handle=list_attempts,
        reply=AttemptPage,
        act=Act.WATCH,
        own=True,
        query=(*_FILTERS, STATUS, *_ATTEMPTS.query, *PAGING),
        lines=_ATTEMPTS,
        refusals=(Code.MISSING_FIELD, Code.UNKNOWN_FIELD, Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}",
        summary="One attempt, as lists show it.",
        handle=get_attempt,
        reply=AttemptLine,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path="/results",
        summary="The newest marks of many attempts, found by filters, a page at a time.",
        handle=list_results,
        reply=ResultPage,
        act=Act.READ_RESULTS,
        query=(
            Query("attempt_id", AttemptId, says="This attempt alone."),
            *_FILTERS,
            *_RESULTS.query,
            *PAGING,
        ),
        lines=_RESULTS,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
]
