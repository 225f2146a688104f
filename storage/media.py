"""Files of tests, by the hash of their bytes: each is kept once for an organisation, and never changes.

What a file is stands in the table `media`. Its bytes lie in a store: in the same table, in a folder, or in a bucket
(`media_bucket.py`).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from protocol.media import Medium, hash_of
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.schema import left_media, media

T = TypeVar("T")


class Store(Protocol):
    """Where bytes lie. All but `close` raise `StorageUnavailable`."""

    async def put(self, org_id: str, name: str, data: bytes) -> None:
        """Keeps them before it returns; again is the same."""

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on; none: it has not these."""

    async def delete(self, org_id: str, name: str) -> None:
        """Takes them away; again is the same."""

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

    async def delete(self, org_id: str, name: str) -> None:
        await self._in_thread(lambda: self._file(org_id, name).unlink(missing_ok=True))

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
        if await self.use(org_id, medium.hash):
            return
        place = None
        if self._store is not None:
            place = await self._place(org_id, medium.hash)
            await self._store.put(org_id, place or medium.hash, data)
        row = {
            **msgspec.structs.asdict(medium),
            "org_id": org_id,
            "created_at_ms": now_ms,
            "data": data if self._store is None else None,
            "place": place,
        }
        try:
            await self._database.for_org(org_id).write(lambda connection: connection.execute(insert(media).values(row)))
        except IntegrityError:
            # Somebody else has just kept it.
            if self._store is not None and place is not None:
                await self._store.delete(org_id, place)

    async def use(self, org_id: str, name: str) -> bool:
        """Whether it is kept; then it counts as used until somebody finds anew that no test names it."""
        work = partial(use_media, org_id=org_id, names=[name])
        return not await self._database.for_org(org_id).write(work)

    async def find(self, org_id: str, name: str) -> Medium | None:
        """By its hash."""
        query = select(*_KNOWN).where(media.c.org_id == org_id, media.c.hash == name)
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else _medium(row)

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on; none: there is no such file, or it has not these."""
        if size <= 0:
            return b""
        part = select(func.substr(media.c.data, start + 1, size).label("part"), media.c.place).where(
            media.c.org_id == org_id, media.c.hash == name
        )
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(part).first())
        if found is None:
            return b""
        # A file that was kept before there was a store lies in the table still.
        if found.part is not None or self._store is None:
            return bytes(found.part or b"")
        return await self._store.read(org_id, found.place or name, start, size)

    async def total(self, org_id: str) -> int:
        """Bytes of all files of the organisation."""
        query = select(func.coalesce(func.sum(media.c.size), 0)).where(media.c.org_id == org_id)
        found = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        return int(found or 0)

    async def delete_left(self, eraser: Database, org_id: str, now_ms: int) -> None:
        """Deletes bytes in the store whose rows are gone, in the name of a role that may say so. Without a store
        nothing."""
        store = self._store
        if store is None:
            return
        waiting = select(_LEFT.place).where(_LEFT.org_id == org_id, _LEFT.deleted_at_ms.is_(None))
        for place in await eraser.read(lambda connection: connection.execute(waiting).scalars().all()):
            await store.delete(org_id, place)
            this = (_LEFT.org_id == org_id, _LEFT.place == place)
            gone = update(left_media).where(*this).values(deleted_at_ms=now_ms)
            await eraser.write(lambda connection, gone=gone: connection.execute(gone).close())  # type: ignore[misc]

    async def _place(self, org_id: str, name: str) -> str | None:
        """Under which name its bytes are to lie in the store; None: under its hash."""
        query = select(_LEFT.place).where(_LEFT.org_id == org_id, _LEFT.place == name)
        left = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if left is None else f"{name}.{token_hex(8)}"

    async def close(self) -> None:
        """Lets go of what the store holds."""
        if self._store is not None:
            await self._store.close()


_LEFT: Final = left_media.c
_KNOWN: Final = (media.c.hash, media.c.type, media.c.size, media.c.width, media.c.height)


def use_media(connection: Connection, org_id: str, names: Sequence[str]) -> list[str]:
    """Within a transaction: takes the mark of being unused off these files, and returns which of them are not there.
    Nobody deletes one of the others until the transaction ends; and whoever waits for it reads what it has written."""
    these = (media.c.org_id == org_id, media.c.hash.in_(names))
    held = select(media.c.hash).where(*these).order_by(media.c.hash).with_for_update()
    there = set(connection.execute(held).scalars())
    marked = (*these, media.c.unused_since_ms.is_not(None))
    connection.execute(update(media).where(*marked).values(unused_since_ms=None))
    return [name for name in names if name not in there]


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
