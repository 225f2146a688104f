"""Counts changes of an organisation's people: nodes look at the count to learn that something has changed."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from sqlalchemy import Connection, select, text

from storage.audit import Note, append
from storage.database import Database
from storage.schema import people_revisions

T = TypeVar("T")

_COUNT: Final = text(
    "INSERT INTO people_revisions (org_id, revision) VALUES (:org, 1)"
    " ON CONFLICT (org_id) DO UPDATE SET revision = people_revisions.revision + 1"
)


def count_change(connection: Connection, org_id: str) -> None:
    """Before the first change of a transaction: whoever changes the same organisation's people waits here."""
    connection.execute(_COUNT, {"org": org_id})


async def change(database: Database, org_id: str, work: Callable[[Connection], T], note: Note | None = None) -> T:
    """What `work` returns, which changes people of the organisation, in one transaction that is counted. `note` goes
    into the audit log, unless `work` says that there was nothing to do (False)."""

    def counted(connection: Connection) -> T:
        count_change(connection, org_id)
        done = work(connection)
        if note is not None and done is not False:
            append(connection, org_id, *note)
        return done

    return await database.for_org(org_id).write(counted)


class PeopleRevisions:
    """Reads the counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, org_ids: Iterable[str]) -> dict[str, int]:
        """Organisation → its count; one without a change is left out."""
        table = people_revisions.c
        query = select(table.org_id, table.revision).where(table.org_id.in_(list(org_ids)))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.org_id: row.revision for row in rows}
