"""Appends this node's signed heads to its file, and tells the database how far it has got."""

import asyncio
import os
from pathlib import Path

import msgspec

from server.heads.signed import SEED, SUFFIX, Line
from storage.log.head_files import HeadFiles, LastLine


class HeadKeeper:
    """One node's file in `folder`, which should be append-only or on another machine."""

    def __init__(self, folder: Path, key: bytes, node: str, files: HeadFiles) -> None:
        """`files`: what the database knows of the file."""
        self._file = folder / f"{node}{SUFFIX}"
        self._key = key
        self._node = node
        self._files = files
        self._last = LastLine(0, SEED)
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
