"""Numbers the changes of an organisation's people: by the newest number a node sees whether it knows of all."""

from collections.abc import Callable, Iterable
from typing import Final, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, select, text

from storage.audit import Note, append
from storage.database import Database
from storage.schema import people_revisions

T = TypeVar("T")

_COUNT: Final = text(
    "INSERT INTO people_revisions (org_id, revision) VALUES (:org, 1)"
    " ON CONFLICT (org_id) DO UPDATE SET revision = people_revisions.revision + 1 RETURNING revision"
)


class Changed(NamedTuple, Generic[T]):
    """The number of a change, and what it came to."""

    revision: int
    done: T


def count_change(connection: Connection, org_id: str) -> int:
    """The number of the change that this transaction makes. Called before the first change: whoever changes the same
    organisation's people waits here."""
    return int(connection.execute(_COUNT, {"org": org_id}).scalar_one())


async def change(
    database: Database, org_id: str, work: Callable[[Connection], T], note: Note | None = None
) -> Changed[T]:
    """What `work` returns, which changes people of the organisation, in one numbered transaction. `note` goes
    into the audit log, unless `work` says that there was nothing to do (False)."""

    def counted(connection: Connection) -> Changed[T]:
        revision = count_change(connection, org_id)
        done = work(connection)
        if note is not None and done is not False:
            append(connection, org_id, *note)
        return Changed(revision, done)

    return await database.for_org(org_id).write(counted)


class PeopleRevisions:
    """Reads the newest numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, org_ids: Iterable[str]) -> dict[str, int]:
        """Organisation → the number of its newest change; one without a change is left out."""
        table = people_revisions.c
        query = select(table.org_id, table.revision).where(table.org_id.in_(list(org_ids)))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.org_id: row.revision for row in rows}
