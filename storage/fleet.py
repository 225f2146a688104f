"""Which version the fleet speaks: the greatest that every living node speaks. It rises by itself, and never falls."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text

from protocol import limits
from storage.database import Database
from storage.errors import StorageError
from storage.schema import fleet, nodes

_VERSION: Final = select(fleet.c.version)
_LIVING: Final = select(func.min(nodes.c.speaks), func.max(nodes.c.speaks)).where(
    nodes.c.left_ms.is_(None), nodes.c.seen_ms >= bindparam("since")
)
# Locks the row: a node that joins, and one that lets the version rise, must not pass each other.
_LOCK: Final = text("UPDATE fleet SET version = version WHERE id = 1")
_RISE: Final = text("UPDATE fleet SET version = :version WHERE id = 1 AND version < :version")
_BEAT: Final = text(
    "INSERT INTO nodes (name, since_ms, seen_ms, speaks) VALUES (:name, :now_ms, :now_ms, :speaks)"
    " ON CONFLICT (name) DO UPDATE SET seen_ms = :now_ms"
)
_LEFT: Final = text("UPDATE nodes SET left_ms = :now_ms WHERE name = :name")


class Outdated(StorageError):
    """The fleet speaks a version that this node does not."""

    def __init__(self, version: int, speaks: int) -> None:
        super().__init__(
            f"the servers on this database speak version {version}, and this one knows versions up to {speaks}:"
            " install their release"
        )


class Member(NamedTuple):
    """A node, and the version that it speaks. `alone`: it is the only one, so that others are of earlier runs."""

    name: str
    speaks: int
    alone: bool


class Spoken(NamedTuple):
    """`by_all`: what every node speaks; `newest`: the most that one of them does."""

    by_all: int
    newest: int


class FleetTable:
    """The version in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """What the fleet speaks."""
        return await self._database.read(_version)

    async def join(self, member: Member) -> Spoken:
        """The node's first sign of life. Returns what is spoken from now on. Raises `Outdated`."""
        now_ms = await self._database.now_ms()

        def work(connection: Connection) -> Spoken:
            connection.execute(_LOCK)
            _check(_version(connection), member)
            _beat(connection, member, now_ms)
            return Spoken(_rise(connection, member, now_ms), _spoken(connection, member, now_ms).newest)

        return await self._database.write(work)

    async def beat(self, member: Member) -> Spoken:
        """A sign of life. Returns what is spoken. Raises `Outdated`, if this node was taken for dead and the
        others have gone on."""
        now_ms = await self._database.now_ms()
        await self._database.write(lambda connection: _beat(connection, member, now_ms))
        version, living = await self._database.read(
            lambda connection: (_version(connection), _spoken(connection, member, now_ms))
        )
        if living.by_all > version:
            version = await self._database.write(lambda connection: _rise_locked(connection, member, now_ms))
        _check(version, member)
        return Spoken(version, living.newest)

    async def leave(self, name: str) -> None:
        """The node has stopped in order: nobody waits for it."""
        values = {"name": name, "now_ms": await self._database.now_ms()}
        await self._database.write(lambda connection: connection.execute(_LEFT, values))


def _version(connection: Connection) -> int:
    version: int = connection.execute(_VERSION).scalar_one()
    return version


def _spoken(connection: Connection, member: Member, now_ms: int) -> Spoken:
    """What the living nodes speak, whatever the table says."""
    if member.alone:
        return Spoken(member.speaks, member.speaks)
    living = connection.execute(_LIVING, {"since": now_ms - limits.HOLDER_GONE_MS}).one()
    return Spoken(*living) if living[0] is not None else Spoken(member.speaks, member.speaks)


def _beat(connection: Connection, member: Member, now_ms: int) -> None:
    connection.execute(_BEAT, {"name": member.name, "speaks": member.speaks, "now_ms": now_ms})


def _rise(connection: Connection, member: Member, now_ms: int) -> int:
    connection.execute(_RISE, {"version": _spoken(connection, member, now_ms).by_all})
    return _version(connection)


def _rise_locked(connection: Connection, member: Member, now_ms: int) -> int:
    connection.execute(_LOCK)
    return _rise(connection, member, now_ms)


def _check(version: int, member: Member) -> None:
    if version > member.speaks:
        raise Outdated(version, member.speaks)
