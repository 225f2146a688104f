"""Until when a test is sat: by those who sit it, and by those whose own window is still open."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, func, literal_column, select

from protocol import limits
from protocol.override import Override
from storage.database import Database
from storage.people import USER
from storage.schema import group_members, overrides, test_attempts

_AT_ONCE: Final = 500
_decode: Final = msgspec.json.Decoder(Override).decode
_attempt: Final = test_attempts.c
# In so many words: else `ix_test_attempts_open` can't be used.
_SITTING: Final = _attempt.status.in_([literal_column("'in_progress'"), literal_column("'paused'")])
_NOT_BEGUN: Final = _attempt.status == literal_column("'initiated'")


async def sat_until_ms(database: Database, org_id: str, test_id: str, now_ms: int) -> int | None:
    """The latest instant at which somebody may still sit the test, once its own window is over: the deadlines of those
    who sit it, as the last snapshots have them, and the ends of windows of their own of those who have not begun. 0
    where none of them has an end; None where nobody is left. Whoever has no attempt and a window that never closes is
    not waited for. Raises `StorageUnavailable`."""
    work = partial(_until_ms, org_id=org_id, test_id=test_id, now_ms=now_ms)
    return await database.for_org(org_id).read(work)


def _until_ms(connection: Connection, org_id: str, test_id: str, now_ms: int) -> int | None:
    at = and_(_attempt.org_id == org_id, _attempt.test_id == test_id)
    sitting = connection.execute(select(func.count(), func.max(_attempt.expires_at)).where(at, _SITTING)).one()
    # Before the start only a window of the candidate's own is known here.
    later = _attempt.wake_at_ms > now_ms
    coming = connection.execute(select(func.count(), func.max(_attempt.wake_at_ms)).where(at, _NOT_BEGUN, later)).one()
    ends = [latest_ms for number, latest_ms in (sitting, coming) if number]
    ends += _granted_ends(connection, org_id, test_id, now_ms)
    if not ends:
        return None
    return max((end_ms for end_ms in ends if end_ms is not None and end_ms < limits.MAX_INT), default=0)


def _granted_ends(connection: Connection, org_id: str, test_id: str, now_ms: int) -> Iterator[int]:
    """The ends of windows that were granted at the test to somebody who has no attempt at it."""
    table = overrides.c
    granted = select(table.who_kind, table.who_id, table.override).where(
        table.org_id == org_id, table.test_id == test_id
    )
    users: dict[str, int] = {}
    for who_kind, who_id, text in connection.execute(granted).all():
        closes_ms = _decode(text).closes_at_ms
        if closes_ms is None or closes_ms <= now_ms:
            continue
        if who_kind == USER:
            users[who_id] = closes_ms
        elif _has_newcomer(connection, org_id, test_id, who_id):
            yield closes_ms
    named = list(users)
    for begin in range(0, len(named), _AT_ONCE):
        page = named[begin : begin + _AT_ONCE]
        had = select(_attempt.user_id).where(
            _attempt.org_id == org_id, _attempt.test_id == test_id, _attempt.user_id.in_(page)
        )
        for user_id in set(page).difference(connection.execute(had).scalars()):
            yield users[user_id]


def _has_newcomer(connection: Connection, org_id: str, test_id: str, group_id: str) -> bool:
    """Whether somebody of the group has no attempt at the test."""
    member = group_members.c
    hers = and_(_attempt.org_id == member.org_id, _attempt.test_id == test_id, _attempt.user_id == member.user_id)
    without = (
        select(member.user_id)
        .outerjoin(test_attempts, hers)
        .where(member.org_id == org_id, member.group_id == group_id, _attempt.attempt_id.is_(None))
        .limit(1)
    )
    return connection.execute(without).first() is not None
