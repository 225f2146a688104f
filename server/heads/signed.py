"""Signed log heads outside of the database. The database's owner can rewrite a log with matching hashes; a head that
was signed and stored elsewhere before reveals it.

Each node appends lines to a file of its own: which attempts it has written to since the last line, with the number and
the hash of their last record. A line's MAC covers the line before it, so no line can be taken from the middle. The
database knows how many lines each file has, and the MAC of the last one: a file without its end is missed too.
"""

import hmac
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

SUFFIX: Final = ".heads"
SEED: Final = "0" * 64


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`heads`: attempt id (or `of_audit`), number of its last record, and that record's hash in hex. `before`: the MAC
    of the line before."""

    at_ms: int
    before: str
    heads: tuple[tuple[str, int, str], ...]
    mac: str = ""

    def signed(self, key: bytes) -> "Line":
        text = msgspec.json.encode([self.at_ms, self.before, self.heads])
        return Line(self.at_ms, self.before, self.heads, hmac.digest(key, text, sha256).hex())


_AUDIT: Final = "audit:"


def of_audit(org_id: str) -> str:
    """What stands for an organisation's audit log in place of an attempt's id, which never has a colon."""
    return _AUDIT + org_id


def audit_of(name: str) -> str | None:
    """The organisation whose audit log `name` stands for; None: it is an attempt's id."""
    return name.removeprefix(_AUDIT) if name.startswith(_AUDIT) else None


class BadHeads(Exception):
    """A file of heads was changed, or was signed with another key."""


class NodesHeads(msgspec.Struct, frozen=True):
    """What one node has kept: the MAC of each line of its file; attempt id, number and hash of every head."""

    macs: list[str]
    heads: list[tuple[str, int, bytes]]


def read_heads(folder: Path, key: bytes) -> dict[str, NodesHeads]:
    """By node, everything that was kept in `folder`. Raises `BadHeads` and `OSError`."""
    return {file.stem: _read(file, key) for file in sorted(folder.glob(f"*{SUFFIX}"))}


def _read(file: Path, key: bytes) -> NodesHeads:
    found = NodesHeads([], [])
    before = SEED
    for number, text in enumerate(file.read_bytes().splitlines(), 1):
        try:
            line = msgspec.json.decode(text, type=Line)
        except msgspec.DecodeError:
            raise BadHeads(f"{file}, line {number}: it cannot be read") from None
        if line.before != before or not hmac.compare_digest(line.mac, line.signed(key).mac):
            raise BadHeads(f"{file}, line {number}: it was changed, a line before it is gone, or the key is another")
        before = line.mac
        found.macs.append(line.mac)
        found.heads.extend((attempt_id, seq, bytes.fromhex(head)) for attempt_id, seq, head in line.heads)
    return found
