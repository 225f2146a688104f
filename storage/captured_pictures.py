"""Pictures from candidates' cameras and of their screens, by attempt, source and the interval in which each was taken.

They lie in the database, as files of answers do: erased with the attempt, and walled in like its other data. Each says
when it is to be deleted, by what its candidate has agreed to: a test that changes later keeps none for longer.
"""

from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from protocol.attempt.model import Actor
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.integrity.captures import Source
from protocol.rules.audit import CapturedPicturesDeleted
from storage.audit import append, write
from storage.database import Database
from storage.schema import captured_pictures
from storage.statements import refuse_erased

_TABLE: Final = captured_pictures.c
_PAGE: Final = 500
Named = tuple[str, str, str]
"""Test, attempt and user, as the audit log names an attempt."""
_SHOWN: Final = (_TABLE.source, _TABLE.n, _TABLE.at_ms, _TABLE.delete_at_ms, _TABLE.type, _TABLE.data)
_OVER: Final = (
    select(_TABLE.attempt_id, _TABLE.source, _TABLE.n)
    .where(_TABLE.delete_at_ms <= bindparam("now"))
    .order_by(_TABLE.delete_at_ms)
    .limit(_PAGE)
)


class CapturedPicture(msgspec.Struct, frozen=True):
    """Taken at `at_ms`, in the interval that is called `n`: a later one has a higher number."""

    source: Source
    n: int
    at_ms: int
    delete_at_ms: int
    type: str
    data: bytes


class CapturedPictures:
    """The pictures of every attempt. Each call but `prune` names the organisation too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, org_id: str, attempt_id: str, picture: CapturedPicture, most: int) -> bool:
        """Keeps a picture; false: there are `most` from this source already. Raises `StorageUnavailable`,
        `Refused(erased)`, and `Refused(captured_too_soon)` where there is one of this interval."""
        work = partial(_put, org_id=org_id, attempt_id=attempt_id, picture=picture, most=most)
        try:
            return await self._database.for_org(org_id).write(work)
        except IntegrityError:
            raise Refused(refuse(Code.CAPTURED_TOO_SOON)) from None

    async def has(self, org_id: str, attempt_id: str, source: Source, n: int) -> bool:
        """Whether there is one of this interval."""
        query = select(_TABLE.n).where(*_of(attempt_id, source), _TABLE.n == n)
        return await self._database.for_org(org_id).read(
            lambda connection: connection.execute(query).first() is not None
        )

    async def shown(
        self, org_id: str, attempt_id: str, source: Source, before: int | None, most: int
    ) -> list[CapturedPicture]:
        """The newest, or those before the interval `before`; the newest first."""
        query = select(*_SHOWN).where(*_of(attempt_id, source), _TABLE.org_id == org_id)
        if before is not None:
            query = query.where(_TABLE.n < before)
        query = query.order_by(_TABLE.n.desc()).limit(most)
        return await self._database.for_org(org_id).read(
            lambda connection: [_picture(row) for row in connection.execute(query).all()]
        )

    async def count(self, org_id: str, attempt_id: str, source: Source) -> int:
        query = select(func.count()).where(*_of(attempt_id, source), _TABLE.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def total(self, org_id: str) -> int:
        """Bytes of all pictures of the organisation."""
        query = select(func.coalesce(func.sum(_TABLE.size), 0)).where(_TABLE.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def remove(self, org_id: str, named: Named, source: Source, by: Actor, now_ms: int) -> int:
        """Deletes all pictures of an attempt from this source, and says in the audit log how many there were."""
        mine = *_of(named[1], source), _TABLE.org_id == org_id

        removed = 0

        def work(connection: Connection) -> None:
            nonlocal removed
            removed = connection.execute(delete(captured_pictures).where(*mine)).rowcount
            append(connection, org_id, by, CapturedPicturesDeleted(*named, source, removed), now_ms)

        await write(self._database.for_org(org_id), work)
        return removed

    async def prune(self, now_ms: int) -> None:
        """Deletes those whose time is over."""
        while await self._database.write(partial(_prune, now_ms=now_ms)) == _PAGE:
            pass


def pictures_of(connection: Connection, attempt_id: str) -> list[CapturedPicture]:
    """All of an attempt, the oldest first, within a transaction."""
    query = select(*_SHOWN).where(_TABLE.attempt_id == attempt_id).order_by(_TABLE.at_ms, _TABLE.source)
    return [_picture(row) for row in connection.execute(query).all()]


def _of(attempt_id: str, source: Source) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _TABLE.attempt_id == attempt_id, _TABLE.source == source


def _put(connection: Connection, org_id: str, attempt_id: str, picture: CapturedPicture, most: int) -> bool:
    refuse_erased(connection, attempt_id)
    there = connection.execute(select(func.count()).where(*_of(attempt_id, picture.source))).scalar_one()
    if there >= most:
        return False
    row = {**msgspec.structs.asdict(picture), "org_id": org_id, "attempt_id": attempt_id, "size": len(picture.data)}
    connection.execute(insert(captured_pictures).values(row))
    return True


def _prune(connection: Connection, now_ms: int) -> int:
    over = connection.execute(_OVER, {"now": now_ms}).all()
    for row in over:
        connection.execute(delete(captured_pictures).where(*_of(row.attempt_id, row.source), _TABLE.n == row.n))
    return len(over)


def _picture(row: Row[*tuple[Any, ...]]) -> CapturedPicture:
    return CapturedPicture(row.source, row.n, row.at_ms, row.delete_at_ms, row.type, bytes(row.data))
