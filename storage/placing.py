"""Attempts are in the branch of their candidate: whoever moves to another one takes hers along, the old ones too."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select, update

from storage.schema import test_attempts

_AT_ONCE: Final = 500


def place(connection: Connection, org_id: str, branches: Mapping[str, str]) -> None:
    """The attempts of each user are in that branch from now on."""
    table = test_attempts.c
    users = list(branches)
    moved: dict[str, list[str]] = {}
    for begin in range(0, len(users), _AT_ONCE):
        theirs = select(table.attempt_id, table.user_id, table.branch_id).where(
            table.org_id == org_id, table.user_id.in_(users[begin : begin + _AT_ONCE])
        )
        for attempt_id, user_id, branch_id in connection.execute(theirs):
            if branch_id != branches[user_id]:
                moved.setdefault(branches[user_id], []).append(attempt_id)
    # Every writer locks rows in this order, so that two of them cannot block each other.
    ids = sorted(attempt_id for attempts in moved.values() for attempt_id in attempts)
    for begin in range(0, len(ids), _AT_ONCE):
        page = table.attempt_id.in_(ids[begin : begin + _AT_ONCE])
        connection.execute(select(table.attempt_id).where(page).order_by(table.attempt_id).with_for_update())
    for branch_id, attempts in moved.items():
        for begin in range(0, len(attempts), _AT_ONCE):
            page = table.attempt_id.in_(attempts[begin : begin + _AT_ONCE])
            connection.execute(update(test_attempts).where(page).values(branch_id=branch_id))
