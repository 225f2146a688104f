"""Finding operations in a log by their client number.

No column holds that number. Numbers rise with the records, so a search by halves finds one with about a dozen looks by
primary key, and nothing has to be written for it.
"""

from collections.abc import Collection
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from protocol import limits
from protocol.attempt.facts import Body, Fact
from protocol.attempt.kinds import KINDS
from protocol.marks import mark
from storage.log.reading import read_lines
from storage.schema import attempt_log

_STRETCH: Final = 2 * limits.SEND_WINDOW
"""Records read from the first one that was found: whoever sends old operations again sends many, mostly in a row."""

# Composed once: see `storage.attempts`.
_NEXT: Final = (
    select(attempt_log.c.seq, attempt_log.c.body)
    .where(
        attempt_log.c.attempt_id == bindparam("this"),
        attempt_log.c.seq >= bindparam("first"),
        attempt_log.c.kind.in_([kind.tag for kind in KINDS if kind.numbered]),
    )
    .order_by(attempt_log.c.seq)
    .limit(bindparam("most"))
)
_decode: Final = msgspec.msgpack.Decoder(Body).decode


def find_operations(
    connection: Connection, attempt_id: str, numbers: Collection[int], newest: int
) -> dict[int, Fact | None]:
    """Some of `numbers`, the smallest among them, with what the log has under each up to record `newest`; None: that
    number was skipped. Raises `BrokenChain` and `ErasedLog`."""
    mark("log search: by halves")
    wanted = sorted(numbers)
    first = _first_from(connection, attempt_id, wanted[0], newest)
    kept = read_lines(connection, attempt_id, first - 1, _STRETCH)
    records = kept.after_first(attempt_id)
    found = {_number_of(record.entry.fact): record.entry.fact for record in records}
    known_to = max((n for n in found if n is not None), default=limits.MAX_INT)
    return {n: found.get(n) for n in wanted if n <= known_to or n == wanted[0]}


def _first_from(connection: Connection, attempt_id: str, n: int, newest: int) -> int:
    """The first record that is not before operation `n`."""
    low, high = 2, newest + 1
    while low < high:
        middle = (low + high) // 2
        at, number = _next_numbered(connection, attempt_id, middle)
        if at is None or at >= high or number >= n:
            high = middle
        else:
            low = at + 1
    return low


def _next_numbered(connection: Connection, attempt_id: str, first: int) -> tuple[int | None, int]:
    """The position and the number of the first operation from record `first` on. A start or a submission may have come
    without a number, so some records may have to be looked at."""
    most = 1
    while True:
        rows = connection.execute(_NEXT, {"this": attempt_id, "first": first, "most": most}).all()
        for seq, body in rows:
            number = None if body is None else _number_of(_decode(body).fact)
            if number is not None:
                return seq, number
        if len(rows) < most:
            return None, 0
        first, most = rows[-1].seq + 1, 32


def _number_of(fact: object) -> int | None:
    number: int | None = getattr(fact, "n", None)
    return number
