"""Signed log heads outside of the database. The database's owner can rewrite a log with matching hashes; a head that
was signed and stored elsewhere before reveals it.

Each node appends lines to a file of its own: which attempts it has written to since the last line, with the number and
the hash of their last record. A line's MAC covers the line before it, so no line can be taken from the middle. The
database knows how many lines each file has, and the MAC of the last one: a file without its end is missed too.
"""

import asyncio
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from storage.head_files import HeadFiles, LastLine

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

    def __init__(self, folder: Path, key: bytes, node: str, files: HeadFiles) -> None:
        """`files`: what the database knows of the file."""
        self._file = folder / f"{node}{_SUFFIX}"
        self._key = key
        self._node = node
        self._files = files
        self._last = LastLine(0, _SEED)
        self._known: LastLine | None = None
        """What the database knows as the last line; None: it does not know that there is such a file."""
        self._changed: dict[str, tuple[int, str]] = {}

    def note(self, attempt_id: str, seq: int, head: bytes) -> None:
        """A record is durable."""
        self._changed[attempt_id] = (seq, head.hex())

    async def keep(self, now_ms: int) -> None:
        """Appends the heads that changed since the last call. After an `OSError` or a `StorageUnavailable` the next
        call writes them too."""
        if self._known is None and self._changed:
            # Before there is a file: one that the database does not know of is suspicious.
            await self._note_last()
        if self._changed:
            await self._append(now_ms)
        if self._known not in (None, self._last):
            await self._note_last()

    async def _append(self, now_ms: int) -> None:
        changed, self._changed = self._changed, {}
        heads = tuple((attempt_id, seq, head) for attempt_id, (seq, head) in sorted(changed.items()))
        line = Line(now_ms, self._last.mac, heads).signed(self._key)
        try:
            await asyncio.to_thread(_append, self._file, msgspec.json.encode(line) + b"\n")
        except OSError:
            self._changed = changed | self._changed
            raise
        self._last = LastLine(self._last.number + 1, line.mac)

    async def _note_last(self) -> None:
        last = self._last
        await self._files.keep(self._node, last)
        self._known = last


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


class NodesHeads(msgspec.Struct, frozen=True):
    """What one node has kept: the MAC of each line of its file; attempt id, number and hash of every head."""

    macs: list[str]
    heads: list[tuple[str, int, bytes]]


def read_heads(folder: Path, key: bytes) -> dict[str, NodesHeads]:
    """By node, everything that was kept in `folder`. Raises `BadHeads` and `OSError`."""
    return {file.stem: _read(file, key) for file in sorted(folder.glob(f"*{_SUFFIX}"))}


def _read(file: Path, key: bytes) -> NodesHeads:
    found = NodesHeads([], [])
    before = _SEED
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


def find_missing(files: Mapping[str, NodesHeads], known: Mapping[str, LastLine]) -> list[str]:
    """What the files of heads lack that the database knows of, and the files that it does not know: a sentence each."""
    found = [
        f"{node}{_SUFFIX}: the database does not know this file; it is older than the file, or the row was deleted"
        for node in files
        if node not in known
    ]
    for node, last in sorted(known.items()):
        file = files.get(node)
        there = 0 if file is None else len(file.macs)
        if there < last.number:
            found.append(
                f"{node}{_SUFFIX}: the file is missing; it had {last.number} lines or more"
                if file is None
                else f"{node}{_SUFFIX}: it has {there} lines and had {last.number} or more: its end was cut off"
            )
        elif file is not None and last.number and file.macs[last.number - 1] != last.mac:
            found.append(f"{node}{_SUFFIX}, line {last.number}: it is not the line that the database knows")
    return found
