"""Attempts: recovery from snapshot and log, the projection that others read, and the claims of those that are due."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update
from sqlalchemy import Row as Selected

from protocol.attempt.chain import BrokenChain, open_log
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt, Status
from protocol.messages import Row
from storage.columns import is_attempt_id
from storage.database import Database
from storage.projection import monitor_row
from storage.schema import attempt_log, test_attempts
from storage.snapshots import load_snapshot

_MAX_CLIENT_CHARS: Final = 500
"""An address or a browser's name, as it is shown to staff."""


class KnownAttempt(msgspec.Struct, frozen=True):
    """Whose attempt it is, and of what: enough to say whether somebody may see it."""

    attempt_id: str
    org_id: str
    branch_id: str | None
    test_id: str
    test_version: int
    form_id: str | None
    user_id: str
    attempt_number: int
    display_name: str


class KeptRecord(msgspec.Struct, frozen=True):
    """A row of the log as it is kept, not verified: for those who verify it themselves."""

    seq: int
    at_ms: int
    written_at_ms: int
    kind: str
    data: bytes
    hash: bytes


class Attempts:
    """Reads, and the writes that nobody waits for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── recovery ───────────────────────────────────────────────────────────────────────────────────────────────

    async def load(self, attempt_id: str) -> Attempt | None:
        """The state as of the last record: snapshot and tail, or the whole log where no snapshot can be used.

        Raises `BrokenChain`.
        """
        if not is_attempt_id(attempt_id):
            return None
        snapshot, rows = await self._database.read(lambda connection: _snapshot_and_tail(connection, attempt_id))
        if snapshot is None:
            return fold(open_log(attempt_id, rows))
        (_, _, head), *tail = rows or [(0, b"", b"")]
        if head != snapshot.head:
            raise BrokenChain(attempt_id, snapshot.seq, "the snapshot does not lie on the log")
        return fold(open_log(attempt_id, tail, snapshot.seq, snapshot.head), snapshot)

    async def records(self, attempt_id: str, after: int = 0) -> list[Record]:
        """The records after number `after`, verified against the hash of that one.

        Raises `BrokenChain`, also where record `after` itself is missing: then something that was there has gone.
        """
        if not is_attempt_id(attempt_id):
            return []
        rows = await self._database.read(lambda connection: _log_rows(connection, attempt_id, after))
        if after == 0:
            return open_log(attempt_id, rows)
        if not rows or rows[0][0] != after:
            raise BrokenChain(attempt_id, after, "it is missing")
        return open_log(attempt_id, rows[1:], after, rows[0][2])

    async def kept(self, attempt_id: str, after: int, limit: int) -> list[KeptRecord]:
        """At most `limit` rows of the log after number `after`, in order, whatever is in them."""
        if not is_attempt_id(attempt_id):
            return []
        columns = [attempt_log.c[name] for name in KeptRecord.__struct_fields__]
        query = (
            select(*columns)
            .where(attempt_log.c.attempt_id == attempt_id, attempt_log.c.seq > after)
            .order_by(attempt_log.c.seq)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [KeptRecord(*row) for row in rows]

    async def positions(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        """The last sequence number of each attempt that has a log."""
        known = [attempt_id for attempt_id in attempt_ids if is_attempt_id(attempt_id)]
        # One step in the index for each attempt; grouping would walk over all their records.
        last = (
            select(func.max(attempt_log.c.seq))
            .where(attempt_log.c.attempt_id == test_attempts.c.attempt_id)
            .correlate(test_attempts)
            .scalar_subquery()
        )
        query = select(test_attempts.c.attempt_id, last.label("seq")).where(test_attempts.c.attempt_id.in_(known))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.attempt_id: row.seq for row in rows}

    # ── the projection ─────────────────────────────────────────────────────────────────────────────────────────

    async def identity(self, attempt_id: str) -> KnownAttempt | None:
        """Whose attempt it is: the cheap check before anything else."""
        if not is_attempt_id(attempt_id):
            return None
        columns = [test_attempts.c[name] for name in KnownAttempt.__struct_fields__]
        query = select(*columns).where(test_attempts.c.attempt_id == attempt_id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else KnownAttempt(*row)

    async def of_user(self, org_id: str, test_id: str, user_id: str) -> list[tuple[str, int, Status]]:
        """(attempt id, attempt number, status) of one candidate's attempts at one test, by number."""
        table = test_attempts.c
        query = (
            select(table.attempt_id, table.attempt_number, table.status)
            .where(table.org_id == org_id, table.test_id == test_id, table.user_id == user_id)
            .order_by(table.attempt_number)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [(row.attempt_id, row.attempt_number, Status(row.status)) for row in rows]

    async def rows(self, org_id: str, test_id: str, after: str | None, limit: int) -> list[Row]:
        """The monitor's rows of one test, by attempt id, from the one after `after` on."""
        query = _rows_query().where(test_attempts.c.org_id == org_id, test_attempts.c.test_id == test_id)
        if after is not None:
            if not is_attempt_id(after):
                return []
            query = query.where(test_attempts.c.attempt_id > after)
        query = query.order_by(test_attempts.c.attempt_id).limit(limit)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [_monitor_row(row) for row in found]

    async def row(self, attempt_id: str) -> Row | None:
        """The monitor's row of one attempt."""
        if not is_attempt_id(attempt_id):
            return None
        query = _rows_query().where(test_attempts.c.attempt_id == attempt_id)
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return None if found is None else _monitor_row(found)

    async def count(self, org_id: str, test_id: str) -> int:
        """How many attempts at one test there are."""
        query = (
            select(func.count())
            .select_from(test_attempts)
            .where(test_attempts.c.org_id == org_id, test_attempts.c.test_id == test_id)
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def note_client(self, attempt_id: str, ip_address: str, user_agent: str) -> None:
        """Keeps where the candidate was last seen from."""
        if not is_attempt_id(attempt_id):
            return
        statement = (
            update(test_attempts)
            .where(test_attempts.c.attempt_id == attempt_id)
            .values(ip_address=_shown(ip_address), user_agent=_shown(user_agent))
        )
        await self._database.write(lambda connection: connection.execute(statement))

    # ── what is due ────────────────────────────────────────────────────────────────────────────────────────────

    async def claim_due(self, now_ms: int, limit: int = 100, lease_ms: int = 5_000) -> list[str]:
        """Attempts that should have been closed, or whose clock should run again, and that nobody has claimed for
        `lease_ms`. The longest overdue come first."""
        table = test_attempts.c
        due = (table.wake_at_ms <= now_ms, table.status.in_([Status.IN_PROGRESS.value, Status.PAUSED.value]))
        return await self._claim(due, table.wake_at_ms, now_ms, limit, lease_ms)

    async def claim_unmarked(self, now_ms: int, limit: int = 100, lease_ms: int = 10_000) -> list[str]:
        """Attempts that have ended or were marked by hand since they were last marked, and that nobody has claimed for
        `lease_ms`."""
        table = test_attempts.c
        return await self._claim((table.marking_seq.is_not(None),), table.marking_seq, now_ms, limit, lease_ms)

    async def _claim(
        self, due: tuple[ColumnElement[bool], ...], order: ColumnElement[Any], now_ms: int, limit: int, lease_ms: int
    ) -> list[str]:
        table = test_attempts.c
        free = or_(table.claimed_until_ms.is_(None), table.claimed_until_ms <= now_ms)
        claimable = (
            select(table.attempt_id).where(*due, free).order_by(order).limit(limit).with_for_update(skip_locked=True)
        )

        def work(connection: Connection) -> list[str]:
            claimed = list(connection.execute(claimable).scalars())
            if claimed:
                lease = update(test_attempts).where(table.attempt_id.in_(claimed))
                connection.execute(lease.values(claimed_until_ms=now_ms + lease_ms))
            return claimed

        return await self._database.write(work)

    async def marking_done(self, attempt_id: str, seq: int) -> None:
        """The attempt is marked as of record `seq`; what made marking due after that stays due."""
        if not is_attempt_id(attempt_id):
            return
        statement = (
            update(test_attempts)
            .where(test_attempts.c.attempt_id == attempt_id, test_attempts.c.marking_seq <= seq)
            .values(marking_seq=None, claimed_until_ms=None)
        )
        await self._database.write(lambda connection: connection.execute(statement))


def _log_rows(connection: Connection, attempt_id: str, first: int) -> list[tuple[int, bytes, bytes]]:
    query = (
        select(attempt_log.c.seq, attempt_log.c.data, attempt_log.c.hash)
        .where(attempt_log.c.attempt_id == attempt_id, attempt_log.c.seq >= first)
        .order_by(attempt_log.c.seq)
    )
    return [(row.seq, row.data, row.hash) for row in connection.execute(query)]


def _snapshot_and_tail(
    connection: Connection, attempt_id: str
) -> tuple[Attempt | None, list[tuple[int, bytes, bytes]]]:
    """The snapshot and the log from its own record on; without a usable snapshot, the whole log."""
    snapshot = load_snapshot(connection, attempt_id)
    return snapshot, _log_rows(connection, attempt_id, 0 if snapshot is None else snapshot.seq)


def _rows_query() -> Select[Any]:
    table = test_attempts.c
    return select(
        table.attempt_id,
        table.seq,
        table.user_id,
        table.display_name,
        table.attempt_number,
        table.status,
        table.current_question_index,
        table.start_time,
        table.submit_time,
        table.expires_at,
        table.session_data,
    )


def _monitor_row(row: Selected[Any]) -> Row:
    return monitor_row(
        row.attempt_id,
        row.seq,
        row.user_id,
        row.display_name,
        row.attempt_number,
        row.status,
        row.current_question_index,
        (row.start_time, row.submit_time, row.expires_at),
        row.session_data,
    )


def _shown(text: str) -> str:
    """What somebody's client says of itself, fit to be stored."""
    return "".join(character for character in text if character.isprintable())[:_MAX_CLIENT_CHARS]
