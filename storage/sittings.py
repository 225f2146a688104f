"""What analytics of a test are worked out from: the logs of attempts that have begun, page by page."""

from typing import NamedTuple

from sqlalchemy import Connection, Text, and_, cast, func, or_, select

from protocol.attempt.model import SITTING, Status
from storage.courses import IS_GOOD, IS_OVER, Line, lines_of
from storage.database import Database
from storage.schema import courses, results, test_attempts
from storage.scoping import in_scope
from storage.statistics import IS_DUE, Selection, chosen


class Begun(NamedTuple):
    """One attempt that has begun: whose it is, its newest result as JSON text where all marks are there, and its
    packed course, or its log where no good course is kept."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: int
    status: str
    result: str | None
    course: bytes | None
    lines: list[Line]


class Counts(NamedTuple):
    """How many records the attempts have that are not over, as far as the projection knows, and how many attempts have
    begun, and are in no figure: of those that are `archived` no good course is kept, and the log is away."""

    begun: int
    open_records: int
    not_begun: int
    cancelled: int
    absent: int
    erased: int
    archived: int


class Sittings:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, selection: Selection) -> Counts:
        """How many there are of each sort."""
        table = test_attempts.c
        gone, begun = table.erased_at_ms.is_not(None), table.start_time.is_not(None)
        lost = and_(table.archived_at_ms.is_not(None), courses.c.attempt_id.is_(None))
        query = (
            select(table.status, gone, begun, lost, func.count(), func.sum(table.seq))
            .join(courses, IS_GOOD, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .group_by(table.status, gone, begun, lost)
        )
        rows = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).all())
        counts = dict.fromkeys(Counts._fields, 0)
        for status, erased, started, archived, count, records in rows:
            if erased:
                counts["erased"] += count
            elif status in (Status.CANCELLED, Status.ABSENT):
                counts[status] += count
            elif started and archived:
                counts["archived"] += count
            elif started:
                counts["begun"] += count
                counts["open_records"] += int(records) if status in SITTING else 0
            else:
                counts["not_begun"] += count
        return Counts(**counts)

    async def lacking(self, selection: Selection, most: int) -> list[str]:
        """At most so many of the attempts that are over, and have no good course."""
        table = test_attempts.c
        query = (
            select(table.attempt_id)
            .join(courses, IS_GOOD, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .where(IS_OVER, courses.c.attempt_id.is_(None), table.erased_at_ms.is_(None))
            .where(table.status != Status.CANCELLED.value, table.archived_at_ms.is_(None))
            .limit(most)
        )
        return list(
            await self._database.for_org(selection.org_id).read(
                lambda connection: connection.execute(query).scalars().all()
            )
        )

    async def page(self, selection: Selection, after: str | None, limit: int) -> list[Begun]:
        """Attempts that have begun and are not void, by attempt id from the one after `after` on."""
        table = test_attempts.c
        query = (
            select(table.attempt_id, table.user_id, table.display_name, table.attempt_number, table.status)
            .add_columns(results.c.complete & ~IS_DUE, cast(results.c.result, Text), courses.c.course)
            .join(results, results.c.attempt_id == table.attempt_id, isouter=True)
            .join(courses, and_(IS_GOOD, IS_OVER), isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .where(table.start_time.is_not(None), table.erased_at_ms.is_(None))
            .where(table.status != Status.CANCELLED.value)
            .where(or_(table.archived_at_ms.is_(None), courses.c.attempt_id.is_not(None)))
            .order_by(table.attempt_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(table.attempt_id > after)

        def work(connection: Connection) -> list[Begun]:
            rows = connection.execute(query).all()
            return [
                Begun(
                    *(one, user_id, name, number, status, result if done else None, course),
                    [] if course is not None else lines_of(connection, one),
                )
                for one, user_id, name, number, status, done, result, course in rows
            ]

        return await self._database.for_org(selection.org_id).read(work)
