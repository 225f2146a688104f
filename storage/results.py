"""The marks of ended attempts."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, select, text

from protocol.rest import Result
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import results

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Result).decode
_NAMES: Final = [column.name for column in results.columns]
_SAVE: Final = text(
    f"INSERT INTO results ({', '.join(_NAMES)}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"  # noqa: S608
    f" ON CONFLICT (attempt_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES[1:])}"
    " WHERE results.seq <= excluded.seq"
).bindparams(*(bindparam(column.name, type_=column.type) for column in results.columns))


class Results:
    """One result per attempt, as of a record of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, result: Result, seq: int, now_ms: int) -> None:
        """Keeps `result`, made from the attempt as of record `seq`, unless a newer one is there."""
        values = {
            "attempt_id": result.attempt_id,
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
        await self._database.write(lambda connection: connection.execute(_SAVE, values))

    async def get(self, attempt_id: str) -> Result | None:
        """The newest result."""
        if not is_attempt_id(attempt_id):
            return None
        query = select(results.c.result).where(results.c.attempt_id == attempt_id)
        text = await self._database.read(lambda connection: connection.execute(query).scalar())
        return None if text is None else _decode(text)
