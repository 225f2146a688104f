"""Pictures from candidates' cameras, by attempt and by the interval in which each was taken.

They lie in the database, as files of answers do: erased with the attempt, and walled in like its other data. Each says
when it is to be deleted, by what its candidate has agreed to: a test that changes later keeps none for longer.
"""

from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from protocol.attempt.model import Actor
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rules.audit import CameraPicturesDeleted
from storage.audit import append, write
from storage.database import Database
from storage.schema import camera_pictures
from storage.statements import refuse_erased

_TABLE: Final = camera_pictures.c
_PAGE: Final = 500
Named = tuple[str, str, str]
"""Test, attempt and user, as the audit log names an attempt."""
_SHOWN: Final = (_TABLE.n, _TABLE.at_ms, _TABLE.delete_at_ms, _TABLE.type, _TABLE.data)
_OVER: Final = (
    select(_TABLE.attempt_id, _TABLE.n)
    .where(_TABLE.delete_at_ms <= bindparam("now"))
    .order_by(_TABLE.delete_at_ms)
    .limit(_PAGE)
)


class CameraPicture(msgspec.Struct, frozen=True):
    """Taken at `at_ms`, in the interval `n`."""

    n: int
    at_ms: int
    delete_at_ms: int
    type: str
    data: bytes


class CameraPictures:
    """The pictures of every attempt. Each call but `prune` names the organisation too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, org_id: str, attempt_id: str, picture: CameraPicture, most: int) -> bool:
        """Keeps a picture; false: there are `most` already. Raises `StorageUnavailable`, `Refused(erased)`, and
        `Refused(camera_too_soon)` where there is one of this interval."""
        work = partial(_put, org_id=org_id, attempt_id=attempt_id, picture=picture, most=most)
        try:
            return await self._database.for_org(org_id).write(work)
        except IntegrityError:
            raise Refused(refuse(Code.CAMERA_TOO_SOON)) from None

    async def has(self, org_id: str, attempt_id: str, n: int) -> bool:
        """Whether there is one of this interval."""
        query = select(_TABLE.n).where(_TABLE.attempt_id == attempt_id, _TABLE.n == n)
        return await self._database.for_org(org_id).read(
            lambda connection: connection.execute(query).first() is not None
        )

    async def shown(self, org_id: str, attempt_id: str, before: int | None, most: int) -> list[CameraPicture]:
        """The newest, or those before the interval `before`; the newest first."""
        query = select(*_SHOWN).where(_TABLE.attempt_id == attempt_id, _TABLE.org_id == org_id)
        if before is not None:
            query = query.where(_TABLE.n < before)
        query = query.order_by(_TABLE.n.desc()).limit(most)
        return await self._database.for_org(org_id).read(
            lambda connection: [_picture(row) for row in connection.execute(query).all()]
        )

    async def count(self, org_id: str, attempt_id: str) -> int:
        query = select(func.count()).where(_TABLE.attempt_id == attempt_id, _TABLE.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def total(self, org_id: str) -> int:
        """Bytes of all pictures of the organisation."""
        query = select(func.coalesce(func.sum(_TABLE.size), 0)).where(_TABLE.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def remove(self, org_id: str, named: Named, by: Actor, now_ms: int) -> int:
        """Deletes all pictures of an attempt, and says in the audit log how many there were."""
        mine = _TABLE.attempt_id == named[1], _TABLE.org_id == org_id

        removed = 0

        def work(connection: Connection) -> None:
            nonlocal removed
            removed = connection.execute(delete(camera_pictures).where(*mine)).rowcount
            append(connection, org_id, by, CameraPicturesDeleted(*named, removed), now_ms)

        await write(self._database.for_org(org_id), work)
        return removed

    async def prune(self, now_ms: int) -> None:
        """Deletes those whose time is over."""
        while await self._database.write(partial(_prune, now_ms=now_ms)) == _PAGE:
            pass


def pictures_of(connection: Connection, attempt_id: str) -> list[CameraPicture]:
    """All of an attempt, the oldest first, within a transaction."""
    query = select(*_SHOWN).where(_TABLE.attempt_id == attempt_id).order_by(_TABLE.n)
    return [_picture(row) for row in connection.execute(query).all()]


def _put(connection: Connection, org_id: str, attempt_id: str, picture: CameraPicture, most: int) -> bool:
    refuse_erased(connection, attempt_id)
    there = connection.execute(select(func.count()).where(_TABLE.attempt_id == attempt_id)).scalar_one()
    if there >= most:
        return False
    row = {**msgspec.structs.asdict(picture), "org_id": org_id, "attempt_id": attempt_id, "size": len(picture.data)}
    connection.execute(insert(camera_pictures).values(row))
    return True


def _prune(connection: Connection, now_ms: int) -> int:
    over = connection.execute(_OVER, {"now": now_ms}).all()
    for row in over:
        connection.execute(delete(camera_pictures).where(_TABLE.attempt_id == row.attempt_id, _TABLE.n == row.n))
    return len(over)


def _picture(row: Row[*tuple[Any, ...]]) -> CameraPicture:
    return CameraPicture(row.n, row.at_ms, row.delete_at_ms, row.type, bytes(row.data))
