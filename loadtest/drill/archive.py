"""Reads the final state directly from the database, as plain data for the checker."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import msgspec

from loadtest.checker.database import (
    Attempt,
    BulkAct,
    Database,
    OutboxEvent,
    Projected,
    Record,
    Regrade,
    Result,
    ResultVersion,
    Target,
    record_of,
)
from loadtest.checker.history import Seen
from loadtest.drill.recorder import Recorder

_ATTEMPTS: Final = """
SELECT attempt_id, org_id, test_id, seq, status, start_time, submit_time, expires_at FROM test_attempts
ORDER BY attempt_id
"""
_LOG: Final = """
SELECT attempt_id, seq, at_ms, written_at_ms, kind, role, digest, body, hash FROM attempt_log ORDER BY attempt_id, seq
"""
_ANSWERS: Final = "SELECT attempt_id, body FROM attempt_log WHERE kind = 'answered'"
_KEYS: Final = "SELECT attempt_id, key FROM attempt_keys"
_OUTBOX: Final = """
SELECT attempt_id, seq, NULL AS event_id, topic, payload FROM outbox
UNION ALL SELECT NULL, NULL, event_id, topic, data FROM events WHERE lane <> ''
"""
"""Those that the courier has taken over too: in one statement, since it moves them."""
_RESULTS: Final = "SELECT attempt_id, result FROM results"
_VERSIONS: Final = """
SELECT attempt_id, version, seq, key_version, score_mpt, max_mpt, result FROM result_versions
ORDER BY attempt_id, version
"""
_ACTS: Final = """
SELECT org_id, bulk_id, "order", total, done, refused, ended_at_ms FROM bulk_acts ORDER BY org_id, bulk_id
"""
_TARGETS: Final = "SELECT org_id, bulk_id, attempt_id, outcome FROM bulk_targets ORDER BY org_id, bulk_id, attempt_id"
_REGRADES: Final = """
SELECT org_id, regrade_id, test_id, key_version, created_at_ms, ended_at_ms FROM regrades ORDER BY org_id, regrade_id
"""
_UNDER_WAY: Final = """
SELECT (SELECT count(*) FROM bulk_acts WHERE ended_at_ms IS NULL)
  + (SELECT count(*) FROM regrades WHERE ended_at_ms IS NULL)
  + (SELECT count(*) FROM test_attempts WHERE marking_seq IS NOT NULL)
"""
_OPEN: Final = """
SELECT count(*) FROM test_attempts WHERE status NOT IN ('completed', 'cancelled')
"""
_POSITIONS: Final = """
SELECT a.org_id, a.test_id, l.attempt_id, max(l.seq) FROM attempt_log AS l JOIN test_attempts AS a USING (attempt_id)
GROUP BY 1, 2, 3
"""
_TABLES: Final = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
_TABLES_ON_FILE: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"

Rows = list[tuple[Any, ...]]


class Server(Protocol):
    """A PostgreSQL, of one machine or of several."""

    async def connect(self, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        """As its superuser."""


class Archive:
    """One deployment's database, on PostgreSQL (`name` of `server`) or in a file."""

    def __init__(self, where: Path | tuple[Server, str]) -> None:
        self._where = where

    async def still_open(self) -> int:
        """Attempts that have not come to their end."""
        ((count,),) = await self._read(_OPEN)
        return int(count)

    async def under_way(self) -> int:
        """Acts on many attempts and regrades that have not ended, and attempts that wait to be marked again."""
        ((count,),) = await self._read(_UNDER_WAY)
        return int(count)

    async def count(self, kind: str) -> int:
        """How many records of this kind there are. `kind` is a word of ours."""
        ((count,),) = await self._read(f"SELECT count(*) FROM attempt_log WHERE kind = '{kind}'")  # noqa: S608
        return int(count)

    async def positions(self) -> dict[tuple[str, str], dict[str, int]]:
        """(organisation, test) → attempt → the last record of its log."""
        found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for org_id, test_id, attempt_id, seq in await self._read(_POSITIONS):
            found[org_id, test_id][_text(attempt_id)] = seq
        return found

    async def answers(self) -> dict[str, dict[int, tuple[str, Any]]]:
        """Attempt → number of the operation → question and value, of every answer in its log."""
        found: dict[str, dict[int, tuple[str, Any]]] = defaultdict(dict)
        for attempt_id, body in await self._read(_ANSWERS):
            fact = msgspec.msgpack.decode(body)["fact"]
            found[_text(attempt_id)][fact["n"]] = fact["question_id"], fact["value"]
        return found

    async def read(self, recorder: Recorder) -> Database:
        """Everything of every attempt. What the outbox tells others is looked through for canaries on the way."""
        attempts, keys, log, outbox, results, versions, acts, targets, regrades = [
            await self._read(sql)
            for sql in (_ATTEMPTS, _KEYS, _LOG, _OUTBOX, _RESULTS, _VERSIONS, _ACTS, _TARGETS, _REGRADES)
        ]
        orgs = {_text(row[0]): str(row[1]) for row in attempts}
        for attempt_id, seq, event_id, topic, payload in outbox:
            attempt, event = _event(attempt_id, seq, event_id)
            recorder.look(event, orgs[attempt], f"an event {topic}", _bytes(payload))
        made = make_database(attempts, keys, log, outbox, results)
        found = _versions(versions)
        return Database(
            attempts=[msgspec.structs.replace(one, versions=found[one.attempt_id]) for one in made.attempts],
            acts=list(_acts(acts, targets)),
            regrades=[
                Regrade(
                    org_id=org_id,
                    regrade_id=regrade_id,
                    test_id=test_id,
                    key_version=key_version,
                    created_at_ms=created_at_ms,
                    ended_at_ms=ended_at_ms,
                )
                for org_id, regrade_id, test_id, key_version, created_at_ms, ended_at_ms in regrades
            ],
        )

    async def holding(self, word: re.Pattern[bytes]) -> list[str]:
        """The tables that hold this word, and the files of an embedded database."""
        found: set[str] = set()
        on_file = isinstance(self._where, Path)
        for (table,) in await self._read(_TABLES_ON_FILE if on_file else _TABLES):
            for row in await self._read(f'SELECT * FROM "{table}"'):  # noqa: S608 (a name of ours)
                if any(word.search(_bytes(value)) for value in row if isinstance(value, str | bytes)):
                    found.add(table)
        if isinstance(self._where, Path):
            files = [file for file in self._where.parent.glob(f"{self._where.name}*") if file.is_file()]
            found |= {file.name for file in files if word.search(file.read_bytes())}
        return sorted(found)

    async def _read(self, sql: str) -> Rows:
        if isinstance(self._where, Path):
            with closing(sqlite3.connect(f"file:{self._where}?mode=ro", uri=True, timeout=10)) as file:
                return file.execute(sql).fetchall()
        server, name = self._where
        connection = await server.connect(name)
        try:
            return [tuple(row.values()) for row in await connection.fetch(sql)]
        finally:
            await connection.close(timeout=5)


def make_database(attempts: Rows, keys: Rows, log: Rows, outbox: Rows, results: Rows) -> Database:
    """The rows of both kinds of database, as the checker takes them."""
    records: dict[str, list[Record]] = defaultdict(list)
    for attempt_id, seq, at_ms, written_at_ms, kind, role, digest, body, hash_ in log:
        record = record_of(seq, at_ms, written_at_ms, kind, role, bytes(digest), bytes(body), bytes(hash_))
        records[_text(attempt_id)].append(record)
    events: dict[str, list[OutboxEvent]] = defaultdict(list)
    for attempt_id, seq, event_id, topic, _ in outbox:
        attempt, event = _event(attempt_id, seq, event_id)
        events[attempt].append(OutboxEvent(event_id=event, topic=topic))
    kept = {_text(attempt_id): _result(result) for attempt_id, result in results}
    key_of = {_text(attempt_id): bytes(key) for attempt_id, key in keys}
    return Database(attempts=[_attempt(row, key_of, records, events, kept) for row in attempts])


def _event(attempt_id: Any, seq: int | None, event_id: str | None) -> tuple[str, str]:
    """The attempt of an event and its id, from the outbox or from where the courier has taken it."""
    if event_id is not None:
        return event_id.rpartition(":")[0], event_id
    return _text(attempt_id), f"{_text(attempt_id)}:{seq}"


def _attempt(
    row: Sequence[Any],
    keys: dict[str, bytes],
    records: dict[str, list[Record]],
    events: dict[str, list[OutboxEvent]],
    kept: dict[str, Result],
) -> Attempt:
    attempt_id, org_id, test_id, seq, status, started_at_ms, ended_at_ms, deadline_ms = row
    key = _text(attempt_id)
    return Attempt(
        attempt_id=key,
        org_id=org_id,
        test_id=test_id,
        key=keys[key],
        records=records[key],
        projected=Projected(
            seq=seq, status=status, started_at_ms=started_at_ms, ended_at_ms=ended_at_ms, deadline_ms=deadline_ms
        ),
        outbox=events[key],
        result=kept.get(key),
        result_read=True,
    )


def with_answers(database: Database, told: dict[str, dict[str, Any]]) -> Database:
    """The same, with the answers that a node tells whoever asks."""
    attempts = [msgspec.structs.replace(one, answers=told.get(one.attempt_id)) for one in database.attempts]
    return msgspec.structs.replace(database, attempts=attempts)


def canaries_in(lines: Iterable[str], recorder: Recorder, where: str) -> list[Seen]:
    """What belongs to an organisation, in what belongs to nobody; it is noted, and given back."""
    before = len(recorder.history)
    for line in lines:
        recorder.look("log", "", where, line.encode())
    return [event for event in recorder.history[before:] if isinstance(event, Seen)]


def _versions(rows: Rows) -> dict[str, list[ResultVersion]]:
    found: dict[str, list[ResultVersion]] = defaultdict(list)
    for attempt_id, version, seq, key_version, score_mpt, max_mpt, result in rows:
        marks = json.loads(result)["marks"]
        by_hand = {mark["question_id"]: mark["score_mpt"] for mark in marks if mark["marked_by"] is not None}
        found[_text(attempt_id)].append(
            ResultVersion(
                version=version,
                seq=seq,
                key_version=key_version,
                score_mpt=score_mpt,
                max_mpt=max_mpt,
                by_hand=by_hand,
            )
        )
    return found


def _acts(acts: Rows, targets: Rows) -> Iterable[BulkAct]:
    of_act: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for org_id, bulk_id, attempt_id, outcome in targets:
        of_act[org_id, bulk_id].append(Target(attempt_id=_text(attempt_id), outcome=outcome))
    for org_id, bulk_id, order, total, done, refused, ended_at_ms in acts:
        yield BulkAct(
            org_id=org_id,
            bulk_id=bulk_id,
            command=json.loads(order)["t"],
            total=total,
            done=done,
            refused=refused,
            ended=ended_at_ms is not None,
            targets=of_act[org_id, bulk_id],
        )


def _result(text: Any) -> Result:
    told = json.loads(text)
    return Result(
        reference=told["reference"], complete=told["complete"], score_mpt=told["score_mpt"], max_mpt=told["max_mpt"]
    )


def _text(attempt_id: Any) -> str:
    return str(UUID(bytes=attempt_id)) if isinstance(attempt_id, bytes) else str(attempt_id)


def _bytes(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else str(payload).encode()
