"""What analytics of a test are worked out from: the logs of attempts that have begun, page by page."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, Text, bindparam, cast, func, select

from protocol.attempt.model import Status
from storage.database import Database
from storage.schema import attempt_log, results, test_attempts
from storage.scoping import in_scope
from storage.statistics import IS_DUE, Selection, chosen

Line = tuple[int, int, str, bytes | None]
"""(seq, at_ms, kind, body) of a record, not verified."""

# Composed once: see `storage.attempts`.
_LINES: Final = (
    select(attempt_log.c.seq, attempt_log.c.at_ms, attempt_log.c.kind, attempt_log.c.body)
    .where(attempt_log.c.attempt_id == bindparam("this"))
    .order_by(attempt_log.c.seq)
)


class Begun(NamedTuple):
    """One attempt that has begun: whose it is, its newest result as JSON text where all marks are there, and its
    log."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: int
    status: str
    result: str | None
    lines: list[Line]


class Counts(NamedTuple):
    """How many attempts have begun, how many records these have as far as the projection knows, and how many there are
    of each status among those that have begun or not."""

    begun: int
    records: int
    not_begun: int
    cancelled: int
    absent: int
    erased: int


class Sittings:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, selection: Selection) -> Counts:
        """How many there are of each sort."""
        table = test_attempts.c
        gone, begun = table.erased_at_ms.is_not(None), table.start_time.is_not(None)
        query = (
            select(table.status, gone, begun, func.count(), func.sum(table.seq))
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .group_by(table.status, gone, begun)
        )
        rows = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).all())
        counts = dict.fromkeys(Counts._fields, 0)
        for status, erased, started, count, records in rows:
            if erased:
                counts["erased"] += count
            elif status in (Status.CANCELLED, Status.ABSENT):
                counts[status] += count
            elif started:
                counts["begun"] += count
                counts["records"] += int(records)
            else:
                counts["not_begun"] += count
        return Counts(**counts)

    async def page(self, selection: Selection, after: str | None, limit: int) -> list[Begun]:
        """Attempts that have begun and are not void, by attempt id from the one after `after` on."""
        table = test_attempts.c
        query = (
            select(table.attempt_id, table.user_id, table.display_name, table.attempt_number, table.status)
            .add_columns(results.c.complete & ~IS_DUE, cast(results.c.result, Text))
            .join(results, results.c.attempt_id == table.attempt_id, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .where(table.start_time.is_not(None), table.erased_at_ms.is_(None))
            .where(table.status != Status.CANCELLED.value)
            .order_by(table.attempt_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(table.attempt_id > after)

        def work(connection: Connection) -> list[Begun]:
            rows = connection.execute(query).all()
            return [
                Begun(
                    attempt_id, user_id, name, number, status, result if done else None, _lines(connection, attempt_id)
                )
                for attempt_id, user_id, name, number, status, done, result in rows
            ]

        return await self._database.for_org(selection.org_id).read(work)


def _lines(connection: Connection, attempt_id: str) -> list[Line]:
    return [(seq, at_ms, kind, body) for seq, at_ms, kind, body in connection.execute(_LINES, {"this": attempt_id})]
