"""Who chose to stand on the leaderboard of a test."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.names import alike
from storage import audit
from storage.audit import Note
from storage.database import Database
from storage.schema import leaderboard

_table: Final = leaderboard.c


class Stand(NamedTuple):
    """One candidate there."""

    user_id: str
    number: int
    pseudonym: str | None


_SHOWN: Final = tuple(_table[name] for name in Stand._fields)


class Leaderboards:
    """A row for everybody who stands there, for each test."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_test(self, org_id: str, test_id: str) -> list[Stand]:
        """All who stand there, by number."""
        query = select(*_SHOWN).where(_table.org_id == org_id, _table.test_id == test_id).order_by(_table.number)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [Stand._make(row) for row in rows]

    async def of_candidate(self, org_id: str, test_id: str, user_id: str) -> Stand | None:
        """How she stands there; None: she does not."""
        return await self._database.for_org(org_id).read(lambda connection: _find(connection, org_id, test_id, user_id))

    async def put(
        self, org_id: str, test_id: str, user_id: str, pseudonym: str | None, now_ms: int, note: Note | None
    ) -> Stand:
        """Puts her there, or gives her another pseudonym. Raises `Refused(taken)` where somebody else has it, and
        `Refused(erased)`."""
        of_test = (_table.org_id == org_id, _table.test_id == test_id)
        folded = None if pseudonym is None else alike(pseudonym)
        found: list[Stand] = []

        def work(connection: Connection) -> None:
            # Whoever erases her has locked her attempts, or comes after this.
            audit.refuse_gone(connection, org_id, user_id)
            of_others = select(_table.user_id).where(*of_test, _table.folded == folded, _table.user_id != user_id)
            if folded is not None and connection.execute(of_others).first() is not None:
                raise Refused(refuse(Code.TAKEN))
            stand = _find(connection, org_id, test_id, user_id)
            said = {"pseudonym": pseudonym, "folded": folded}
            if stand is None:
                last = connection.execute(select(func.max(_table.number)).where(*of_test)).scalar() or 0
                row = {"org_id": org_id, "test_id": test_id, "user_id": user_id, "since_ms": now_ms}
                connection.execute(insert(leaderboard).values(**row, **said, number=last + 1))
                stand = Stand(user_id, last + 1, pseudonym)
            else:
                connection.execute(update(leaderboard).where(*of_test, _table.user_id == user_id).values(said))
            found[:] = [stand._replace(pseudonym=pseudonym)]
            if note is not None:
                audit.append(connection, org_id, note.by, note.entry, note.at_ms)

        await audit.write(self._database.for_org(org_id), work)
        return found[0]

    async def remove(self, org_id: str, test_id: str, user_id: str, note: Note | None) -> None:
        """Takes her off it."""
        hers = (_table.org_id == org_id, _table.test_id == test_id, _table.user_id == user_id)

        def work(connection: Connection) -> None:
            gone = connection.execute(delete(leaderboard).where(*hers)).rowcount
            if gone and note is not None:
                audit.append(connection, org_id, note.by, note.entry, note.at_ms)

        await audit.write(self._database.for_org(org_id), work)


def forget(connection: Connection, org_id: str, user_id: str) -> int:
    """Takes somebody off every leaderboard; returns off how many."""
    return connection.execute(delete(leaderboard).where(_table.org_id == org_id, _table.user_id == user_id)).rowcount


def _find(connection: Connection, org_id: str, test_id: str, user_id: str) -> Stand | None:
    query = select(*_SHOWN).where(_table.org_id == org_id, _table.test_id == test_id, _table.user_id == user_id)
    row = connection.execute(query).first()
    return None if row is None else Stand._make(row)
