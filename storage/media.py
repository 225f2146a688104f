"""Files of tests, by the hash of their bytes: each is kept once for an organisation, and never changes.

What a file is stands in the table `media`. Its bytes lie in a store: in the same table, in a folder, or in a bucket
(`media_bucket.py`).
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from protocol.media import Medium, hash_of
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.schema import media

T = TypeVar("T")


class Store(Protocol):
    """Where bytes lie. Both raise `StorageUnavailable`."""

    async def put(self, org_id: str, name: str, data: bytes) -> None:
        """Keeps them before it returns; again is the same."""

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on; none: it has not these."""

    async def close(self) -> None:
        """Lets go of what it holds."""


class InFolder:
    """One file for each, in a folder for each organisation. All nodes must see the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, org_id: str, name: str, data: bytes) -> None:
        await self._in_thread(lambda: _write(self._file(org_id, name), data))

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        return await self._in_thread(lambda: _read(self._file(org_id, name), start, size))

    async def close(self) -> None:
        """Nothing is held."""

    def _file(self, org_id: str, name: str) -> Path:
        # The id of an organisation may be anything, and so no name of a file.
        return self._folder / hash_of(org_id.encode())[:32] / name[:2] / name

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise StorageUnavailable(f"{self._folder}: {error.strerror}") from error


class Media:
    """The files of every organisation; each call names one. `store`: None keeps them in the table."""

    def __init__(self, database: Database, store: Store | None = None) -> None:
        self._database = database
        self._store = store

    async def put(self, org_id: str, medium: Medium, data: bytes, now_ms: int) -> None:
        """Keeps a file; again is the same. Its row is there last, so that a row always has its bytes."""
        if self._store is not None:
            await self._store.put(org_id, medium.hash, data)
        row = {
            **msgspec.structs.asdict(medium),
            "org_id": org_id,
            "created_at_ms": now_ms,
            "data": data if self._store is None else None,
        }
        if await self.find(org_id, medium.hash) is not None:
            return
        try:
            await self._database.for_org(org_id).write(lambda connection: connection.execute(insert(media).values(row)))
        except IntegrityError:
            return  # somebody else has just kept it

    async def find(self, org_id: str, name: str) -> Medium | None:
        """By its hash."""
        query = select(*_KNOWN).where(media.c.org_id == org_id, media.c.hash == name)
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else _medium(row)

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on; none: there is no such file, or it has not these."""
        if size <= 0:
            return b""
        part = select(func.substr(media.c.data, start + 1, size)).where(media.c.org_id == org_id, media.c.hash == name)

        def stored(connection: Connection) -> bytes | None:
            found: bytes | None = connection.execute(part).scalar()
            return found

        found = await self._database.for_org(org_id).read(stored)
        # A file that was kept before there was a store lies in the table still.
        if found is not None or self._store is None:
            return bytes(found or b"")
        return await self._store.read(org_id, name, start, size)

    async def total(self, org_id: str) -> int:
        """Bytes of all files of the organisation."""
        query = select(func.coalesce(func.sum(media.c.size), 0)).where(media.c.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def close(self) -> None:
        """Lets go of what the store holds."""
        if self._store is not None:
            await self._store.close()


_KNOWN: Final = (media.c.hash, media.c.type, media.c.size, media.c.width, media.c.height)


def _medium(row: Row[*tuple[Any, ...]]) -> Medium:
    return Medium(row.hash, row.type, row.size, row.width, row.height)


def _write(file: Path, data: bytes) -> None:
    """Under another name first: whoever reads finds all of it or none."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{token_hex(8)}")
    try:
        with unfinished.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    for folder in (file.parent, file.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(file: Path, start: int, size: int) -> bytes:
    try:
        with file.open("rb") as found:
            found.seek(start)
            return found.read(size)
    except FileNotFoundError:
        return b""
