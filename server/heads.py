"""Signed log heads outside of the database. The database's owner can rewrite a log with matching hashes; a head that
was signed and stored elsewhere before reveals it.

Each node appends lines to a file of its own: which attempts it has written to since the last line, with the number and
the hash of their last record. A line's MAC covers the line before it, so no line can be taken from the middle.
"""

import asyncio
import hmac
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

_SUFFIX: Final = ".heads"
_SEED: Final = "0" * 64


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`heads`: attempt id, number of its last record, and that record's hash in hex. `before`: the MAC of the line
    before."""

    at_ms: int
    before: str
    heads: tuple[tuple[str, int, str], ...]
    mac: str = ""

    def signed(self, key: bytes) -> "Line":
        text = msgspec.json.encode([self.at_ms, self.before, self.heads])
        return Line(self.at_ms, self.before, self.heads, hmac.digest(key, text, sha256).hex())


class BadHeads(Exception):
    """A file of heads was changed, or was signed with another key."""


class HeadKeeper:
    """One node's file in `folder`, which should be append-only or on another machine."""

    def __init__(self, folder: Path, key: bytes, node: str) -> None:
        self._file = folder / f"{node}{_SUFFIX}"
        self._key = key
        self._before = _SEED
        self._changed: dict[str, tuple[int, str]] = {}

    def note(self, attempt_id: str, seq: int, head: bytes) -> None:
        """A record is durable."""
        self._changed[attempt_id] = (seq, head.hex())

    async def keep(self, now_ms: int) -> None:
        """Appends the heads that changed since the last call. After an `OSError` the next call writes them too."""
        changed = self._changed
        if not changed:
            return
        self._changed = {}
        heads = tuple((attempt_id, seq, head) for attempt_id, (seq, head) in sorted(changed.items()))
        line = Line(now_ms, self._before, heads).signed(self._key)
        try:
            await asyncio.to_thread(_append, self._file, msgspec.json.encode(line) + b"\n")
        except OSError:
            self._changed = changed | self._changed
            raise
        self._before = line.mac


def _append(file: Path, data: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if os.write(descriptor, data) != len(data):
            os.ftruncate(descriptor, size)
            raise OSError(28, "no space for a whole line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_heads(folder: Path, key: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Attempt id, number and hash of every head that was kept. Raises `BadHeads` and `OSError`."""
    files = sorted(folder.glob(f"*{_SUFFIX}"))
    if not files:
        raise BadHeads(f"{folder} has no file of heads")
    for file in files:
        before = _SEED
        for number, text in enumerate(file.read_bytes().splitlines(), 1):
            try:
                line = msgspec.json.decode(text, type=Line)
            except msgspec.DecodeError:
                raise BadHeads(f"{file}, line {number}: it cannot be read") from None
            if line.before != before or not hmac.compare_digest(line.mac, line.signed(key).mac):
                raise BadHeads(
                    f"{file}, line {number}: it was changed, a line before it is gone, or the key is another"
                )
            before = line.mac
            for attempt_id, seq, head in line.heads:
                yield attempt_id, seq, bytes.fromhex(head)
