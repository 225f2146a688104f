"""The table `answers`: the last answer to each question, for those who read SQL and not logs.

It follows the snapshots. Client numbers only grow, so the answers that changed since a snapshot have greater numbers
than its last one. An answer that was taken back is found by counting.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from protocol.attempt.model import Attempt
from protocol.messages.base import Value
from protocol.messages.state import SavedAnswer
from storage.columns import is_attempt_id
from storage.database import Database
from storage.schema import answers
from storage.statements import ANSWERS, ANSWERS_KEPT, ANSWERS_TAKEN_BACK, id_of, key_of

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Value).decode

# Composed once: see `storage.attempts`.
_QUESTIONS: Final = select(answers.c.question_id).where(answers.c.attempt_id == bindparam("this"))


class Answers:
    """Reads the table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, attempt_id: str) -> list[SavedAnswer]:
        """The answers of one attempt as of its snapshot, by question."""
        if not is_attempt_id(attempt_id):
            return []
        return await self._database.read(lambda connection: answers_of(connection, attempt_id))


def answers_of(connection: Connection, attempt_id: str) -> list[SavedAnswer]:
    """The answers of one attempt as of its snapshot, by question."""
    query = select(answers).where(answers.c.attempt_id == attempt_id).order_by(answers.c.question_id)
    rows = connection.execute(query).all()
    return [SavedAnswer(row.question_id, _decode(row.value), row.n, row.answered_at_ms) for row in rows]


def bring_up(connection: Connection, attempts: Sequence[tuple[Attempt, int]]) -> dict[str, list[str]]:
    """Brings the rows of each attempt to its state, from a snapshot whose last client number is given with it. Returns
    attempt → the questions whose answers were taken back, where there are some."""
    dialect = connection.dialect.name
    rows = [
        (key_of(dialect, attempt.identity.attempt_id), question_id, _encode(saved.value).decode(), saved.n, saved.at_ms)
        for attempt, last_n in attempts
        for question_id, saved in attempt.answers.items()
        if saved.n > last_n
    ]
    ANSWERS.run(connection, rows)
    keys = [(key_of(dialect, attempt.identity.attempt_id),) for attempt, _ in attempts]
    kept = {id_of(key): count for key, count in ANSWERS_KEPT.find(connection, keys)}
    return {
        attempt.identity.attempt_id: _take_back(connection, attempt)
        for attempt, _ in attempts
        if kept.get(attempt.identity.attempt_id, 0) != len(attempt.answers)
    }


def _take_back(connection: Connection, attempt: Attempt) -> list[str]:
    attempt_id = attempt.identity.attempt_id
    kept = connection.execute(_QUESTIONS, {"this": attempt_id}).scalars()
    key = key_of(connection.dialect.name, attempt_id)
    gone = [question_id for question_id in kept if question_id not in attempt.answers]
    ANSWERS_TAKEN_BACK.run(connection, [(key, question_id) for question_id in gone])
    return gone
