"""Signs of life, in the database's own time: of nodes, and of candidates who call over REST, perhaps on any node."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, select, text

from protocol import limits
from protocol.rules.incidents import Life
from protocol.rules.lost_connections import Sign, is_gone
from storage.database import Database
from storage.schema import nodes, rest_contacts
from storage.statements import REST_CONTACTS

_KEPT_MS: Final = 24 * 3600 * 1000
_CONTACT: Final = text(
    "INSERT INTO rest_contacts (connection_id, seen_ms) VALUES (:connection_id, :seen_ms)"
    " ON CONFLICT (connection_id) DO UPDATE SET seen_ms = excluded.seen_ms"
    " WHERE excluded.seen_ms > rest_contacts.seen_ms"
)
_OLD_NODES: Final = delete(nodes).where(nodes.c.seen_ms < bindparam("before"))
_OLD_CONTACTS: Final = delete(rest_contacts).where(rest_contacts.c.seen_ms < bindparam("before"))
_SEEN: Final = select(nodes.c.seen_ms).where(nodes.c.name == bindparam("name"))
_LIVING: Final = select(nodes.c.name).where(nodes.c.left_ms.is_(None), nodes.c.seen_ms >= bindparam("since"))
_FORMER: Final = select(func.max(nodes.c.seen_ms)).where(
    nodes.c.name != bindparam("name"), nodes.c.since_ms <= bindparam("at_ms")
)


class Nodes:
    """Signs of life; `storage.fleet` writes those of nodes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self) -> None:
        """Deletes what is a day old. That looks through a table, so it is not done with every beat."""
        old = {"before": await self._database.now_ms() - _KEPT_MS}
        await self._database.write(
            lambda connection: (connection.execute(_OLD_NODES, old), connection.execute(_OLD_CONTACTS, old))
        )

    async def sign_of(self, name: str) -> Sign:
        """The last sign of life of that node."""
        return await self._sign(await self._database.read(lambda it: it.execute(_SEEN, {"name": name}).scalar()))

    async def former_sign(self, name: str, at_ms: int) -> Sign:
        """The newest sign of life of the nodes that were there at `at_ms` beside `name`; of none if there were none."""
        values = {"name": name, "at_ms": at_ms}
        return await self._sign(await self._database.read(lambda it: it.execute(_FORMER, values).scalar()))

    async def _sign(self, seen_ms: int | None) -> Sign:
        return Sign(seen_ms, seen_ms is None or is_gone(seen_ms, await self._database.now_ms()))

    async def living(self) -> frozenset[str]:
        """The nodes that have not left and have given a sign of life within `HOLDER_GONE_MS`."""
        values = {"since": await self._database.now_ms() - limits.HOLDER_GONE_MS}
        return frozenset(
            await self._database.read(lambda connection: connection.execute(_LIVING, values).scalars().all())
        )

    async def lives(self) -> list[Life]:
        """When each node of the last day was there."""
        since_ms = await self._database.now_ms() - limits.HOLDER_GONE_MS
        table = nodes.c
        query = select(table.name, table.since_ms, table.seen_ms, table.left_ms)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            Life(
                row.name,
                row.since_ms,
                row.left_ms if row.left_ms is not None else None if row.seen_ms >= since_ms else row.seen_ms,
                died=row.left_ms is None and row.seen_ms < since_ms,
            )
            for row in rows
        ]

    async def keep_contacts(self, contacts: Mapping[str, int]) -> None:
        """Connections over REST, and when this node has last heard of each."""
        rows = [{"connection_id": name, "seen_ms": seen_ms} for name, seen_ms in sorted(contacts.items())]
        await self._database.write(lambda connection: connection.execute(_CONTACT, rows))

    async def contacts(self, connection_ids: Sequence[str]) -> dict[str, int]:
        """When any node has last heard of each."""
        keys = [(name,) for name in connection_ids]
        return dict(await self._database.read(lambda connection: REST_CONTACTS.find(connection, keys)))
