"""Files that candidates have handed in, by attempt and by the hash of their bytes.

They are personal, unlike files of tests: they lie in the database, where they are erased with the attempt and walled in
like its other data, and nobody shares one. A file is written in pieces, so that no answer of others waits for a large
one; the first piece, which says what the file is, comes last, so that what is found is whole.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.schema import answer_files
from storage.statements import refuse_erased

PIECE_BYTES: Final = 256 * 1024


class AnswerFile(msgspec.Struct, frozen=True):
    """`type`: its media type; `size` in bytes."""

    hash: str
    type: str
    size: int
    created_at_ms: int


class AnswerFiles:
    """The files of every attempt. Each call names the organisation too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, org_id: str, attempt_id: str, file: AnswerFile, data: bytes) -> None:
        """Keeps a file; again is the same. Raises `StorageUnavailable`, and `Refused` where she was erased."""
        written = await self._written(org_id, attempt_id, file.hash)
        for piece in reversed(range(max(1, -(-len(data) // PIECE_BYTES)))):
            if piece in written:
                continue
            row = {
                **msgspec.structs.asdict(file),
                "org_id": org_id,
                "attempt_id": attempt_id,
                "piece": piece,
                "data": data[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES],
            }
            try:
                await self._database.for_org(org_id).write(partial(_insert, attempt_id=attempt_id, row=row))
            except IntegrityError:
                continue  # the same is being handed in twice

    async def _written(self, org_id: str, attempt_id: str, name: str) -> set[int]:
        table = answer_files.c
        query = select(table.piece).where(table.attempt_id == attempt_id, table.hash == name)
        return await self._database.for_org(org_id).read(lambda connection: set(connection.execute(query).scalars()))

    async def of_attempt(self, org_id: str, attempt_id: str) -> list[AnswerFile]:
        """Those that are whole, in the order of their coming."""
        return await self._database.for_org(org_id).read(lambda connection: files_of(connection, attempt_id))

    async def read(self, org_id: str, attempt_id: str, name: str) -> bytes | None:
        """All bytes of a file; None: there is none."""
        return await self._database.for_org(org_id).read(lambda connection: data_of(connection, attempt_id, name))

    async def total(self, org_id: str) -> int:
        """Bytes of all files of the organisation."""
        table = answer_files.c
        query = select(func.coalesce(func.sum(table.size), 0)).where(table.org_id == org_id, table.piece == 0)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)


_KNOWN: Final = (
    answer_files.c.hash,
    answer_files.c.type,
    answer_files.c.size,
    answer_files.c.created_at_ms,
)


def files_of(connection: Connection, attempt_id: str) -> list[AnswerFile]:
    """The same within a transaction."""
    table = answer_files.c
    query = (
        select(*_KNOWN)
        .where(table.attempt_id == attempt_id, table.piece == 0)
        .order_by(table.created_at_ms, table.hash)
    )
    return [_file(row) for row in connection.execute(query).all()]


def data_of(connection: Connection, attempt_id: str, name: str) -> bytes | None:
    """The same within a transaction."""
    table = answer_files.c
    query = (
        select(table.piece, table.data).where(table.attempt_id == attempt_id, table.hash == name).order_by(table.piece)
    )
    rows = connection.execute(query).all()
    return b"".join(bytes(row.data) for row in rows) if rows and rows[0].piece == 0 else None


def _insert(connection: Connection, attempt_id: str, row: Mapping[str, Any]) -> None:
    refuse_erased(connection, attempt_id)
    connection.execute(insert(answer_files).values(row))


def _file(row: Row[*tuple[Any, ...]]) -> AnswerFile:
    return AnswerFile(row.hash, row.type, row.size, row.created_at_ms)
