"""Attempts and results of the whole organisation, found by filters."""

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal

import msgspec

from protocol.attempt.model import Role, Status
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id, Int
from protocol.rest.attempts import AttemptLine, AttemptPage, OwnAttempt, OwnAttempts
from protocol.rest.results import Result, ResultLine, ResultPage
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from server.access.finding import find_for
from server.access.standing import check_token
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt
from server.api.paging import PAGING, fields_of, fields_query, next_of, page_of, sparse, words_in
from server.api.query import AttemptId, Query, some_of
from server.ids import canonical_id
from storage.attempt_list import Line, Order, Wanted, attempt_line, sorted_by

_FILTERS: Final = (
    Query("test_id", Id, says="Attempts at this test. A candidate must name one."),
    Query("user_id", Id, says="Attempts of this candidate."),
    Query("branch_id", Id, says="Attempts of this branch."),
    Query("group_id", Id, says="Attempts of those who are in this group now."),
    Query("updated_since_ms", Int, says="Changed at this instant or later. Ask with a minute's overlap."),
)
_STATUS: Final = Query(
    "status", some_of(status.value for status in Status), says="Attempts with one of these statuses."
)
_sort_of_attempts = Literal[
    "attempt_id",
    "-attempt_id",
    "user_id",
    "-user_id",
    "started_at_ms",
    "-started_at_ms",
    "ended_at_ms",
    "-ended_at_ms",
    "updated_at_ms",
    "-updated_at_ms",
]
_sort_of_results = Literal["attempt_id", "-attempt_id", "user_id", "-user_id", "marked_at_ms", "-marked_at_ms"]
_SAYS: Final = "The field that the list is sorted by; with a minus before it, from the greatest on."
_COLUMNS: Final = {"marked_at_ms": "saved_at_ms"}
_decode: Final = msgspec.json.Decoder(Result).decode


async def list_attempts(call: Call) -> AttemptPage | OwnAttempts:
    if call.principal.role is Role.CANDIDATE:
        return await _own(call)
    fields, order, limit = fields_of(call), _order_of(call), page_of(call)[1]
    found = await call.node.attempt_lists.attempts(
        call.principal.org_id, _wanted(call), call.principal.scope, order, limit
    )
    lines = [sparse(attempt_line(row), fields, "attempt_id") for row in found]
    return AttemptPage(attempts=lines, next=_next(call, found, order, limit))


async def get_attempt(call: Call) -> AttemptLine:
    live = await find_attempt(call)
    wanted = Wanted(attempt_id=live.attempt_id)
    found = await call.node.attempt_lists.attempts(call.principal.org_id, wanted, call.principal.scope, Order(), 1)
    if not found:
        raise Refused(refuse(Code.NOT_FOUND))
    return attempt_line(found[0])


async def list_results(call: Call) -> ResultPage:
    fields, order, limit = fields_of(call), _order_of(call), page_of(call)[1]
    found = await call.node.attempt_lists.results(
        call.principal.org_id, _wanted(call), call.principal.scope, order, limit
    )
    for test_id in sorted({row.test_id for row in found}):
        await call.was_read(ResultsRead(test_id, None, call.query.get("user_id")))
    lines = [sparse(_result(row), fields, "attempt_id") for row in found]
    return ResultPage(results=lines, next=_next(call, found, order, limit))


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
    query = call.query
    named: str | None = query.get("attempt_id")
    only = call.principal.attempt_id
    if only is not None and named is not None and named.lower() != only:
        # A token for one attempt shows that one alone.
        raise Refused(refuse(Code.NOT_FOUND))
    return Wanted(
        attempt_id=only if named is None else named.lower(),
        test_id=query.get("test_id"),
        user_id=query.get("user_id"),
        statuses=words_in(call, "status"),
        branch_id=query.get("branch_id"),
        group_id=query.get("group_id"),
        since_ms=query.get("updated_since_ms"),
    )


def _order_of(call: Call) -> Order:
    sort: str = call.query.get("sort", "attempt_id")
    name = sort.removeprefix("-")
    place = page_of(call)[0]
    after = None if place is None else (place[0], str(place[1]))
    return Order(_COLUMNS.get(name, name), sort.startswith("-"), after)  # type: ignore[arg-type]


def _next(call: Call, found: Sequence[Line], order: Order, limit: int) -> str | None:
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
        query=(*_FILTERS, _STATUS, Query("sort", _sort_of_attempts, says=_SAYS), fields_query(AttemptLine), *PAGING),
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
            Query("sort", _sort_of_results, says=_SAYS),
            fields_query(ResultLine),
            *PAGING,
        ),
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
]
