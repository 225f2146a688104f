"""The marks of ended attempts."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from protocol.rest import Result
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import results
from storage.statements import RESULTS, Row, erased_among, key_of

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Result).decode
_ONE: Final = select(results.c.result).where(results.c.attempt_id == bindparam("this"))


class Results:
    """One result per attempt, as of a record of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, marked: Iterable[tuple[Result, int]], now_ms: int) -> None:
        """Keeps each result, made from the attempt as of the record with that number, unless a newer one is there: all
        in one transaction."""
        # Every writer locks rows in this order, so that two of them cannot block each other.
        in_order = sorted(marked, key=lambda one: one[0].attempt_id)

        def work(connection: Connection) -> None:
            dialect = connection.dialect.name
            erased = erased_among(connection, [result.attempt_id for result, _ in in_order])
            rows = [_row(dialect, result, seq, now_ms) for result, seq in in_order if result.attempt_id not in erased]
            RESULTS.run(connection, rows)

        await self._database.write(work)

    async def get(self, attempt_id: str) -> Result | None:
        """The newest result."""
        if not is_attempt_id(attempt_id):
            return None
        text = await self._database.read(lambda connection: connection.execute(_ONE, {"this": attempt_id}).scalar())
        return None if text is None else _decode(text)


def _row(dialect: str, result: Result, seq: int, now_ms: int) -> Row:
    return (
        key_of(dialect, result.attempt_id),
        seq,
        result.status,
        result.complete,
        result.score_mpt,
        result.max_mpt,
        result.awaiting_marks,
        _encode(result.marks).decode(),
        _encode(result).decode(),
        now_ms,
    )
