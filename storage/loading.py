"""Many attempts read at once: the owner of each, its snapshot, and its log from there on. A whole room comes at the
same instant, and a query costs several times as much as what it finds of one attempt."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from protocol.attempt.chain import Line
from protocol.attempt.model import Attempt
from storage.columns import is_attempt_id
from storage.log.reading import Kept
from storage.snapshots import SHAPE, decode_state
from storage.statements import RowStatement, id_of, key_of

_MOST_LINES: Final = 100
"""An attempt with more records since its snapshot is read alone, so that nobody waits for it."""
_MOST_BYTES: Final = 128 * 1024
"""So is one with more bytes in them: a hundred of the longest answers are six megabytes."""
_LINE_BYTES: Final = 256
"""What a record counts for beside its body."""


class KnownAttempt(msgspec.Struct, frozen=True):
    """The owner of an attempt and its test: enough to decide who may see it."""

    attempt_id: str
    org_id: str
    branch_id: str | None
    test_id: str
    form_id: str | None
    user_id: str
    attempt_number: int
    display_name: str
    erased_at_ms: int | None
    archived_at_ms: int | None = None


class Found(NamedTuple):
    """An attempt as it is stored, not checked. `kept` is the log from the snapshot's own record on, or the whole log;
    None: too much of it to be read with others, or the snapshot is of no use here."""

    card: KnownAttempt
    snapshot: bytes | None
    kept: Kept | None

    def state(self) -> Attempt | None:
        """The snapshot. Raises `msgspec.DecodeError`."""
        return None if self.snapshot is None else decode_state(self.snapshot)


_OWNER: Final = ", ".join(f"t.{name}" for name in KnownAttempt.__struct_fields__[1:])
_CARDS: Final = RowStatement(
    (("attempt_id", "uuid"),),
    f"SELECT t.attempt_id, {_OWNER}, t.seq, s.seq, s.shape, s.state FROM test_attempts AS t"  # noqa: S608 -- constants
    " LEFT JOIN snapshots AS s ON s.attempt_id = t.attempt_id WHERE t.attempt_id = ?1",
    # One step in each index for each attempt, whatever the planner thinks of the tables.
    f"SELECT p.attempt_id::text, {_OWNER}, t.seq, s.seq, s.shape, s.state FROM {{rows}}"  # noqa: S608
    " CROSS JOIN LATERAL (SELECT * FROM test_attempts WHERE attempt_id = p.attempt_id LIMIT 1) AS t"
    " LEFT JOIN LATERAL (SELECT * FROM snapshots WHERE attempt_id = p.attempt_id LIMIT 1) AS s ON true",
)
_LINE: Final = ", ".join(f"l.{name}" for name in Line._fields)
# The key comes along in the same statement, as in `log_reading`. The first record that is too much comes along too, and
# says so by the bytes up to it.
_TAILS: Final = RowStatement(
    (("attempt_id", "uuid"), ("first", "bigint")),
    f"SELECT l.attempt_id, (SELECT key FROM attempt_keys WHERE attempt_id = ?1), l.bytes, {_LINE}"  # noqa: S608
    f" FROM (SELECT *, sum(length(body) + {_LINE_BYTES}) OVER (ORDER BY seq) AS bytes FROM attempt_log"
    " WHERE attempt_id = ?1 AND seq >= ?2) AS l"
    f" WHERE l.bytes - length(l.body) - {_LINE_BYTES} <= {_MOST_BYTES} ORDER BY l.seq",
    f"SELECT p.attempt_id::text, (SELECT key FROM attempt_keys WHERE attempt_id = p.attempt_id), l.bytes, {_LINE}"  # noqa: S608
    f" FROM {{rows}} CROSS JOIN LATERAL (SELECT *, sum(octet_length(body) + {_LINE_BYTES}) OVER (ORDER BY seq) AS bytes"
    " FROM attempt_log WHERE attempt_id = p.attempt_id AND seq >= p.first) AS l"
    f" WHERE l.bytes - octet_length(l.body) - {_LINE_BYTES} <= {_MOST_BYTES} ORDER BY p.attempt_id, l.seq",
)


def find_attempts(connection: Connection, attempt_ids: Sequence[str]) -> dict[str, Found]:
    """Those of the attempts that there are."""
    dialect = connection.dialect.name
    keys = [(key_of(dialect, attempt_id),) for attempt_id in attempt_ids if is_attempt_id(attempt_id)]
    cards: dict[str, tuple[KnownAttempt, bytes | None]] = {}
    firsts: list[tuple[Any, int]] = []
    for attempt_id, *owner, seq, snapshot_seq, shape, state in _CARDS.find(connection, keys):
        card = KnownAttempt(id_of(attempt_id), *owner)
        cards[card.attempt_id] = card, state
        if shape in (None, SHAPE) and seq - (snapshot_seq or 0) <= _MOST_LINES:
            firsts.append((key_of(dialect, card.attempt_id), snapshot_seq or 0))
    tails: dict[str, Kept] = {id_of(key): Kept(None, []) for key, _ in firsts}
    for attempt_id, attempt_key, size, *line in _TAILS.find(connection, firsts):
        one = id_of(attempt_id)
        if size > _MOST_BYTES:
            del tails[one]
            continue
        if tails[one].key is None:
            tails[one] = Kept(attempt_key, [])
        tails[one].lines.append(Line(*line))
    return {one: Found(card, state, tails.get(one)) for one, (card, state) in cards.items()}
