"""The form of an archive: a gzipped file of lines of JSON. The first says what it is, the last counts the others and
has their SHA-256. Each line between has one log: headers, digests and hashes as they were, which name nobody, and the
bodies sealed. So the chain can be checked by anybody, the bodies by whoever has the database."""

import gzip
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Protocol, TypeVar

import msgspec

from protocol.attempt.chain import Line
from storage.archives.faults import BadArchive, Unsealed
from storage.archives.sealing import seal_bodies, unseal_bodies
from storage.attempts import KeptRecord

T = TypeVar("T")

FORMAT: Final = "pencilsdown archive 1"
_MOST_LINE: Final = 512 * 1024 * 1024
"""Bytes of one line: far more than one log takes."""

_END: Final = b'{"attempts":'

_encode: Final = msgspec.json.Encoder().encode


_Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""What a database takes."""


class Beginning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which organisation the logs are, and when the archive was made."""

    format: str
    org_id: str
    made_at_ms: int


class Header(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A record without its body."""

    seq: _Number
    at_ms: _Number
    kind: str
    role: str
    digest: bytes
    hash: bytes
    written_at_ms: _Number


class ArchivedAttempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One log, from its first record on."""

    attempt_id: str
    test_id: str
    records: list[Header]
    sealed: bytes

    @property
    def seq(self) -> int:
        """The number of its last record."""
        return self.records[-1].seq

    @property
    def head(self) -> bytes:
        """The hash of its last record."""
        return self.records[-1].hash

    def lines(self, key: bytes | None) -> list[Line]:
        """The records; without a `key`, without their bodies. Raises `Unsealed`."""
        bodies: list[bytes] | list[None] = [None] * len(self.records)
        if key is not None:
            bodies = unseal_bodies(self.attempt_id, key, self.head, self.sealed)
            if len(bodies) != len(self.records):
                raise Unsealed("it has not as many bodies as records")
        return [
            Line(one.seq, one.at_ms, one.kind, one.role, one.digest, body, one.hash)
            for one, body in zip(self.records, bodies, strict=True)
        ]


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sha256`: of all lines before this one, in hex."""

    attempts: int
    records: int
    sha256: str


def archived(attempt_id: str, test_id: str, key: bytes, rows: list[KeptRecord]) -> ArchivedAttempt:
    """The log of an attempt as an archive has it. Every record has its body."""
    headers = [
        Header(*row.line[:4], digest=row.line.digest, hash=row.line.hash, written_at_ms=row.written_at_ms)
        for row in rows
    ]
    bodies = [row.line.body or b"" for row in rows]
    return ArchivedAttempt(attempt_id, test_id, headers, seal_bodies(attempt_id, key, headers[-1].hash, bodies))


class _Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Writer:
    """Writes an archive into `out`."""

    def __init__(self, out: _Sink, org_id: str, made_at_ms: int) -> None:
        self._out = out
        self._sum = sha256()
        self.attempts = 0
        self.records = 0
        self.size = 0
        """Bytes so far, before they are compressed."""
        self._line(Beginning(FORMAT, org_id, made_at_ms))

    def add(self, one: ArchivedAttempt) -> None:
        self._line(one)
        self.attempts += 1
        self.records += len(one.records)

    def end(self) -> None:
        self._line(End(self.attempts, self.records, self._sum.hexdigest()))

    def _line(self, value: msgspec.Struct) -> None:
        data = _encode(value) + b"\n"
        self._sum.update(data)
        self.size += len(data)
        self._out.write(data)


def read_beginning(path: Path) -> Beginning:
    """Raises `BadArchive` and `OSError`."""
    with gzip.open(path) as source:
        return _decoded(path, _read_line(path, source), Beginning)


def read_archive(path: Path) -> Iterator[ArchivedAttempt]:
    """The logs of an archive, one after the other, not checked. Raises `BadArchive`, which may come after the last of
    them: only then it is known that the file is whole; and `OSError`."""
    total = sha256()
    attempts = records = 0
    with gzip.open(path) as source:
        line = _read_line(path, source)
        if _decoded(path, line, Beginning).format != FORMAT:
            raise BadArchive(f"{path} has a form that this version does not know")
        total.update(line)
        while not (line := _read_line(path, source)).startswith(_END):
            total.update(line)
            one = _decoded(path, line, ArchivedAttempt)
            if not one.records:
                raise BadArchive(f"{path} has a log without records")
            attempts += 1
            records += len(one.records)
            yield one
        written = _decoded(path, line, End) == End(attempts, records, total.hexdigest())
        if not written or _read_line(path, source, at_end=True):
            raise BadArchive(f"{path} is not the archive that was written: something of it was changed")


def _read_line(path: Path, source: gzip.GzipFile, *, at_end: bool = False) -> bytes:
    try:
        line = source.readline(_MOST_LINE)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadArchive(f"{path} is no archive, or not the whole of one ({error})") from None
    if not at_end and not line.endswith(b"\n"):
        raise BadArchive(f"{path} is no archive, or its end is missing")
    return line


def _decoded(path: Path, line: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"{path}: a line of it can't be read ({error})") from None
