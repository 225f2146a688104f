"""The attempts that somebody has had at a test, as rules of admission look at them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from protocol.attempt.model import Status
from protocol.rules.admission import Earlier
from storage.projection import does_count
from storage.statements import RowStatement, id_of


class Person(NamedTuple):
    """Somebody at a test."""

    org_id: str
    test_id: str
    user_id: str


EARLIER: Final = RowStatement(
    (("org_id", "text"), ("test_id", "text"), ("user_id", "text")),
    "SELECT org_id, test_id, user_id, attempt_id, attempt_number, status, start_time, submit_time, session_data"
    " FROM test_attempts WHERE org_id = ? AND test_id = ? AND user_id = ?",
    "SELECT a.org_id, a.test_id, a.user_id, a.attempt_id::text, a.attempt_number, a.status, a.start_time,"
    " a.submit_time, a.session_data::text FROM {rows} JOIN test_attempts AS a USING (test_id, user_id, org_id)",
)
"""All attempts of these persons."""


def by_person(rows: Iterable[Sequence[Any]]) -> dict[Person, list[Earlier]]:
    """What `EARLIER` has found, each person's attempts by number."""
    found: dict[Person, list[Earlier]] = {}
    for org_id, test_id, user_id, attempt_id, number, status, started_ms, ended_ms, data in rows:
        counts = does_count(Status(status), data)
        one = Earlier(id_of(attempt_id), number, Status(status), started_ms, ended_ms, counts)
        found.setdefault(Person(org_id, test_id, user_id), []).append(one)
    for attempts in found.values():
        attempts.sort(key=lambda one: one.number)
    return found


def other_than(attempt_id: str, attempts: Iterable[Earlier]) -> tuple[Earlier, ...]:
    """All but this one."""
    return tuple(one for one in attempts if one.attempt_id != attempt_id)
