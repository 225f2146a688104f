"""The marks of ended attempts: the newest of each, and all versions that there were."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, select

from protocol.attempt.model import Status
from protocol.messages.monitor import FormalWarning
from protocol.rest.results import Result
from protocol.rules.grading import Sat
from protocol.rules.scope import WHOLE, TokenScope
from storage import marking_tasks
from storage.attempt_list import Wanted, conditions
from storage.columns import is_attempt_id
from storage.database import Database
from storage.projection import warnings_in
from storage.regrades import Job, find_newest
from storage.schema import result_versions, results, test_attempts
from storage.scoping import in_scope
from storage.sorting import Sorting, ordered
from storage.statements import RESULTS, Row, erased_among, key_of

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Result).decode
_VERSIONS: Final = (
    select(result_versions.c.version, result_versions.c.result)
    .where(result_versions.c.attempt_id == bindparam("this"))
    .order_by(result_versions.c.version)
)
_NEWEST: Final = _VERSIONS.order_by(None).order_by(result_versions.c.version.desc()).limit(1)


class AttemptOfUser(NamedTuple):
    """An attempt as the list of a test's results shows it."""

    user_id: str
    name: str
    sat: Sat
    warnings: list[FormalWarning]


class Results:
    """For each attempt its result as of a record of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_org(self, org_id: str) -> "Results":
        """The same, of one organisation alone: see `Database.for_org`."""
        return Results(self._database.for_org(org_id))

    async def save(self, marked: Iterable[tuple[Result, int]], now_ms: int) -> None:
        """Keeps each result, made from the attempt as of the record with that number, unless a newer one is there. One
        that differs from the newest version is the next version."""
        # Every writer locks rows in this order, so that two of them cannot block each other.
        in_order = sorted(marked, key=lambda one: one[0].attempt_id)
        portion = self._database.portion
        for start in range(0, len(in_order), portion):
            await self._database.write(partial(_save, marked=in_order[start : start + portion], now_ms=now_ms))

    async def get(self, attempt_id: str) -> Result | None:
        """The newest result."""
        if not is_attempt_id(attempt_id):
            return None
        row = await self._database.read(lambda connection: connection.execute(_NEWEST, {"this": attempt_id}).first())
        return None if row is None else replace(_decode(row.result), version=row.version)

    async def versions(self, attempt_id: str) -> list[Result]:
        """All results that there were, the oldest first."""
        if not is_attempt_id(attempt_id):
            return []
        rows = await self._database.read(lambda connection: connection.execute(_VERSIONS, {"this": attempt_id}).all())
        return [replace(_decode(row.result), version=row.version) for row in rows]

    async def of_test(
        self,
        org_id: str,
        test_id: str,
        after: str | None,
        limit: int,
        scope: TokenScope = WHOLE,
        wanted: Wanted | None = None,
        *,
        descending: bool = False,
    ) -> tuple[list[list[AttemptOfUser]], Job | None]:
        """The attempts of at most `limit` candidates of a test, candidate by candidate in the order of their ids from
        the one after `after` on, with their newest results, and the newest regrade of the test, all of one instant.
        Cancelled attempts are not among them. `scope` limits them; `wanted` finds those candidates who have such an
        attempt, and of them all attempts."""
        table = test_attempts.c
        mine = and_(_not_void(org_id, test_id), in_scope(org_id, scope))
        order = Sorting("user_id", descending, None if after is None else (after,))
        users = ordered(select(table.user_id).where(mine).distinct(), [table.user_id], order).limit(limit)
        if wanted is not None:
            users = users.where(*conditions(org_id, wanted))
            if wanted.since_ms is not None:
                marked = select(results.c.attempt_id).where(results.c.saved_at_ms >= wanted.since_ms)
                users = users.where(table.attempt_id.in_(marked))

        def work(connection: Connection) -> tuple[list[list[AttemptOfUser]], Job | None]:
            names = list(connection.execute(users).scalars())
            found: dict[str, list[AttemptOfUser]] = {name: [] for name in names}
            for one in _attempts(connection, and_(mine, table.user_id.in_(names))):
                found[one.user_id].append(one)
            return list(found.values()), find_newest(connection, org_id, test_id)

        return await self._database.for_org(org_id).read_one_instant(work)

    async def of_candidates(
        self, org_id: str, test_id: str, user_ids: Sequence[str]
    ) -> tuple[dict[str, list[Sat]], Job | None]:
        """The same as `of_candidate`, of several."""
        theirs = and_(_not_void(org_id, test_id), test_attempts.c.user_id.in_(user_ids))

        def work(connection: Connection) -> tuple[dict[str, list[Sat]], Job | None]:
            found: dict[str, list[Sat]] = {}
            for one in _attempts(connection, theirs):
                found.setdefault(one.user_id, []).append(one.sat)
            return found, find_newest(connection, org_id, test_id)

        return await self._database.for_org(org_id).read_one_instant(work)

    async def of_candidate(self, org_id: str, test_id: str, user_id: str) -> tuple[list[Sat], Job | None]:
        """One candidate's attempts at a test by number, but for cancelled ones, and the newest regrade of the test, all
        of one instant."""
        hers = and_(_not_void(org_id, test_id), test_attempts.c.user_id == user_id)

        def work(connection: Connection) -> tuple[list[Sat], Job | None]:
            return [one.sat for one in _attempts(connection, hers)], find_newest(connection, org_id, test_id)

        return await self._database.for_org(org_id).read_one_instant(work)


def _save(connection: Connection, marked: Sequence[tuple[Result, int]], now_ms: int) -> None:
    dialect = connection.dialect.name
    erased = erased_among(connection, [result.attempt_id for result, _ in marked])
    kept = [(result, seq) for result, seq in marked if result.attempt_id not in erased]
    RESULTS.run(connection, [_row(dialect, result, seq, now_ms) for result, seq in kept])
    # The rows of `results` are locked now: nobody else adds a version of these attempts meanwhile.
    newest = _newest(connection, [result.attempt_id for result, _ in kept])
    versions = [
        _version(result, seq, newest[result.attempt_id].version + 1, now_ms)
        for result, seq in kept
        if newest[result.attempt_id].seq == seq and newest[result.attempt_id].differs(result)
    ]
    if versions:
        connection.execute(insert(result_versions), versions)
    current = [result for result, seq in kept if newest[result.attempt_id].seq == seq]
    marking_tasks.bring_up(connection, current, now_ms)


def _not_void(org_id: str, test_id: str) -> ColumnElement[bool]:
    table = test_attempts.c
    return and_(table.org_id == org_id, table.test_id == test_id, table.status != Status.CANCELLED.value)


def _attempts(connection: Connection, which: ColumnElement[bool]) -> list[AttemptOfUser]:
    table = test_attempts.c
    columns = (
        *(table.attempt_id, table.user_id, table.display_name, table.attempt_number),
        *(table.status, table.start_time, table.marking_seq, table.session_data),
    )
    rows = connection.execute(select(*columns).where(which).order_by(table.attempt_number)).all()
    newest = _newest(connection, [row.attempt_id for row in rows])
    return [
        AttemptOfUser(
            row.user_id,
            row.display_name,
            Sat(
                attempt_id=row.attempt_id,
                attempt_number=row.attempt_number,
                status=Status(row.status),
                started_at_ms=row.start_time,
                result=newest[row.attempt_id].result,
                marks_due=row.marking_seq is not None and newest[row.attempt_id].seq < row.marking_seq,
            ),
            warnings_in(row.session_data),
        )
        for row in rows
    ]


class _Newest(NamedTuple):
    """`seq` is that of the row in `results`."""

    seq: int
    version: int
    result: Result | None

    def differs(self, result: Result) -> bool:
        return self.result is None or replace(self.result, version=1) != replace(result, version=1)


def _newest(connection: Connection, attempt_ids: Sequence[str]) -> Mapping[str, _Newest]:
    """For each of the attempts, whether it has a result or not."""
    found = dict.fromkeys(attempt_ids, _Newest(0, 0, None))
    last = (
        select(result_versions.c.attempt_id, func.max(result_versions.c.version).label("version"))
        .where(result_versions.c.attempt_id.in_(attempt_ids))
        .group_by(result_versions.c.attempt_id)
        .subquery()
    )
    same = and_(result_versions.c.attempt_id == last.c.attempt_id, result_versions.c.version == last.c.version)
    columns = (result_versions.c.attempt_id, result_versions.c.version, result_versions.c.result)
    for row in connection.execute(select(*columns).join(last, same)):
        found[row.attempt_id] = _Newest(0, row.version, replace(_decode(row.result), version=row.version))
    seqs = select(results.c.attempt_id, results.c.seq).where(results.c.attempt_id.in_(found))
    for attempt_id, seq in connection.execute(seqs):
        found[attempt_id] = found[attempt_id]._replace(seq=seq)
    return found


def _version(result: Result, seq: int, version: int, now_ms: int) -> dict[str, Any]:
    return {
        "attempt_id": result.attempt_id,
        "version": version,
        "seq": seq,
        "key_version": result.key_version or result.test_version,
        "complete": result.complete,
        "score_mpt": result.score_mpt,
        "max_mpt": result.max_mpt,
        "result": _encode(result).decode(),
        "saved_at_ms": now_ms,
    }


def _row(dialect: str, result: Result, seq: int, now_ms: int) -> Row:
    return (
        key_of(dialect, result.attempt_id),
        seq,
        result.status,
        result.complete,
        result.score_mpt,
        result.max_mpt,
        result.awaiting_marks,
        _encode(result.marks).decode(),
        _encode(result).decode(),
        now_ms,
    )
