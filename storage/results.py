"""The marks of ended attempts."""

from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from protocol.rest import Result
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import results

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Result).decode


class Results:
    """One result per attempt, as of a record of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, result: Result, seq: int, now_ms: int) -> None:
        """Keeps `result`, made from the attempt as of record `seq`, unless a newer one is there."""
        values = {
            "seq": seq,
            "status": result.status,
            "complete": result.complete,
            "score_mpt": result.score_mpt,
            "max_mpt": result.max_mpt,
            "awaiting_marks": result.awaiting_marks,
            "marks": _encode(result.marks).decode(),
            "result": _encode(result).decode(),
            "saved_at_ms": now_ms,
        }
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = insert(results).values(attempt_id=result.attempt_id, **values)
        statement = statement.on_conflict_do_update(
            index_elements=[results.c.attempt_id], set_=values, where=results.c.seq <= seq
        )
        await self._database.write(lambda connection: connection.execute(statement))

    async def get(self, attempt_id: str) -> Result | None:
        """The newest result."""
        if not is_attempt_id(attempt_id):
            return None
        query = select(results.c.result).where(results.c.attempt_id == attempt_id)
        text = await self._database.read(lambda connection: connection.execute(query).scalar())
        return None if text is None else _decode(text)
