"""What letters need of the database: who has stopped them, whom a release is to be told to, and what a day had."""

from collections import defaultdict
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from protocol.events.happened import Happened
from protocol.events.mail import DIGEST, RESULT_RELEASED, Digest, DigestOfTest, ResultReleased
from storage.database import Database
from storage.events import delivery_row, position_of, still_hers, unknown
from storage.schema import deliveries, event_positions, events, mail_stops, people, test_attempts

BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
"""Stands for an attempt before the first one."""
TOLD: Final = 200
"""Candidates of whom one transaction makes events."""
_attempt: Final = test_attempts.c
_encode: Final = msgspec.json.Encoder().encode
_MARKED: Final = (
    select(_attempt.attempt_id, _attempt.user_id)
    .join(people, (people.c.org_id == _attempt.org_id) & (people.c.user_id == _attempt.user_id))
    .where(
        _attempt.org_id == bindparam("org"),
        _attempt.test_id == bindparam("test"),
        _attempt.attempt_id > bindparam("after"),
        _attempt.status == "completed",
        _attempt.erased_at_ms.is_(None),
        people.c.email.is_not(None),
    )
    .order_by(_attempt.attempt_id)
    .limit(TOLD)
)


class MailStops:
    """Candidates who have asked for no letters but those that they must get."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, org_id: str, user_id: str, now_ms: int) -> None:
        """Once more is no error. Of somebody who is not there nothing is written: she may have been erased, and the
        link lies in her mail still."""
        values = {"org_id": org_id, "user_id": user_id, "stopped_at_ms": now_ms}
        is_there = select(people.c.user_id).where(people.c.org_id == org_id, people.c.user_id == user_id)
        if await self.has(org_id, user_id):
            return

        def work(connection: Connection) -> None:
            if connection.execute(is_there).first() is not None:
                connection.execute(insert(mail_stops).values(values))

        try:
            await self._database.for_org(org_id).write(work)
        except IntegrityError:
            return  # she has pressed twice

    async def has(self, org_id: str, user_id: str) -> bool:
        """Whether she has."""
        table = mail_stops.c
        query = select(table.user_id).where(table.org_id == org_id, table.user_id == user_id)
        return (
            await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first()) is not None
        )


class Private:
    """Events that are made for one subscription alone, each with its delivery."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell_release(
        self, org_id: str, subscription_id: str, test_id: str, event_id: str, after: str, at_ms: int, now_ms: int
    ) -> str | None:
        """Makes an event for each of the next `TOLD` candidates of a test whose marks are complete and who have an
        address. `event_id` is that of the release. Returns the attempt behind which the next ones come; None: there are
        no more. Once more for the same candidates it makes nothing."""

        def work(connection: Connection) -> str | None:
            rows = connection.execute(_MARKED, {"org": org_id, "test": test_id, "after": after}).all()
            told = [
                Happened(
                    f"{event_id}:{subscription_id}:{row.attempt_id}",
                    RESULT_RELEASED,
                    at_ms,
                    row.attempt_id,
                    row.user_id,
                    _encode(
                        ResultReleased(org_id=org_id, test_id=test_id, user_id=row.user_id, attempt_id=row.attempt_id)
                    ).decode(),
                )
                for row in rows
            ]
            _tell(connection, org_id, subscription_id, told, now_ms)
            return str(rows[-1].attempt_id) if len(rows) == TOLD else None

        return await self._database.for_org(org_id).write(work)

    async def tell_day(self, subscription_id: str, digest: Digest, event_id: str, now_ms: int) -> None:
        """Makes the event of a day, once."""
        told = Happened(event_id, DIGEST, now_ms, "", None, _encode(digest).decode())

        def work(connection: Connection) -> None:
            _tell(connection, digest.org_id, subscription_id, [told], now_ms)

        await self._database.for_org(digest.org_id).write(work)

    async def has(self, org_id: str, event_id: str) -> bool:
        """Whether the event was made."""
        query = select(events.c.position).where(events.c.org_id == org_id, events.c.event_id == event_id).limit(1)
        return (
            await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first()) is not None
        )


async def day_of(database: Database, org_id: str, from_ms: int, until_ms: int) -> Digest | None:
    """What happened between two instants; None: nothing did."""

    def work(connection: Connection) -> Digest | None:
        counts: dict[str, dict[str, int]] = defaultdict(lambda: {"started": 0, "ended": 0, "open": 0})
        for name, column in (("started", _attempt.start_time), ("ended", _attempt.submit_time)):
            query = (
                select(_attempt.test_id, func.count())
                .where(_attempt.org_id == org_id, column >= from_ms, column < until_ms)
                .group_by(_attempt.test_id)
            )
            for test_id, total in connection.execute(query):
                counts[test_id][name] = total
        if not counts:
            return None
        sitting: list[ColumnElement[str]] = [literal_column("'in_progress'"), literal_column("'paused'")]
        query = (
            select(_attempt.test_id, func.count())
            .where(_attempt.org_id == org_id, _attempt.test_id.in_(sorted(counts)), _attempt.status.in_(sitting))
            .group_by(_attempt.test_id)
        )
        for test_id, total in connection.execute(query):
            counts[test_id]["open"] = total
        tests = [DigestOfTest(test_id=test_id, **numbers) for test_id, numbers in sorted(counts.items())]
        return Digest(org_id=org_id, from_ms=from_ms, tests=tests)

    return await database.for_org(org_id).read(work)


def _tell(connection: Connection, org_id: str, subscription_id: str, told: list[Happened], now_ms: int) -> None:
    new = unknown(connection, org_id, still_hers(connection, told))
    if not new:
        return
    first = position_of(connection, org_id) + 1
    rows = [(position, one) for position, one in enumerate(new, first)]
    connection.execute(
        insert(events), [{"org_id": org_id, "position": at} | msgspec.structs.asdict(one) for at, one in rows]
    )
    connection.execute(
        insert(deliveries), [delivery_row(org_id, subscription_id, at, one.lane, now_ms) for at, one in rows]
    )
    last = {"position": rows[-1][0]}
    connection.execute(update(event_positions).where(event_positions.c.org_id == org_id).values(last))
