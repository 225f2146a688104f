"""Attempts of an organisation as lists over REST show them: from the projection, filtered and sorted."""

from collections.abc import Collection
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, select

from protocol.attempt.model import Status
from protocol.rest.attempts import AttemptLine
from protocol.rules.scope import TokenScope
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import attempt_log, group_members, result_versions, results, test_attempts
from storage.scoping import in_scope
from storage.sorting import Sorting, ordered

Line = Row[Any]
_attempt: Final = test_attempts.c
_by_log: Final = and_(attempt_log.c.attempt_id == _attempt.attempt_id, attempt_log.c.seq == _attempt.seq)
_SORTS: Final[dict[str, ColumnElement[Any]]] = {
    "user_id": _attempt.user_id,
    "started_at_ms": func.coalesce(_attempt.start_time, 0),
    "ended_at_ms": func.coalesce(_attempt.submit_time, 0),
    "updated_at_ms": attempt_log.c.at_ms,
    "saved_at_ms": results.c.saved_at_ms,
}


class Wanted(msgspec.Struct, frozen=True):
    """Which attempts are meant: those that fit all that is not nil. `since_ms`: changed then or later."""

    attempt_id: str | None = None
    test_id: str | None = None
    user_id: str | None = None
    statuses: Collection[str] | None = None
    branch_id: str | None = None
    group_id: str | None = None
    since_ms: int | None = None


class AttemptLists:
    """Of all organisations; each call names one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attempts(self, org_id: str, wanted: Wanted, scope: TokenScope, order: Sorting, limit: int) -> list[Line]:
        """Rows of `test_attempts` as of their last snapshots. `updated_at_ms` is the instant of the record that each of
        them shows."""
        query = select(test_attempts, attempt_log.c.at_ms.label("updated_at_ms")).join(attempt_log, _by_log)
        if wanted.since_ms is not None:
            query = query.where(attempt_log.c.at_ms >= wanted.since_ms)
        return await self._read(org_id, query, wanted, scope, order, limit)

    async def results(self, org_id: str, wanted: Wanted, scope: TokenScope, order: Sorting, limit: int) -> list[Line]:
        """The attempts that have marks, with the newest of these; cancelled ones are not among them."""
        columns = (_attempt.attempt_id, _attempt.test_id, _attempt.user_id, _attempt.display_name, _attempt.branch_id)
        version = select(func.max(result_versions.c.version)).where(result_versions.c.attempt_id == _attempt.attempt_id)
        marks = (results.c.result, results.c.saved_at_ms, version.scalar_subquery().label("version"))
        query = select(*columns, _attempt.attempt_number, _attempt.status, *marks)
        query = query.join(results, results.c.attempt_id == _attempt.attempt_id)
        query = query.where(_attempt.status != Status.CANCELLED.value)
        if wanted.since_ms is not None:
            query = query.where(results.c.saved_at_ms >= wanted.since_ms)
        return await self._read(org_id, query, wanted, scope, order, limit)

    async def _read(
        self, org_id: str, query: Any, wanted: Wanted, scope: TokenScope, order: Sorting, limit: int
    ) -> list[Line]:
        if wanted.attempt_id is not None and not is_attempt_id(wanted.attempt_id):
            return []
        query = query.where(_attempt.org_id == org_id, *conditions(org_id, wanted), in_scope(org_id, scope))
        if scope.tests is not None:
            query = query.where(_attempt.test_id.in_(scope.tests))
        column = _SORTS.get(order.by)
        keys = [_attempt.attempt_id] if column is None else [column, _attempt.attempt_id]
        query = ordered(query, keys, order).limit(limit)
        return await self._database.for_org(org_id).read(lambda connection: list(connection.execute(query).all()))


def attempt_line(row: Line) -> AttemptLine:
    """A row of `AttemptLists.attempts` as lists show it."""
    return AttemptLine(
        attempt_id=row.attempt_id,
        test_id=row.test_id,
        test_version=row.test_version,
        form_id=row.form_id,
        user_id=row.user_id,
        name=row.display_name,
        branch_id=row.branch_id,
        attempt_number=row.attempt_number,
        status=row.status,
        started_at_ms=row.start_time,
        ended_at_ms=row.submit_time,
        deadline_ms=row.expires_at,
        progress_percent=row.progress_percentage,
        question_index=row.current_question_index,
        seq=row.seq,
        updated_at_ms=row.updated_at_ms,
    )


def sorted_by(line: Line, order: Sorting) -> str | int:
    """The value of a line by which the list is sorted."""
    name = {"started_at_ms": "start_time", "ended_at_ms": "submit_time"}.get(order.by, order.by)
    return getattr(line, name) or 0


def conditions(org_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is true of the rows that are meant; not looked at is when they have changed."""
    same = {
        "attempt_id": wanted.attempt_id,
        "test_id": wanted.test_id,
        "user_id": wanted.user_id,
        "branch_id": wanted.branch_id,
    }
    true: list[ColumnElement[bool]] = [_attempt[name] == value for name, value in same.items() if value is not None]
    if wanted.statuses is not None:
        true.append(_attempt.status.in_(wanted.statuses))
    if wanted.group_id is not None:
        member = group_members.c
        users = select(member.user_id).where(member.org_id == org_id, member.group_id == wanted.group_id)
        true.append(_attempt.user_id.in_(users))
    return true
