"""Attempts that are due, to be closed or to be marked: each is claimed by one node for a while."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column, or_, select, update
from sqlalchemy.sql.elements import BindParameter

from protocol.attempt.model import Status
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import test_attempts
from storage.statements import MARKED, key_of

_these: Final[BindParameter[Sequence[str]]] = bindparam("these", expanding=True)


def _claimable(order: ColumnElement[int], *due: ColumnElement[bool]) -> Select[str]:
    """Attempts that are due at `now` and that no node has claimed: at most `limit`, sorted by `order`."""
    claimed_until_ms = test_attempts.c.claimed_until_ms
    return (
        select(test_attempts.c.attempt_id)
        .where(*due, or_(claimed_until_ms.is_(None), claimed_until_ms <= bindparam("now")))
        .order_by(order)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_DUE: Final = _claimable(
    test_attempts.c.wake_at_ms,
    test_attempts.c.wake_at_ms <= bindparam("now"),
    # Before the start only a window of the candidate's own is known here. So written, the index of statuses can't be
    # used: by that SQLite would read everybody who sits, at each look.
    test_attempts.c.status.concat("").in_([Status.INITIATED.value, Status.IN_PROGRESS.value, Status.PAUSED.value]),
)

_INITIATED: Final = test_attempts.c.status == literal_column("'initiated'")
"""In so many words: else `ix_test_attempts_open` can't be used."""

_NOT_BEGUN: Final = _claimable(
    test_attempts.c.attempt_id,
    test_attempts.c.org_id == bindparam("org"),
    test_attempts.c.test_id == bindparam("test"),
    _INITIATED,
    or_(test_attempts.c.wake_at_ms.is_(None), test_attempts.c.wake_at_ms <= bindparam("now")),
)

_TESTS_NOT_BEGUN: Final = select(test_attempts.c.org_id, test_attempts.c.test_id).where(_INITIATED).distinct()

_UNMARKED: Final = _claimable(test_attempts.c.marking_seq, test_attempts.c.marking_seq.is_not(None))

_left = test_attempts.c.attempt_id.not_in(bindparam("left", expanding=True))
_DUE_BUT: Final = _DUE.where(_left)
_NOT_BEGUN_BUT: Final = _NOT_BEGUN.where(_left)
_UNMARKED_BUT: Final = _UNMARKED.where(_left)

_LEASE: Final = (
    update(test_attempts).where(test_attempts.c.attempt_id.in_(_these)).values(claimed_until_ms=bindparam("until"))
)


class Claims:
    """Finds what is due, and says that it is done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_due(
        self, now_ms: int, limit: int = 100, lease_ms: int = 5_000, but: Sequence[str] = ()
    ) -> list[str]:
        """Attempts that should be closed, or whose clock should run again, except those in `but`. No node has claimed
        them within the last `lease_ms`. The longest overdue come first."""
        return await self._claim(_DUE_BUT if but else _DUE, now_ms, limit, lease_ms, but)

    async def tests_not_begun(self) -> list[tuple[str, str]]:
        """(organisation, test) of all attempts that were made and not started."""
        rows = await self._database.read(lambda connection: connection.execute(_TESTS_NOT_BEGUN).all())
        return [(row.org_id, row.test_id) for row in rows]

    async def claim_not_begun(
        self,
        org_id: str,
        test_id: str,
        now_ms: int,
        limit: int = 100,
        lease_ms: int = 5_000,
        but: Sequence[str] = (),
    ) -> list[str]:
        """Attempts at a test whose window is over that were made and not started, except those in `but` and those whose
        candidate has a longer window. No node has claimed them within the last `lease_ms`."""
        query = _NOT_BEGUN_BUT if but else _NOT_BEGUN
        return await self._claim(query, now_ms, limit, lease_ms, but, {"org": org_id, "test": test_id})

    async def claim_unmarked(
        self, now_ms: int, limit: int = 100, lease_ms: int = 10_000, but: Sequence[str] = ()
    ) -> list[str]:
        """Attempts that have ended, or were marked by hand, since they were last marked, except those in `but`. No node
        has claimed them within the last `lease_ms`."""
        return await self._claim(_UNMARKED_BUT if but else _UNMARKED, now_ms, limit, lease_ms, but)

    async def let_go(self, attempt_ids: Sequence[str]) -> None:
        """Ends this node's claims: another one may do the work."""
        if attempt_ids:
            values = {"these": attempt_ids, "until": None}
            await self._database.write(lambda connection: connection.execute(_LEASE, values))

    async def _claim(
        self,
        claimable: Select[str],
        now_ms: int,
        limit: int,
        lease_ms: int,
        but: Sequence[str],
        given: Mapping[str, str] = {},
    ) -> list[str]:
        def work(connection: Connection) -> list[str]:
            values: dict[str, Any] = {"now": now_ms, "most": limit, **given}
            if but:
                values["left"] = but
            claimed = list(connection.execute(claimable, values).scalars())
            if claimed:
                connection.execute(_LEASE, {"these": claimed, "until": now_ms + lease_ms})
            return claimed

        return await self._database.write(work)

    async def marking_done(self, attempts: Iterable[tuple[str, int]]) -> None:
        """Marking of each attempt is done up to the record with this number. Where a later record made it due again, it
        stays due."""
        # Every writer locks rows in this order, so that two of them cannot block each other.
        known = sorted(attempt for attempt in attempts if is_attempt_id(attempt[0]))

        def work(connection: Connection) -> None:
            dialect = connection.dialect.name
            MARKED.run(connection, [(key_of(dialect, attempt_id), seq) for attempt_id, seq in known])

        await self._database.write(work)
