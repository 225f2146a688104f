"""The audit log of each organisation: written in the transaction of what it tells, read in pages, verified whole."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from secrets import token_bytes
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from protocol.attempt.chain import KEY_BYTES, Line
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rules.audit import (
    AlertsSeen,
    AnswersRead,
    AnyEntry,
    AuditCheck,
    BrokenAudit,
    BulkAct,
    CapturedPicturesRead,
    Kept,
    LogRead,
    ResultsRead,
    kind_of_type,
    seal,
    seed,
)
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.schema import audit_log, test_attempts
from storage.statements import erased_among

BY_OPERATOR: Final = Actor(Role.SERVICE, "operator")
"""Who acts on the command line, unless a name is given."""
BY_RULE: Final = Actor(Role.SYSTEM, "retention")
"""What acts by itself, as an organisation's rule says."""
_OF_ATTEMPT: Final = LogRead | AnswersRead | CapturedPicturesRead | ResultsRead | AlertsSeen
_TRIES: Final = 5
_PAGE: Final = 1_000
_LOCK: Final = 7_093_001
"""What PostgreSQL's advisory locks on an audit log are called, so that no other lock is taken for one."""
_TAKE_TURNS: Final = text("SELECT pg_advisory_xact_lock(:what, hashtext(:org))")
_LAST: Final = (
    select(audit_log.c.seq, audit_log.c.hash)
    .where(audit_log.c.org_id == bindparam("org"))
    .order_by(audit_log.c.seq.desc())
    .limit(1)
)
EMPTIED: Final = {"body": None, "key": None, "subject": None, "by_id": None, "test_id": None}
"""What an entry has whose body is gone."""
_KEPT: Final = select(*(audit_log.c[name] for name in (*Line._fields, "key")))
_NEWEST: Final = (
    select(audit_log.c.org_id, func.max(audit_log.c.seq).label("seq"))
    .where(audit_log.c.at_ms >= bindparam("since"))
    .group_by(audit_log.c.org_id)
)


def _each_organisation() -> Select[str]:
    table = audit_log.c
    at = select(func.min(table.org_id).label("org_id")).cte("organisations", recursive=True)
    behind = select(func.min(table.org_id)).where(table.org_id > at.c.org_id).scalar_subquery()
    each = at.union_all(select(behind).where(at.c.org_id.is_not(None)))
    return select(each.c.org_id).where(each.c.org_id.is_not(None))


ORGANISATIONS: Final = _each_organisation()
"""All that have an audit log, in their order. It jumps from one to the next by the index, past millions of entries."""


def append(connection: Connection, org_id: str, by: Actor, entry: AnyEntry, now_ms: int) -> None:
    """Adds an entry in the caller's transaction; it is the last thing that the transaction does, so that whoever waits
    for its turn here holds up nobody else. On SQLite, and where somebody did not take turns, `IntegrityError` says that
    another one came first: the caller tries its whole transaction again."""
    take_turns(connection, org_id)
    last = connection.execute(_LAST, {"org": org_id}).first()
    seq, head = (0, seed(org_id)) if last is None else (last.seq, last.hash)
    line, key = seal(head, token_bytes(KEY_BYTES), seq + 1, now_ms, by, entry)
    found_by = {"subject": entry.subject, "by_id": by.id, "test_id": entry.of_test}
    connection.execute(insert(audit_log).values(org_id=org_id, key=key, **found_by, **line._asdict()))


def take_turns(connection: Connection, org_id: str) -> None:
    """Waits until nobody else writes to this audit log; then nobody does until the transaction ends. A transaction that
    decides by what others did asks first; most only append."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURNS, {"what": _LOCK, "org": org_id})


async def write(database: Database, work: Callable[[Connection], None]) -> None:
    """Runs `work`, which appends at its end, in a transaction, again where another one came first. Raises
    `StorageUnavailable`."""
    for _ in range(_TRIES):
        try:
            return await database.write(work)
        except IntegrityError:
            continue
    raise StorageUnavailable("the audit log is written to again and again")


def about(connection: Connection, org_id: str, user_id: str) -> list[int]:
    """The numbers of the entries about a person."""
    table = audit_log.c
    hers = select(table.seq).where(table.org_id == org_id, table.subject == user_id)
    return list(connection.execute(hers).scalars())


def of_act(connection: Connection, org_id: str, test_id: str, at_ms: int) -> list[int]:
    """The number of the entry about the act on many attempts at a test that was given at this instant."""
    table = audit_log.c
    this = (table.org_id == org_id, table.test_id == test_id, table.at_ms == at_ms)
    query = select(table.seq).where(*this, table.kind == kind_of_type(BulkAct))
    return list(connection.execute(query).scalars())


def empty(connection: Connection, org_id: str, numbers: Sequence[int]) -> None:
    """Empties these entries."""
    for start in range(0, len(numbers), _PAGE):
        these = (audit_log.c.org_id == org_id, audit_log.c.seq.in_(numbers[start : start + _PAGE]))
        connection.execute(update(audit_log).where(*these).values(EMPTIED))


class Note(NamedTuple):
    """What an act that changes the database leaves in the audit log, in the same transaction."""

    by: Actor
    entry: AnyEntry
    at_ms: int


def _refuse_other(connection: Connection, attempt_id: str, user_id: str | None) -> None:
    """Numbers of an erased attempt may be read, under her alias."""
    table = test_attempts.c
    if erased_among(connection, [attempt_id]):
        alias = connection.execute(select(table.user_id).where(table.attempt_id == attempt_id)).scalar()
        if alias != user_id:
            raise Refused(refuse(Code.ERASED))


def refuse_gone(connection: Connection, org_id: str, user_id: str) -> None:
    """Where results of somebody were read whose attempts have another name by now. Whoever erases her locks all of
    them first, so one is enough."""
    table = test_attempts.c
    hers = (
        select(table.attempt_id)
        .where(table.org_id == org_id, table.user_id == user_id)
        .order_by(table.attempt_id)
        .limit(1)
        .with_for_update(key_share=True)
    )
    if connection.execute(hers).first() is None:
        raise Refused(refuse(Code.ERASED))


class Audit:
    """Adds entries about what changes nothing in the database, and reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, org_id: str, by: Actor, entry: AnyEntry, now_ms: int) -> None:
        """Returns when it is durable. Raises `StorageUnavailable`, and `Refused` where it names somebody who was erased
        meanwhile: who asks gets nothing either."""

        def work(connection: Connection) -> None:
            if isinstance(entry, _OF_ATTEMPT) and entry.attempt_id is not None:
                _refuse_other(connection, entry.attempt_id, entry.user_id)
            elif isinstance(entry, ResultsRead) and entry.user_id is not None:
                refuse_gone(connection, org_id, entry.user_id)
            append(connection, org_id, by, entry, now_ms)

        await write(self._database.for_org(org_id), work)

    async def page(
        self,
        org_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int,
        kind: str | None = None,
        subject: str | None = None,
        by: str | None = None,
        test_id: str | None = None,
        from_ms: int | None = None,
        until_ms: int | None = None,
    ) -> Sequence[Kept]:
        """At most `limit` entries that fit the filters, not checked: in order from the one after number `after` on;
        with `before` the newest first, from the one with the next smaller number on."""
        table = audit_log.c
        query = _KEPT.where(table.org_id == org_id).limit(limit)
        if before is None:
            query = query.where(table.seq > after).order_by(table.seq)
        else:
            query = query.where(table.seq < before).order_by(table.seq.desc())
        wanted = ((table.kind, kind), (table.subject, subject), (table.by_id, by), (table.test_id, test_id))
        for column, value in wanted:
            query = query if value is None else query.where(column == value)
        if from_ms is not None:
            query = query.where(table.at_ms >= from_ms)
        if until_ms is not None:
            query = query.where(table.at_ms < until_ms)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_kept(row) for row in rows]

    async def organisations(self) -> list[str]:
        """All that have an audit log."""
        return await self._database.read(lambda connection: list(connection.execute(ORGANISATIONS).scalars()))

    async def heads(self, since_ms: int) -> list[tuple[str, int, bytes]]:
        """(organisation, number and hash of its last entry) of all that have one from this instant on."""

        def work(connection: Connection) -> list[tuple[str, int, bytes]]:
            newest = connection.execute(_NEWEST, {"since": since_ms}).all()
            return [(row.org_id, row.seq, _hash_at(connection, row.org_id, row.seq) or b"") for row in newest]

        return await self._database.read(work)

    async def hash_at(self, org_id: str, seq: int) -> bytes | None:
        """The hash of one entry."""
        return await self._database.for_org(org_id).read(partial(_hash_at, org_id=org_id, seq=seq))


async def verify_audit(database: Database) -> AsyncIterator[tuple[str, int, BrokenAudit | None]]:
    """Organisation, number of entries, and what is wrong with its audit log, if anything is."""
    audit = Audit(database)
    for org_id in await audit.organisations():
        check = AuditCheck(org_id)
        try:
            while page := await audit.page(org_id, after=check.seq, limit=_PAGE):
                check.take(page)
            check.finish()
        except BrokenAudit as broken:
            yield org_id, check.seq, broken
        except (TypeError, ValueError):
            # SQLite keeps any type in any column. The driver's own message would quote the bytes.
            yield org_id, check.seq, BrokenAudit(org_id, check.seq + 1, "a column holds a value of another type")
        else:
            yield org_id, check.seq, None


def _hash_at(connection: Connection, org_id: str, seq: int) -> bytes | None:
    query = select(audit_log.c.hash).where(audit_log.c.org_id == org_id, audit_log.c.seq == seq)
    return connection.execute(query).scalar()


def _kept(row: Row[Any]) -> Kept:
    return Kept(Line._make(row[:-1]), row.key)
