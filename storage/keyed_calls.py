"""Calls that came with an idempotency key: each is claimed before it is carried out, and its answer is kept.

A claim whose call was never finished is not given to anybody else: nobody knows what became of it.
"""

from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, case, delete, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from storage.database import Database
from storage.schema import keyed_calls
from storage.sealed import Sealer

KEPT_MS: Final = 24 * 3600 * 1000
"""How long a key stands for its call. Whoever repeats a call whose answer was lost does so within minutes."""
UNDER_WAY_MS: Final = 60_000
"""A call takes less: it waits for the database for 12 s at most, before and while it is carried out."""


class State(StrEnum):
    """What became of a call."""

    RUNNING = "running"
    DONE = "done"
    UNKNOWN = "unknown"


class Kept(NamedTuple):
    """An earlier call. `request` stands for what was asked. `answer` is nil where it is not kept."""

    request: str
    state: State
    status: int | None
    answer: str | None


_MINE: Final = text(
    "INSERT INTO keyed_calls (org_id, key, request, state, claimed_at_ms)"
    " VALUES (:org_id, :key, :request, 'running', :now) ON CONFLICT (org_id, key) DO UPDATE SET"
    " request = excluded.request, state = excluded.state, claimed_at_ms = excluded.claimed_at_ms, status = NULL,"
    " answer = NULL WHERE keyed_calls.claimed_at_ms < :old"
)
_FOUND: Final = select(
    *(keyed_calls.c[name] for name in ("request", "state", "claimed_at_ms", "status", "answer"))
).where(keyed_calls.c.org_id == bindparam("org"), keyed_calls.c.key == bindparam("name"))


class KeyedCalls:
    """Claims, answers, and what is forgotten."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def claim(self, org_id: str, key: str, request: str, now_ms: int) -> Kept | None:
        """Claims the key for this call, durably; or says which call had it before."""
        row = await self._database.for_org(org_id).write(
            partial(_claim, org_id=org_id, key=key, request=request, now_ms=now_ms)
        )
        if row is None:
            return None
        state = State(row.state)
        # The clock of the node that claimed it may be somewhat ahead.
        if state is State.RUNNING and abs(now_ms - row.claimed_at_ms) >= UNDER_WAY_MS:
            state = State.UNKNOWN
        return Kept(row.request, state, row.status, None if row.answer is None else self._sealer.open(row.answer))

    async def finish(self, org_id: str, key: str, status: int, answer: str | None) -> None:
        """Keeps the answer; None: it is too long."""
        sealed = None if answer is None else self._sealer.close(answer)
        values = {"state": State.DONE.value, "status": status, "answer": sealed}
        done = update(keyed_calls).where(*_running(org_id, key)).values(values)
        await self._database.for_org(org_id).write(lambda connection: connection.execute(done).close())

    async def leave_open(self, org_id: str, key: str) -> None:
        """Nobody knows whether the call was carried out."""
        done = update(keyed_calls).where(*_running(org_id, key)).values(state=State.UNKNOWN.value)
        await self._database.for_org(org_id).write(lambda connection: connection.execute(done).close())

    async def release(self, org_id: str, key: str) -> None:
        """The call was refused, and changed nothing: it may come again."""
        done = delete(keyed_calls).where(*_running(org_id, key))
        await self._database.for_org(org_id).write(lambda connection: connection.execute(done).close())

    async def prune(self, now_ms: int) -> None:
        """Deletes what is older than `KEPT_MS`."""
        old = delete(keyed_calls).where(keyed_calls.c.claimed_at_ms < now_ms - KEPT_MS)
        await self._database.write(lambda connection: connection.execute(old).close())


def forget_answers(connection: Connection, org_id: str) -> None:
    """Within a transaction: of all calls of the organisation the answers go; those of calls that are under way, too."""
    table = keyed_calls.c
    state = case((table.state == State.RUNNING.value, State.UNKNOWN.value), else_=table.state)
    connection.execute(update(keyed_calls).where(table.org_id == org_id).values(answer=None, state=state))


def _claim(connection: Connection, *, org_id: str, key: str, request: str, now_ms: int) -> Row[tuple[object]] | None:
    values = {"org_id": org_id, "key": key, "request": request, "now": now_ms, "old": now_ms - KEPT_MS}
    if connection.execute(_MINE, values).rowcount > 0:
        return None
    return connection.execute(_FOUND, {"org": org_id, "name": key}).one()


def _running(org_id: str, key: str) -> tuple[ColumnElement[bool], ...]:
    table = keyed_calls.c
    return table.org_id == org_id, table.key == key, table.state == State.RUNNING.value
