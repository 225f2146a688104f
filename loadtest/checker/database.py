"""What the database says, as plain data: read over REST, by SQL, or from a simulator."""

from hashlib import blake2b, sha256
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the log. `by` and `fact` are as the bytes in `body` say, decoded; `hash` is in hexadecimal."""

    seq: int
    at_ms: int
    written_at_ms: int
    role: str
    by: str
    kind: str
    fact: dict[str, Any]
    digest: bytes
    body: bytes
    hash: str


class Projected(msgspec.Struct, frozen=True, kw_only=True):
    """The row that the rest of the platform reads."""

    seq: int
    status: str
    started_at_ms: int | None
    ended_at_ms: int | None
    deadline_ms: int | None


class OutboxEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event for the rest of the platform."""

    event_id: str
    topic: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The marks that are kept."""

    reference: str | None
    complete: bool
    score_mpt: int
    max_mpt: int


class ResultVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the marks, made from the log up to record `seq`. `by_hand`: question → what a person gave."""

    version: int
    seq: int
    key_version: int
    score_mpt: int
    max_mpt: int
    by_hand: dict[str, int]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """All of one attempt. `key` is the one of its bodies' digests. What is nil was not read, and is not checked;
    `result` is checked where `result_read`. `answers` are the last ones by question, as whoever asks is told."""

    attempt_id: str
    org_id: str
    test_id: str
    key: bytes
    records: list[Record]
    projected: Projected | None = None
    outbox: list[OutboxEvent] | None = None
    answers: dict[str, Any] | None = None
    result: Result | None = None
    result_read: bool = False
    versions: list[ResultVersion] | None = None


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of an act on many. `outcome`: done, refused; nil while it waits."""

    attempt_id: str
    outcome: str | None


class BulkAct(msgspec.Struct, frozen=True, kw_only=True):
    """An act on many attempts; `command` is its order's name. One that grants further attempts leaves nothing in their
    logs: `granted` says how many each user has been given by it; nil: it is another act."""

    org_id: str
    bulk_id: str
    command: str
    total: int
    done: int
    refused: int
    ended: bool
    targets: list[Target]
    granted: dict[str, int] | None = None

    def command_id(self, attempt_id: str) -> str:
        """The id of its command to this attempt."""
        return "bulk-" + blake2b(f"{self.bulk_id}\n{attempt_id}".encode(), digest_size=16).hexdigest()


class Regrade(msgspec.Struct, frozen=True, kw_only=True):
    """A regrade of a test."""

    org_id: str
    regrade_id: str
    test_id: str
    key_version: int
    created_at_ms: int
    ended_at_ms: int | None

    @property
    def command_id(self) -> str:
        """The id of its command to each attempt."""
        return "regrade-" + blake2b(self.regrade_id.encode(), digest_size=16).hexdigest()


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Every attempt that was made, every act on many attempts, and every regrade."""

    attempts: list[Attempt]
    acts: list[BulkAct] = []
    regrades: list[Regrade] = []


def record_of(
    seq: int, at_ms: int, written_at_ms: int, kind: str, role: str, digest: bytes, body: bytes, hash_: bytes
) -> Record:
    """A record from the columns of the log; what its bytes say is read from them. Raises `ValueError`."""
    said = msgpack.unpackb(body)
    if not isinstance(said, dict) or not isinstance(said.get("fact"), dict):
        raise ValueError(f"record {seq} has no body")
    return Record(
        seq=seq,
        at_ms=at_ms,
        written_at_ms=written_at_ms,
        role=role,
        by=str(said.get("by")),
        kind=kind,
        fact=said["fact"],
        digest=digest,
        body=body,
        hash=hash_.hex(),
    )


_SEED: Final = b"pencilsdown log 1\n"


def seed_hash(attempt_id: str) -> bytes:
    """What the first record of a log is chained to."""
    return sha256(_SEED + attempt_id.encode()).digest()


def hash_of(head: bytes, record: Record) -> bytes:
    """The hash that chains the header of `record` and the digest of its body to its predecessor."""
    header: bytes = msgpack.packb([record.seq, record.at_ms, record.kind, record.role])
    return sha256(head + header + record.digest).digest()


_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(hash_hex: str) -> str:
    """Twelve characters of the hash that ends the log."""
    bits = int(hash_hex[:16], 16) >> 4
    text = "".join(_DIGITS[bits >> shift & 31] for shift in range(55, -1, -5))
    return "-".join((text[:4], text[4:8], text[8:]))
