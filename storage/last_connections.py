"""Which connection each attempt that is sat had last, by its log."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.sql.elements import BindParameter

from protocol.attempt.facts import Body, Connected, Disconnected
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import SITTING
from storage.database import Database
from storage.schema import attempt_log, test_attempts

_these: Final[BindParameter[Sequence[str]]] = bindparam("these", expanding=True)
_log: Final = attempt_log.c
_NEWEST: Final = (
    select(_log.attempt_id, func.max(_log.seq).label("seq"))
    .where(_log.attempt_id.in_(_these), _log.kind.in_([KIND_OF[fact].tag for fact in (Connected, Disconnected)]))
    .group_by(_log.attempt_id)
    .subquery()
)
_LAST: Final = select(_log.attempt_id, _log.seq, _log.body).join(
    _NEWEST, (_NEWEST.c.attempt_id == _log.attempt_id) & (_NEWEST.c.seq == _log.seq)
)
_SITTING: Final = (
    select(test_attempts.c.attempt_id)
    .where(test_attempts.c.status.in_(sorted(SITTING)), test_attempts.c.attempt_id > bindparam("after"))
    .order_by(test_attempts.c.attempt_id)
    .limit(bindparam("most"))
)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_decode: Final = msgspec.msgpack.Decoder(Body).decode


class LastConnection(NamedTuple):
    """`lost_ms`: its last sign of life, where the log has its end. `node` is who held it; nil: it was one over REST.
    `seq` is the number of the record that says so."""

    attempt_id: str
    seq: int
    lost_ms: int | None
    node: str | None


class LastConnections:
    """Reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sitting(self, after: str | None, most: int) -> list[str]:
        """Attempts that are sat, by their ids from the one behind `after` on."""
        values = {"after": after or _NOBODY, "most": most}
        return list(await self._database.read(lambda connection: connection.execute(_SITTING, values).scalars().all()))

    async def of(self, attempt_ids: Sequence[str]) -> list[LastConnection]:
        """Of those of the attempts that somebody has opened and this version can read."""

        def work(connection: Connection) -> list[LastConnection]:
            rows = connection.execute(_LAST, {"these": attempt_ids}).all()
            return [found for row in rows if (found := _read(row.attempt_id, row.seq, row.body)) is not None]

        return await self._database.read(work) if attempt_ids else []


def _read(attempt_id: str, seq: int, body: bytes | None) -> LastConnection | None:
    try:
        fact = None if body is None else _decode(body).fact
    except msgspec.DecodeError:
        # A newer node wrote it, and watches over it; or it is damaged.
        return None
    match fact:
        case Connected(node=node):
            return LastConnection(attempt_id, seq, None, node)
        case Disconnected(last_contact_ms=lost_ms):
            return LastConnection(attempt_id, seq, lost_ms, None)
        case _:
            return None
