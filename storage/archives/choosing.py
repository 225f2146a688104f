"""Which logs may go into an archive: of attempts that have been over for long, and of which nothing is due."""

from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from protocol.attempt.model import SETTLED, Status
from storage.courses import IS_GOOD, IS_OVER
from storage.database import Database
from storage.schema import (
    archived_logs,
    bulk_targets,
    courses,
    marking_tasks,
    outbox,
    regrades,
    results,
    test_attempts,
    tests,
)

_table: Final = test_attempts.c
_PAGE: Final = 1_000


def _of_it(column: ColumnElement[object], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a row of the attempt."""
    return exists().where(column == _table.attempt_id, *conditions)


IS_SETTLED: Final = and_(
    _table.status.in_(sorted(SETTLED)),
    _table.marking_seq.is_(None),
    _table.erased_at_ms.is_(None),
    _table.archived_at_ms.is_(None),
    # A completed attempt has all its marks; the others have none.
    or_(_table.status != Status.COMPLETED.value, _of_it(results.c.attempt_id, results.c.complete)),
    ~_of_it(marking_tasks.c.attempt_id, marking_tasks.c.done_at_ms.is_(None)),
    ~_of_it(outbox.c.attempt_id),
    ~_of_it(bulk_targets.c.attempt_id, bulk_targets.c.outcome.is_(None)),
    ~exists().where(
        regrades.c.org_id == _table.org_id, regrades.c.test_id == _table.test_id, regrades.c.ended_at_ms.is_(None)
    ),
)
"""Nothing is due of it. Late answers that wait for staff only its log tells of."""


class Old(NamedTuple):
    """An attempt that was over at `ended_ms`. `lacks_course`: reports would still need its log."""

    attempt_id: str
    test_id: str
    ended_ms: int
    lacks_course: bool


class Choosing:
    """Finds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def organisations(self) -> list[str]:
        """All that have tests."""
        query = select(tests.c.org_id).distinct().order_by(tests.c.org_id)
        return list(await self._database.read(lambda connection: connection.execute(query).scalars().all()))

    async def count(self, org_id: str, before_ms: int) -> int:
        """How many attempts were over before that instant, and have nothing due."""
        found, last = 0, None
        while page := await self.old(org_id, before_ms, _PAGE, last):
            found, last = found + len(page), page[-1]
        return found

    async def old(self, org_id: str, before_ms: int, limit: int, after: Old | None = None) -> list[Old]:
        """Attempts that were over before that instant, those first that have been for longest, from the one after
        `after` on. What was brought back since is left out."""
        reported = and_(IS_OVER, _table.status != Status.CANCELLED.value)
        lacks = and_(reported, ~exists().where(courses.c.attempt_id == _table.attempt_id, IS_GOOD))
        query = (
            select(_table.attempt_id, _table.test_id, _table.submit_time, lacks)
            .where(_table.org_id == org_id, _table.submit_time.is_not(None), _table.submit_time < before_ms)
            .where(IS_SETTLED, ~_of_it(archived_logs.c.attempt_id, archived_logs.c.restored_at_ms >= before_ms))
            .order_by(_table.submit_time, _table.attempt_id)
            .limit(limit)
        )
        if after is not None:
            same = and_(_table.submit_time == after.ended_ms, _table.attempt_id > after.attempt_id)
            query = query.where(or_(_table.submit_time > after.ended_ms, same))
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [Old(*row) for row in rows]
