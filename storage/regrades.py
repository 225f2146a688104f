"""Regrades that were asked for, and how far each has come."""

from hashlib import blake2b
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, update

from protocol.attempt.model import Actor, Role, Status
from protocol.rest.gradebook import RegradeProgress
from protocol.rules.audit import Regraded
from protocol.rules.regrading import Ordered
from storage import audit
from storage.database import Database
from storage.schema import regrades, test_attempts

LEASE_MS: Final = 10_000
"""How long a node has a regrade after it last said how far it has come. Then any node goes on."""
SAT: Final = (Status.SUBMITTED.value, Status.EXPIRED.value, Status.COMPLETED.value)


class Job(msgspec.Struct, frozen=True):
    """A regrade; nil in `ended_at_ms`: it is under way. `claimed_until_ms` proves that it is still this node's."""

    org_id: str
    regrade_id: str
    test_id: str
    key_version: int
    reason: str
    role: str
    by_id: str
    position: str | None
    done: int
    refused: int
    created_at_ms: int
    claimed_until_ms: int
    ended_at_ms: int | None = None

    @property
    def ordered(self) -> Ordered:
        """As rules look at it."""
        return Ordered(self.command_id, self.key_version, self.created_at_ms, self.ended_at_ms is None)

    @property
    def command_id(self) -> str:
        """The id of its command in each attempt. Whoever chose `regrade_id` may have given it to a command too."""
        return "regrade-" + blake2b(self.regrade_id.encode(), digest_size=16).hexdigest()

    def is_as(self, other: "Job") -> bool:
        """Whether the same person asked for the same."""
        return all(getattr(self, name) == getattr(other, name) for name in _ASKED)


_ASKED: Final = ("test_id", "key_version", "reason", "role", "by_id")


class Regrades:
    """Reads and writes the table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, org_id: str, regrade_id: str) -> Job | None:
        """The regrade of this id."""
        return await self._database.for_org(org_id).read(lambda connection: _find(connection, org_id, regrade_id))

    async def add(self, job: Job) -> Job:
        """Returns when it is durable, and in the audit log; nobody has it yet. A regrade of this id that is there, or
        one of this test that has not ended, is returned instead."""
        values = msgspec.structs.asdict(job) | {"claimed_until_ms": None}
        entry = Regraded(job.test_id, job.key_version, job.reason)

        there: list[Job] = []

        def work(connection: Connection) -> None:
            there.clear()
            # Two that are asked for at the same moment see each other.
            audit.take_turns(connection, job.org_id)
            found = _find(connection, job.org_id, job.regrade_id) or _under_way(connection, job)
            if found is not None:
                there.append(found)
                return
            connection.execute(insert(regrades).values(values))
            audit.append(connection, job.org_id, Actor(Role(job.role), job.by_id), entry, job.created_at_ms)

        await audit.write(self._database.for_org(job.org_id), work)
        return there[0] if there else job

    async def newest(self, org_id: str, test_id: str) -> Job | None:
        """The regrade of this test that was asked for last."""
        return await self._database.for_org(org_id).read(lambda connection: find_newest(connection, org_id, test_id))

    async def claim(self, now_ms: int) -> Job | None:
        """The oldest regrade that no node is seeing to, for this node."""
        table = regrades.c
        # Hardly ever is there one: each node looks every second, and a write would hold up the embedded database.
        waits = select(table.regrade_id).where(table.ended_at_ms.is_(None)).limit(1)
        if await self._database.read(lambda connection: connection.execute(waits).first()) is None:
            return None
        free = (
            select(regrades)
            .where(table.ended_at_ms.is_(None))
            .where(or_(table.claimed_until_ms.is_(None), table.claimed_until_ms <= now_ms))
            .order_by(table.created_at_ms, table.regrade_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )

        def work(connection: Connection) -> Job | None:
            row = connection.execute(free).first()
            if row is None:
                return None
            until_ms = now_ms + LEASE_MS
            connection.execute(update(regrades).where(*_this(row)).values(claimed_until_ms=until_ms))
            return msgspec.structs.replace(_job(row), claimed_until_ms=until_ms)

        return await self._database.write(work)

    async def advance(self, job: Job, now_ms: int, *, ended: bool) -> Job | None:
        """Says how far `job` has come, and keeps it for longer. None: another node has taken it."""
        values: dict[str, Any] = {
            "position": job.position,
            "done": job.done,
            "refused": job.refused,
            "claimed_until_ms": now_ms + LEASE_MS,
            "ended_at_ms": now_ms if ended else None,
        }
        statement = (
            update(regrades)
            .where(*_this(job))
            .where(regrades.c.claimed_until_ms == job.claimed_until_ms, regrades.c.ended_at_ms.is_(None))
            .values(values)
        )
        changed = await self._database.write(lambda connection: connection.execute(statement).rowcount)
        return msgspec.structs.replace(job, claimed_until_ms=now_ms + LEASE_MS) if changed else None

    async def progress(self, org_id: str, test_id: str, regrade_id: str) -> RegradeProgress | None:
        """How far a regrade of this test has come."""
        table = regrades.c
        query = select(regrades).where(table.org_id == org_id, table.test_id == test_id, table.regrade_id == regrade_id)
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        return RegradeProgress(
            regrade_id=row.regrade_id,
            test_id=row.test_id,
            key_version=row.key_version,
            reason=row.reason,
            by=row.by_id,
            status="running" if row.ended_at_ms is None else "done",
            done=row.done,
            refused=row.refused,
            created_at_ms=row.created_at_ms,
            ended_at_ms=row.ended_at_ms,
        )

    async def versions(self, org_id: str, test_id: str) -> list[int]:
        """The versions of the test that were sat."""
        table = test_attempts.c
        query = select(table.test_version).where(
            table.org_id == org_id, table.test_id == test_id, table.test_version.is_not(None)
        )
        found = await self._database.for_org(org_id).read(
            lambda connection: connection.execute(query.distinct()).scalars().all()
        )
        return sorted(version for version in found if version is not None)

    async def sat(self, job: Job, limit: int) -> list[str]:
        """The attempts that the regrade goes on with, by id: they were begun before it was asked for, and sat to their
        end. Logs in archives take no marks any more."""
        table = test_attempts.c
        query = (
            select(table.attempt_id)
            .where(table.org_id == job.org_id, table.test_id == job.test_id)
            .where(table.status.in_(SAT), table.erased_at_ms.is_(None), table.archived_at_ms.is_(None))
            .where(table.start_time <= job.created_at_ms)
            .order_by(table.attempt_id)
            .limit(limit)
        )
        if job.position is not None:
            query = query.where(table.attempt_id > job.position)
        rows = await self._database.for_org(job.org_id).read(lambda connection: connection.execute(query).all())
        return [row.attempt_id for row in rows]


def find_newest(connection: Connection, org_id: str, test_id: str) -> Job | None:
    """The regrade of this test that was asked for last."""
    table = regrades.c
    query = (
        select(regrades)
        .where(table.org_id == org_id, table.test_id == test_id)
        .order_by(table.created_at_ms.desc(), table.regrade_id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else _job(row)


def _find(connection: Connection, org_id: str, regrade_id: str) -> Job | None:
    table = regrades.c
    query = select(regrades).where(table.org_id == org_id, table.regrade_id == regrade_id)
    row = connection.execute(query).first()
    return None if row is None else _job(row)


def _under_way(connection: Connection, job: Job) -> Job | None:
    """The regrade of the same test that has not ended."""
    table = regrades.c
    query = select(regrades).where(
        table.org_id == job.org_id, table.test_id == job.test_id, table.ended_at_ms.is_(None)
    )
    row = connection.execute(query).first()
    return None if row is None else _job(row)


def _job(row: Row[Any]) -> Job:
    kept = {name: getattr(row, name) for name in Job.__struct_fields__}
    return Job(**kept | {"claimed_until_ms": row.claimed_until_ms or 0})


def _this(of: Any) -> tuple[Any, Any]:
    return regrades.c.org_id == of.org_id, regrades.c.regrade_id == of.regrade_id
