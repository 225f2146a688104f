"""Which attempts at a test a list is about: the same filters for all such lists."""

from typing import Final

from protocol.attempt.model import Status
from protocol.messages.base import Id
from protocol.messages.monitor import Row
from server.api.endpoint import Call
from server.api.lines import Lines
from server.api.paging import PAGE, order_of, words_in
from server.api.query import Query, some_of
from storage.attempt_list import Wanted

OF_TEST: Final = (
    Query("user_id", Id, says="Attempts of this candidate."),
    Query("branch_id", Id, says="Attempts of this branch."),
    Query("group_id", Id, says="Attempts of those who are in this group now."),
)
STATUS: Final = Query("status", some_of(status.value for status in Status), says="Attempts with one of these statuses.")


def wanted(call: Call) -> Wanted:
    """The attempts that the filters name."""
    query = call.query
    return Wanted(
        test_id=query.get("test_id"),
        user_id=query.get("user_id"),
        statuses=words_in(call, "status"),
        branch_id=query.get("branch_id"),
        group_id=query.get("group_id"),
        since_ms=query.get("updated_since_ms"),
    )


async def asked_rows(call: Call, test_id: str, lines: Lines, most: int = PAGE) -> tuple[list[Row], int]:
    """The rows of a test that are asked for, by attempt id, and how long a page is."""
    order, limit = order_of(call, lines, most)
    after = None if order.after is None else str(order.after[0])
    principal = call.principal
    rows = await call.node.attempts.rows(
        principal.org_id, test_id, after, limit, principal.scope, wanted(call), descending=order.descending
    )
    return rows, limit
