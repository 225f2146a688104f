"""What analytics of a test are worked out from: the logs of attempts that have begun, page by page."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Text, and_, bindparam, cast, func, or_, select

from protocol.attempt.model import SITTING, Status
from storage.courses import IS_GOOD, IS_OVER, Line
from storage.database import Database
from storage.schema import attempt_log, courses, results, test_attempts
from storage.scoping import in_scope
from storage.statistics import IS_DUE, Selection, chosen

_LINES_BEHIND: Final = (
    select(attempt_log.c.seq, attempt_log.c.at_ms, attempt_log.c.kind, attempt_log.c.body, attempt_log.c.hash)
    .where(attempt_log.c.attempt_id == bindparam("this"), attempt_log.c.seq >= bindparam("first"))
    .order_by(attempt_log.c.seq)
)


class Place(NamedTuple):
    """How far a log was read: up to record `seq`, whose hash is `head`."""

    seq: int
    head: bytes


class Begun(NamedTuple):
    """One attempt that has begun: whose it is, its newest result as JSON text where all marks are there, and its
    packed course. Where no good course is kept: its log from behind record `after` on, and the `place` where that
    ends."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: int
    status: str
    result: str | None
    course: bytes | None
    lines: list[Line]
    after: int
    place: Place | None
    branch_id: str | None
    test_version: int


class Counts(NamedTuple):
    """How many attempts have begun, and how many are in no figure: of those that are `archived` no good course is kept,
    and the log is away."""

    begun: int
    not_begun: int
    cancelled: int
    absent: int
    erased: int
    archived: int


class Stamp(NamedTuple):
    """What numbers of the attempts' rows, their results and courses add up to. Every record and every saving of marks
    raises one of them, so while the stamp is the same, so are the rows."""

    attempts: int
    erased: int
    seqs: int
    due: int
    marks: int
    saved_ms: int
    courses: int


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
            select(table.status, gone, begun, lost, func.count())
            .join(courses, IS_GOOD, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .group_by(table.status, gone, begun, lost)
        )
        rows = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).all())
        counts = dict.fromkeys(Counts._fields, 0)
        for status, erased, started, archived, count in rows:
            if erased:
                counts["erased"] += count
            elif status in (Status.CANCELLED, Status.ABSENT):
                counts[status] += count
            elif started and archived:
                counts["archived"] += count
            elif started:
                counts["begun"] += count
            else:
                counts["not_begun"] += count
        return Counts(**counts)

    async def stamp(self, selection: Selection) -> Stamp:
        """What all attempts come to at this moment."""
        table = test_attempts.c
        summed = (table.seq, table.marking_seq, results.c.seq, results.c.saved_at_ms, courses.c.seq)
        sums = [func.coalesce(func.sum(column), 0) for column in summed]
        query = (
            select(func.count(), func.count(table.erased_at_ms), *sums)
            .select_from(test_attempts)
            .join(results, results.c.attempt_id == table.attempt_id, isouter=True)
            .join(courses, IS_GOOD, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
        )
        row = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).one())
        return Stamp(*row)

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

    async def sat_now(self, orgs: Sequence[str]) -> list[tuple[str, str]]:
        """(organisation, test) of all attempts of these organisations that are sat."""
        table = test_attempts.c
        query = (
            select(table.org_id, table.test_id)
            .where(table.org_id.in_(orgs), table.status.in_(sorted(SITTING)))
            .distinct()
            .order_by(table.org_id, table.test_id)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [(row.org_id, row.test_id) for row in rows]

    async def page(
        self, selection: Selection, after: str | None, limit: int, known: Mapping[str, Place] = {}
    ) -> list[Begun]:
        """Attempts that have begun and are not void, by attempt id from the one after `after` on. `known`: how far
        their logs are known. Where a log is another one by now it is read from its beginning."""
        table = test_attempts.c
        query = (
            select(table.attempt_id, table.user_id, table.display_name, table.attempt_number, table.status)
            .add_columns(results.c.complete & ~IS_DUE, cast(results.c.result, Text), courses.c.course)
            .add_columns(table.branch_id, table.test_version)
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
            found = []
            for one, user_id, name, number, status, done, result, course, *where in rows:
                begun, place = 0, None
                lines: list[Line] = []
                if course is None:
                    begun, lines, place = lines_behind(connection, one, known.get(one))
                who = (one, user_id, name, number, status, result if done else None)
                found.append(Begun(*who, course, lines, begun, place, *where))
            return found

        return await self._database.for_org(selection.org_id).read(work)


def lines_behind(connection: Connection, attempt_id: str, known: Place | None) -> tuple[int, list[Line], Place | None]:
    """The log behind what is known of it, if it is still that log; else all of it. The number of the record behind
    which the lines begin, the lines, and where they end."""
    rows = connection.execute(_LINES_BEHIND, {"this": attempt_id, "first": known.seq if known else 1}).all()
    if known is not None:
        if not rows or (rows[0].seq, rows[0].hash) != (known.seq, known.head):
            return lines_behind(connection, attempt_id, None)
        rows = rows[1:]
        if not rows:
            return known.seq, [], known
    lines = [(row.seq, row.at_ms, row.kind, row.body) for row in rows]
    return known.seq if known else 0, lines, Place(rows[-1].seq, rows[-1].hash) if rows else None
