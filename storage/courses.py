"""The courses of attempts that are over, kept so that a report need not read their logs again.

A row can be thrown away at any time: it is made again from the log. It is good for as long as the attempt's end is the
one that it was made at, no marks were due since, and the fold has the same shape.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select

from protocol.analytics.packing import SHAPE, unpack
from protocol.attempt.model import ENDED
from storage.database import Database
from storage.schema import attempt_log, courses, test_attempts
from storage.statements import erased_among

Line = tuple[int, int, str, bytes | None]
"""(seq, at_ms, kind, body) of a record, not verified."""

# Composed once: see `storage.attempts`.
_LINES: Final = (
    select(attempt_log.c.seq, attempt_log.c.at_ms, attempt_log.c.kind, attempt_log.c.body)
    .where(attempt_log.c.attempt_id == bindparam("this"))
    .order_by(attempt_log.c.seq)
)

IS_OVER: Final = and_(
    test_attempts.c.start_time.is_not(None),
    test_attempts.c.submit_time.is_not(None),
    test_attempts.c.status.in_(sorted(ENDED)),
)
IS_GOOD: Final = and_(
    courses.c.attempt_id == test_attempts.c.attempt_id,
    courses.c.ended_ms == test_attempts.c.submit_time,
    courses.c.shape == SHAPE,
    or_(test_attempts.c.marking_seq.is_(None), courses.c.seq >= test_attempts.c.marking_seq),
)
"""Whether a course is that of the attempt's newest end, and has all that marks were due for since: staff may have
accepted a late answer."""


class Over(NamedTuple):
    """One attempt that is over, and has no good course."""

    attempt_id: str
    org_id: str
    test_id: str
    test_version: int
    ended_ms: int
    lines: list[Line]


class Courses:
    """Reads what is to be folded, and keeps what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, attempt_ids: Sequence[str]) -> list[Over]:
        """Those of the attempts that are over, are not erased, and have no good course."""
        table = test_attempts.c
        query = (
            select(table.attempt_id, table.org_id, table.test_id, table.test_version, table.submit_time)
            .join(courses, IS_GOOD, isouter=True)
            .where(table.attempt_id.in_(attempt_ids), courses.c.attempt_id.is_(None))
            .where(
                IS_OVER, table.erased_at_ms.is_(None), table.archived_at_ms.is_(None), table.test_version.is_not(None)
            )
            .order_by(table.attempt_id)
        )

        def work(connection: Connection) -> list[Over]:
            rows = connection.execute(query).all()
            return [
                Over(one, org_id, test_id, version, ended_ms, lines_of(connection, one))
                for one, org_id, test_id, version, ended_ms in rows
            ]

        return await self._database.read(work)

    async def ran(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        """For how long the clocks of these attempts ran, of those that have a good course."""
        query = (
            select(courses.c.attempt_id, courses.c.course)
            .join(test_attempts, IS_GOOD)
            .where(courses.c.attempt_id.in_(attempt_ids))
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.attempt_id: unpack(row.course).ran_ms for row in rows}

    async def save(self, kept: Sequence[tuple[str, int, int, bytes]]) -> None:
        """Keeps (attempt, its end, the record it was folded up to, packed course). Of whoever was erased meanwhile
        nothing is kept."""
        in_order = sorted(kept)

        def work(connection: Connection) -> None:
            gone = erased_among(connection, [attempt_id for attempt_id, *_ in in_order])
            rows = [
                {"attempt_id": attempt_id, "ended_ms": ended_ms, "seq": seq, "shape": SHAPE, "course": course}
                for attempt_id, ended_ms, seq, course in in_order
                if attempt_id not in gone
            ]
            if rows:
                connection.execute(delete(courses).where(courses.c.attempt_id.in_([row["attempt_id"] for row in rows])))
                connection.execute(insert(courses), rows)

        await self._database.write(work)


def lines_of(connection: Connection, attempt_id: str) -> list[Line]:
    """The whole log of an attempt."""
    return [(seq, at_ms, kind, body) for seq, at_ms, kind, body in connection.execute(_LINES, {"this": attempt_id})]
