"""Tokens that were withdrawn before their end."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from protocol.attempt.model import Actor, Role
from protocol.rules.audit import TokensRevoked
from storage import audit
from storage.database import Database
from storage.schema import revocations

_SINCE: Final = select(revocations).where(revocations.c.revoked_at_ms >= bindparam("since"))
"""Composed once: every node asks every few seconds."""
_OLD: Final = delete(revocations).where(revocations.c.revoked_at_ms < bindparam("before"))


class Revocation(msgspec.Struct, frozen=True):
    """Of one token (`token_id`), or of all that a user was given up to `revoked_at_ms` (`user_id`)."""

    revocation_id: str
    org_id: str
    token_id: str | None
    user_id: str | None
    revoked_at_ms: int
    revoked_by: str
    reason: str


class Revocations:
    """Adds rows, and reads the newer ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, revocation: Revocation, role: Role = Role.SERVICE) -> None:
        """Returns when it is durable, and in the audit log. `role`: of whoever revokes. Raises `StorageUnavailable`."""
        statement = insert(revocations).values(msgspec.structs.asdict(revocation))
        entry = TokensRevoked(revocation.token_id, revocation.user_id, revocation.reason)

        def work(connection: Connection) -> None:
            connection.execute(statement)
            by = Actor(role, revocation.revoked_by)
            audit.append(connection, revocation.org_id, by, entry, revocation.revoked_at_ms)

        await audit.write(self._database.for_org(revocation.org_id), work)

    async def prune(self, before_ms: int) -> None:
        """Deletes all that were made before this instant. On PostgreSQL only the eraser's role may."""
        await self._database.write(lambda connection: connection.execute(_OLD, {"before": before_ms}))

    async def since(self, revoked_at_ms: int) -> Sequence[Revocation]:
        """All from this instant on."""
        rows = await self._database.read(lambda connection: connection.execute(_SINCE, {"since": revoked_at_ms}).all())
        return [Revocation(**row._mapping) for row in rows]
