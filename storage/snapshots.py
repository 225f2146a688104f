"""Snapshots: the folded state as of a record, so that recovery need not read the whole log.

A snapshot bounds the time of a replay; it never defines what may be lost. The attempt's key is not in it: that has one
place alone, `attempt_keys`.
"""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select

from protocol.attempt.facts import Body
from protocol.attempt.model import Attempt
from protocol.marks import mark
from storage import answers
from storage.database import Database
from storage.progress_told import tell_of
from storage.projection import progress_values
from storage.schema import snapshots
from storage.statements import PROGRESS, SNAPSHOTS, SNAPSHOTS_KEPT, erased_among, hashes_at, id_of, key_of

FOLD: Final = 5
"""Raise this when `evolve` changes the meaning of existing records: older snapshots are ignored from then on."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Attempt).decode


def _without_prose(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_prose(value) for key, value in schema.items() if key != "description"}
    return [_without_prose(item) for item in schema] if isinstance(schema, list) else schema


def _shape_of_states() -> bytes:
    """A digest of the types of states and of facts. A state written with other types may decode and still lack a
    field's meaning, and what was folded from a newer version's facts may mean what is not known here."""
    schema = _without_prose([msgspec.json.schema(Attempt), msgspec.json.schema(Body)])
    return sha256(b"%d" % FOLD + msgspec.json.encode(schema, order="deterministic")).digest()[:8]


SHAPE: Final = _shape_of_states()

# Composed once: see `storage.attempts`.
_NEWEST: Final = select(snapshots.c.shape, snapshots.c.state).where(snapshots.c.attempt_id == bindparam("this"))


class Snapshots:
    """Writes snapshots, and with them the progress in the projection and the table of answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, attempts: Sequence[Attempt], now_ms: int) -> None:
        """Saves each state unless a newer one is stored, and tells those who want to hear it how far it is. States that
        are not on the log are left out: only committed states become snapshots."""
        in_order = sorted(attempts, key=lambda attempt: attempt.identity.attempt_id)
        portion = self._database.portion
        for start in range(0, len(in_order), portion):
            await self._database.write(partial(_save, attempts=in_order[start : start + portion], now_ms=now_ms))


def _save(connection: Connection, attempts: Sequence[Attempt], now_ms: int) -> None:
    erased = erased_among(connection, [attempt.identity.attempt_id for attempt in attempts])
    attempts = [attempt for attempt in attempts if attempt.identity.attempt_id not in erased]
    positions = [(attempt.identity.attempt_id, attempt.seq) for attempt in attempts]
    heads = hashes_at(connection, positions)
    before = _kept(connection, attempts)
    dialect = connection.dialect.name
    saved: list[tuple[Attempt, int]] = []
    rows = []
    for attempt, position in zip(attempts, positions, strict=True):
        seq, last_n = before.get(position[0], (0, 0))
        if attempt.seq <= seq or heads.get(position) != attempt.head:
            mark("snapshots: one that is behind is not kept")
            continue
        key = key_of(dialect, position[0])
        rows.append((key, attempt.seq, attempt.head, attempt.last_n, SHAPE, _encode(replace(attempt, key=b""))))
        saved.append((attempt, last_n))
    SNAPSHOTS.run(connection, rows)
    # Another node may have saved a newer state after we looked. From here to the commit the rows are locked by us.
    after = _kept(connection, [attempt for attempt, _ in saved])
    saved = [(attempt, last_n) for attempt, last_n in saved if after[attempt.identity.attempt_id][0] == attempt.seq]
    progress = [(key_of(dialect, attempt.identity.attempt_id), *progress_values(attempt)) for attempt, _ in saved]
    PROGRESS.run(connection, progress)
    taken_back = answers.bring_up(connection, saved)
    tell_of(connection, saved, taken_back, now_ms)


def _kept(connection: Connection, attempts: Sequence[Attempt]) -> dict[str, tuple[int, int]]:
    """Attempt → the sequence number and the last client number of its snapshot, where it has one."""
    dialect = connection.dialect.name
    keys = [(key_of(dialect, attempt.identity.attempt_id),) for attempt in attempts]
    return {id_of(key): (seq, last_n) for key, seq, last_n in SNAPSHOTS_KEPT.find(connection, keys)}


def load_snapshot(connection: Connection, attempt_id: str) -> Attempt | None:
    """The newest snapshot that this version can read, if any. The caller checks that it is on the log, and adds the
    attempt's key."""
    row = connection.execute(_NEWEST, {"this": attempt_id}).first()
    if row is None:
        return None
    if row.shape != SHAPE:
        mark("snapshots: one of other types is ignored")
        return None
    try:
        return decode_state(row.state)
    except msgspec.DecodeError:
        return None


def decode_state(state: bytes) -> Attempt:
    """A snapshot of this version's types. Raises `msgspec.DecodeError`."""
    return _decode(state)
