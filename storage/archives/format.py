"""What an archive says, in whatever form its file is: what it is, one log after the other, and at the end how many
these were and their SHA-256. Of a log it has headers, digests and hashes as they were, which name nobody, and the
bodies sealed. So the chain can be checked by anybody, the bodies by whoever has the database."""

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
MOST_LOG: Final = 512 * 1024 * 1024
"""Bytes that are read at once: far more than one log takes."""

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


def line_of(value: msgspec.Struct) -> bytes:
    """Its line of JSON, which the sum is made of in every form."""
    return _encode(value) + b"\n"


def from_line(path: Path, line: bytes, kind: type[T]) -> T:
    """Raises `BadArchive`."""
    try:
        return msgspec.json.decode(line, type=kind)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"{path}: a line of it can't be read ({error})") from None


class Tally:
    """Counts the logs of an archive, and sums up its lines."""

    def __init__(self) -> None:
        self._sum = sha256()
        self.attempts = 0
        self.records = 0

    def begin(self, line: bytes) -> None:
        self._sum.update(line)

    def add(self, one: ArchivedAttempt, line: bytes) -> None:
        self._sum.update(line)
        self.attempts += 1
        self.records += len(one.records)

    @property
    def end(self) -> End:
        return End(self.attempts, self.records, self._sum.hexdigest())


class Writer(Protocol):
    """Writes an archive into a file, which stays open. To be closed, too, where something fails."""

    tally: Tally

    def add(self, one: ArchivedAttempt) -> None: ...

    def end(self) -> None:
        """All is in the file."""

    def close(self) -> None: ...


class Reading:
    """Checks an archive while it is read, in whatever form it is."""

    def __init__(self, path: Path, line: bytes) -> None:
        """`line`: the first one. Raises `BadArchive`."""
        if from_line(path, line, Beginning).format != FORMAT:
            raise BadArchive(f"{path} has a form that this version does not know")
        self._path = path
        self._tally = Tally()
        self._tally.begin(line)

    def add(self, one: ArchivedAttempt, line: bytes) -> None:
        if not one.records:
            raise BadArchive(f"{self._path} has a log without records")
        self._tally.add(one, line)

    def end(self, line: bytes, *, more: bool) -> None:
        """`line`: the last one; `more`: something follows it. Raises `BadArchive`."""
        if from_line(self._path, line, End) != self._tally.end or more:
            raise BadArchive(f"{self._path} is not the archive that was written: something of it was changed")
