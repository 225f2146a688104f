"""The hash chain of a log: hash(n) = SHA-256(hash(n-1) ‖ header(n) ‖ digest(n)), where hash(0) is the attempt's seed.

Whoever knows one hash knows that no record before it was changed, removed or inserted. `digest(n)` is the keyed BLAKE2b
of the body under the attempt's own key, so the chain holds without the body. Without the key nobody can try out which
body a digest belongs to.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b, sha256
from typing import Final, NamedTuple

import msgspec

from protocol.attempt.facts import KNOWN, AnyFact, Body, Entry, Erased, Header, Record, tag_of
from protocol.attempt.model import Actor, Role

KEY_BYTES: Final = 32
"""The length of an attempt's key: as long as the digest, so that guessing the key is no shorter way."""
DIGEST_BYTES: Final = 32

_ERASED: Final = str(Erased.__struct_config__.tag)
_ROLES: Final = {role.value: role for role in Role}
_WORDS: Final = {role: role.value for role in Role}
"""An encoder takes twice as long for a member of an `Enum` as for the text that it is."""
_NEW_FIELD: Final = re.compile(r"Object contains unknown field `([^`]{1,80})`|Expected `array` of at most length ")


class _Tag(msgspec.Struct, frozen=True):
    t: str


class _AnyBody(msgspec.Struct, frozen=True):
    """What the bodies of all versions have in common."""

    by: str
    fact: _Tag


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Body).decode
_decode_any: Final = msgspec.msgpack.Decoder(_AnyBody).decode


class Line(NamedTuple):
    """One record as it is stored, not checked. The first four are its header. `body` is None where it was erased."""

    seq: int
    at_ms: int
    kind: str
    role: str
    digest: bytes
    body: bytes | None
    hash: bytes


class BrokenChain(Exception):
    """A log whose bytes are not those that were written. `seq` is the first record that does not fit."""

    def __init__(self, attempt_id: str, seq: int, what: str) -> None:
        super().__init__(f"attempt {attempt_id}, record {seq}: {what}")
        self.attempt_id = attempt_id
        self.seq = seq
        self.what = what


class Unread(NamedTuple):
    """A record whose bytes are those that were written, and whose meaning this version does not know: `what` is new in
    it."""

    seq: int
    what: str


class NewerLog(Exception):
    """A log to which a newer version has written something that this one does not know. Its chain holds. No state can
    be folded from it here: what is unknown may have changed everything. `unread` are the records that say it."""

    def __init__(self, attempt_id: str, unread: tuple[Unread, ...]) -> None:
        super().__init__(f"attempt {attempt_id}, record {unread[0].seq}: this version does not know {unread[0].what}")
        self.attempt_id = attempt_id
        self.unread = unread


class ErasedLog(Exception):
    """A log whose bodies were erased; its chain holds. `record` says by whom and when. `erased` is how many records
    before it have no body any more."""

    def __init__(self, attempt_id: str, record: Record, erased: int) -> None:
        super().__init__(f"attempt {attempt_id}: its records were erased")
        self.attempt_id = attempt_id
        self.record = record
        self.erased = erased


def seed(attempt_id: str) -> bytes:
    """The hash before the first record: it ties the chain to its attempt."""
    return sha256(b"pencilsdown log 1\n" + attempt_id.encode()).digest()


def digest_of(key: bytes, body: bytes) -> bytes:
    """What stands for a body in the chain."""
    return blake2b(body, digest_size=DIGEST_BYTES, key=key).digest()


def link(head: bytes, header: bytes, digest: bytes) -> bytes:
    """The hash of a record whose predecessor has the hash `head`."""
    return sha256(head + header + digest).digest()


def header_of(seq: int, at_ms: int, kind: str, role: str) -> bytes:
    """The bytes of a header."""
    return _encode(Header(seq, at_ms, kind, role))


def seal(head: bytes, key: bytes, seq: int, at_ms: int, by: Actor, fact: AnyFact) -> Record:
    """The record `seq`, chained to the hash `head` of its predecessor, its body under the attempt's `key`."""
    role, who = by.role, by.id
    header = _encode((seq, at_ms, tag_of(fact), _WORDS[role]))
    body = _encode(Body(who, fact))
    digest = blake2b(body, digest_size=DIGEST_BYTES, key=key).digest()
    entry = Entry(seq, at_ms, role, who, fact)
    return Record(entry, head, header, digest, body, sha256(head + header + digest).digest(), key)


def open_line(attempt_id: str, head: bytes, seq: int, line: Line) -> bytes:
    """The bytes of a header. The body is not needed, and not looked at. Raises `BrokenChain` where this is not record
    `seq` after `head`."""
    if line.seq != seq:
        raise BrokenChain(attempt_id, seq, f"it is missing; the next one is {line.seq}")
    try:
        header = header_of(*line[:4])
        fits = link(head, header, line.digest) == line.hash
    except TypeError:
        raise BrokenChain(attempt_id, seq, "a column holds a value of another type") from None
    if not fits:
        raise BrokenChain(attempt_id, seq, "the hash does not match")
    return header


def open_record(attempt_id: str, head: bytes, key: bytes, seq: int, line: Line) -> Record:
    """The record kept as `line`. Raises `BrokenChain` where it is not number `seq` after `head`, byte for byte, and
    `NewerLog` where it is, but this version does not know what it says."""
    header = open_line(attempt_id, head, seq, line)
    body = line.body
    if body is None:
        raise BrokenChain(attempt_id, seq, "the body is gone")
    if digest_of(key, body) != line.digest:
        raise BrokenChain(attempt_id, seq, "the body is not the one that was written")
    try:
        new = _new_in_header(line)
        said = _decode(body) if new is None else _decode_any(body)
    except msgspec.ValidationError as error:
        # A field that came later looks like this. Whatever else does not fit was never a record of any version.
        field = _NEW_FIELD.match(str(error))
        if field is None:
            raise BrokenChain(attempt_id, seq, f"the bytes are no record: {error}") from error
        new, said = (
            f"the field {field.group(1) or 'at the end of a list'} in {line.kind}",
            _loosely(attempt_id, seq, body),
        )
    except (ValueError, RecursionError) as error:
        raise BrokenChain(attempt_id, seq, f"the bytes are no record: {error}") from error
    tag = said.fact.t if isinstance(said, _AnyBody) else tag_of(said.fact)
    if tag != line.kind:
        raise BrokenChain(attempt_id, seq, f"the header says {line.kind}, the body {tag}")
    if isinstance(said, _AnyBody):
        raise NewerLog(attempt_id, (Unread(seq, str(new)),))
    role = _ROLES[line.role]
    entry = Entry(seq, line.at_ms, role, said.by, said.fact)
    return Record(entry, head, header, line.digest, body, line.hash, key)


def _new_in_header(line: Line) -> str | None:
    if line.kind not in KNOWN:
        return f"the kind {line.kind}"
    return None if line.role in _ROLES else f"the role {line.role}"


def _loosely(attempt_id: str, seq: int, body: bytes) -> _AnyBody:
    try:
        return _decode_any(body)
    except (ValueError, RecursionError) as error:
        raise BrokenChain(attempt_id, seq, f"the bytes are no record: {error}") from error


def open_log(
    attempt_id: str, key: bytes, lines: Iterable[Line], after: int = 0, head: bytes | None = None
) -> list[Record]:
    """The records of `lines`, which must follow record `after` with the hash `head` without a gap.

    Raises `BrokenChain`; if the chain holds, `NewerLog` where this version does not know something in it, and
    `ErasedLog` where all before the last record was erased.
    """
    lines = list(lines)
    is_erased = bool(lines) and lines[-1].kind == _ERASED
    previous = seed(attempt_id) if head is None else head
    records: list[Record] = []
    unread: list[Unread] = []
    for line in lines:
        after += 1
        if is_erased and line is not lines[-1]:
            open_line(attempt_id, previous, after, line)
            if line.body is not None:
                raise BrokenChain(attempt_id, after, "the body was to be erased")
        else:
            try:
                records.append(open_record(attempt_id, previous, key, after, line))
            except NewerLog as newer:
                unread += newer.unread
        previous = line.hash
    if unread:
        raise NewerLog(attempt_id, tuple(unread))
    if is_erased:
        raise ErasedLog(attempt_id, records[-1], len(lines) - 1)
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
