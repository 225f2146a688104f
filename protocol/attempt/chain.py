"""The hash chain of a log: hash(1) = SHA-256(seed of the attempt ‖ data(1)), hash(n) = SHA-256(hash(n-1) ‖ data(n)).

Whoever knows one hash knows that no byte before it was changed, removed or inserted.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec

from protocol.attempt.facts import AnyFact, Entry, Record
from protocol.attempt.model import Actor

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Entry).decode


class BrokenChain(Exception):
    """A log whose bytes are not those that were written. `seq` is the first record that does not fit."""

    def __init__(self, attempt_id: str, seq: int, what: str) -> None:
        super().__init__(f"attempt {attempt_id}, record {seq}: {what}")
        self.attempt_id = attempt_id
        self.seq = seq
        self.what = what


def seed(attempt_id: str) -> bytes:
    """The hash before the first record: it ties the chain to its attempt."""
    return sha256(b"pencilsdown log 1\n" + attempt_id.encode()).digest()


def seal(head: bytes, seq: int, at_ms: int, by: Actor, fact: AnyFact) -> Record:
    """The record `seq`, chained to the hash `head` of its predecessor."""
    entry = Entry(seq, at_ms, by.role, by.id, fact)
    data = _encode(entry)
    return Record(entry, data, sha256(head + data).digest())


def open_record(attempt_id: str, head: bytes, seq: int, data: bytes, stored_hash: bytes) -> Record:
    """The record kept as `data`. Raises `BrokenChain` where it is not number `seq` after `head`, byte for byte."""
    if sha256(head + data).digest() != stored_hash:
        raise BrokenChain(attempt_id, seq, "the hash does not match")
    try:
        entry = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenChain(attempt_id, seq, f"the bytes are no record: {error}") from error
    if entry.seq != seq:
        raise BrokenChain(attempt_id, seq, f"it says it is record {entry.seq}")
    return Record(entry, data, stored_hash)


def open_log(
    attempt_id: str, rows: Iterable[tuple[int, bytes, bytes]], after: int = 0, head: bytes | None = None
) -> list[Record]:
    """The records of `rows` (seq, data, hash), which must follow record `after` with the hash `head` without a gap.

    Raises `BrokenChain`.
    """
    previous = seed(attempt_id) if head is None else head
    records: list[Record] = []
    for seq, data, stored_hash in rows:
        after += 1
        if seq != after:
            raise BrokenChain(attempt_id, after, f"it is missing; the next one is {seq}")
        record = open_record(attempt_id, previous, seq, data, stored_hash)
        previous = record.hash
        records.append(record)
    return records


def reference(record_hash: bytes) -> str:
    """What identifies a submission to people: 12 characters of the hash that ends the log, in groups of four.

    Crockford's base 32 leaves out I, L, O and U, so it can be read over a telephone.
    """
    bits = int.from_bytes(record_hash[:8], "big") >> 4
    digits = [_CROCKFORD[bits >> shift & 31] for shift in range(55, -1, -5)]
    text = "".join(digits)
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
