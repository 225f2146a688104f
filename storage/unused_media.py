"""Files of tests that no version of any test names: found, marked with the instant of that, and deleted after so long.

A version of a test stays for ever, and attempts and archives point to versions: so what no version names nobody needs.
Whoever stores a test locks the rows of the files that it names (`use_media`). Whoever deletes locks them too, and then
asks the tests again: of the two the later one sees what the first one did.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from protocol.attempt.model import Actor
from protocol.media import media_in
from protocol.rules.audit import MediaDropped
from storage.audit import append, write
from storage.database import Database
from storage.media import Media
from storage.schema import left_media, media, tests

_MEDIA: Final = media.c
_TESTS: Final = tests.c
_AT_ONCE: Final = 100
"""Files in one transaction, and tests in one read, so that nobody waits for it."""


class Unused(NamedTuple):
    """How many files no test names, and how many of them have been marked for long enough."""

    total: int
    old: int


class _Named:
    """Files that tests of an organisation name: `versions` are those that were read."""

    def __init__(self) -> None:
        self.versions: set[tuple[str, int]] = set()
        self.files: set[str] = set()

    def learn(self, connection: Connection, org_id: str, most: int | None) -> int:
        """Reads versions that it does not know, at most so many; returns how many there were."""
        there = select(_TESTS.test_id, _TESTS.version).where(_TESTS.org_id == org_id)
        new = sorted({(row.test_id, row.version) for row in connection.execute(there)} - self.versions)[:most]
        for test_id, version in new:
            this = (_TESTS.org_id == org_id, _TESTS.test_id == test_id, _TESTS.version == version)
            content = connection.execute(select(_TESTS.content).where(*this)).scalar_one()
            self.files.update(media_in(content.encode()))
            self.versions.add((test_id, version))
        return len(new)


class UnusedMedia:
    """Of every organisation. A version that was read is not read again: none changes."""

    def __init__(self, database: Database, stored: Media) -> None:
        self._database = database
        self._media = stored
        self._known: dict[str, _Named] = {}

    async def count(self, org_id: str, before_ms: int | None) -> Unused:
        """Now, and of those that were marked before that instant; None: none of them."""
        named = await self._named(org_id)
        query = select(_MEDIA.hash, _MEDIA.unused_since_ms).where(_MEDIA.org_id == org_id)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        unused = [since_ms for name, since_ms in rows if name not in named.files]
        old = 0 if before_ms is None else sum(since_ms is not None and since_ms < before_ms for since_ms in unused)
        return Unused(len(unused), old)

    async def mark(self, org_id: str, now_ms: int) -> None:
        """Marks those that no test names and that have no mark."""
        named = await self._named(org_id)
        bare = (_MEDIA.org_id == org_id, _MEDIA.unused_since_ms.is_(None))
        query = select(_MEDIA.hash).where(*bare)
        own = self._database.for_org(org_id)
        found = await own.read(lambda connection: connection.execute(query).scalars().all())
        unused = [name for name in found if name not in named.files]
        for start in range(0, len(unused), _AT_ONCE):
            these = (*bare, _MEDIA.hash.in_(unused[start : start + _AT_ONCE]))
            await own.write(partial(_mark, these=these, now_ms=now_ms))

    async def drop(self, eraser: Database, org_id: str, by: Actor, before_ms: int, now_ms: int) -> int:
        """Deletes those that were marked before that instant and that no test names, in the name of a role that may;
        returns how many. Raises `NotAllowed`."""
        named = await self._named(org_id)
        seen = dropped = 0

        def work(connection: Connection) -> None:
            nonlocal seen, dropped
            seen, dropped = _drop(connection, org_id, by, named, before_ms, now_ms)

        total = 0
        while True:
            await write(eraser, work)
            total += dropped
            if seen < _AT_ONCE:
                break
        # Also what a run that was killed has left.
        await self._media.delete_left(eraser, org_id, now_ms)
        return total

    async def _named(self, org_id: str) -> _Named:
        named = self._known.setdefault(org_id, _Named())
        own = self._database.for_org(org_id)
        while await own.read(partial(named.learn, org_id=org_id, most=_AT_ONCE)) == _AT_ONCE:
            pass
        return named


def _mark(connection: Connection, these: Iterable[object], now_ms: int) -> None:
    connection.execute(update(media).where(*these).values(unused_since_ms=now_ms))  # type: ignore[arg-type]


def _drop(
    connection: Connection, org_id: str, by: Actor, named: _Named, before_ms: int, now_ms: int
) -> tuple[int, int]:
    """How many marked files it has looked at, and how many it has deleted."""
    marked = (
        select(_MEDIA.hash, _MEDIA.size, _MEDIA.place, _MEDIA.data.is_(None).label("in_store"))
        .where(_MEDIA.org_id == org_id, _MEDIA.unused_since_ms < before_ms)
        .order_by(_MEDIA.hash)
        .limit(_AT_ONCE)
        .with_for_update()
    )
    rows = connection.execute(marked).all()
    if not rows:
        return 0, 0
    # A test that was stored before these rows were locked is there by now.
    named.learn(connection, org_id, None)
    these = (_MEDIA.org_id == org_id, _MEDIA.hash.in_([row.hash for row in rows]))
    unused = [row for row in rows if row.hash not in named.files]
    connection.execute(delete(media).where(*these, _MEDIA.hash.in_([row.hash for row in unused])))
    connection.execute(update(media).where(*these).values(unused_since_ms=None))
    if unused:
        left = [{"org_id": org_id, "place": row.place or row.hash} for row in unused if row.in_store]
        if left:
            connection.execute(insert(left_media), left)
        append(connection, org_id, by, MediaDropped(len(unused), sum(row.size for row in unused)), now_ms)
    return len(rows), len(unused)
