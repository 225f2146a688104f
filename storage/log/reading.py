"""Reading the log of one attempt, with the key under which its bodies are digested."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, select
from sqlalchemy.sql.elements import BindParameter

from protocol.attempt.chain import BrokenChain, Line, open_log
from protocol.attempt.facts import Archived, Record, tag_of
from storage.archives.faults import ArchivedLog
from storage.schema import attempt_keys, attempt_log

_ARCHIVED: Final = tag_of(Archived(""))
_this: Final[BindParameter[str]] = bindparam("this")

LINE: Final[Sequence[ColumnElement[object]]] = [attempt_log.c[name] for name in Line._fields]
"""The columns of a record, in the order of a `Line`."""

# Composed once: see `storage.attempts`. The key comes along in the same round trip.
_TAIL: Final = (
    select(select(attempt_keys.c.key).where(attempt_keys.c.attempt_id == _this).scalar_subquery(), *LINE)
    .where(attempt_log.c.attempt_id == _this, attempt_log.c.seq >= bindparam("first"))
    .order_by(attempt_log.c.seq)
)
_STRETCH: Final = _TAIL.limit(bindparam("most"))


class Kept(NamedTuple):
    """Records as they are stored, not checked. `key` is None where it is gone."""

    key: bytes | None
    lines: list[Line]

    def opened(self, attempt_id: str, after: int = 0, head: bytes | None = None) -> list[Record]:
        """See `open_log`. Raises `ArchivedLog` where the records before the first one are in an archive."""
        if not self.lines:
            return []
        self.check_here(attempt_id, after + 1)
        if self.key is None:
            raise BrokenChain(attempt_id, after + 1, "the attempt's key is gone")
        return open_log(attempt_id, self.key, self.lines, after, head)

    def check_here(self, attempt_id: str, first: int) -> None:
        """Raises `ArchivedLog` where record `first` is in an archive, with those up to the one that says so."""
        if self.lines and self.lines[0].seq > first and self.lines[0].kind == _ARCHIVED:
            raise ArchivedLog(attempt_id)

    def after_first(self, attempt_id: str) -> list[Record]:
        """The records after the first line, verified against its hash."""
        if not self.lines:
            return []
        first = self.lines[0]
        return Kept(self.key, self.lines[1:]).opened(attempt_id, first.seq, first.hash)


def read_lines(connection: Connection, attempt_id: str, first: int = 0, most: int = -1) -> Kept:
    """The log from record `first` on; `most` records of it, or all."""
    parameters = {"this": attempt_id, "first": first}
    if most < 0:
        rows = connection.execute(_TAIL, parameters).all()
    else:
        rows = connection.execute(_STRETCH, parameters | {"most": most}).all()
    return Kept(rows[0][0] if rows else None, [Line(*row[1:]) for row in rows])
