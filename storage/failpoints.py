"""Places at which a process dies on purpose, so that a drill can try what becomes of a commit.

Named in a setting that is read once at the start: `before.commit:150` dies at the 150th transaction of the journal,
before anything of it is sent; `in.commit` while it is under way; `after.commit` when it is durable and nobody has been
told. Where the setting is empty, nothing of this is anywhere near the journal.
"""

import asyncio
import os
import re
import signal
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from storage.log.batch import LogWriter, Rows

_SPEC: Final = re.compile(r"(before\.commit|in\.commit|after\.commit):([1-9][0-9]{0,8})")


_EARLY_S: Final = 0.2


class Point(StrEnum):
    """Where, seen from the commit."""

    BEFORE = "before.commit"
    IN = "in.commit"
    AFTER = "after.commit"


def parse(text: str) -> tuple[Point, int]:
    """The point, and the number of the transaction. Raises `ValueError`."""
    found = _SPEC.fullmatch(text)
    if found is None:
        raise ValueError("must be before.commit, in.commit or after.commit, a colon, and the number of a transaction")
    return Point(found[1]), int(found[2])


def die() -> None:
    """As `kill -9` does: nothing is said, closed or written."""
    os.kill(os.getpid(), signal.SIGKILL)


class FailingWriter:
    """A log's writer that dies at its point, and until then does what the one within does."""

    def __init__(self, within: LogWriter, point: Point, transaction: int, die: Callable[[], None] = die) -> None:
        self._within = within
        self._point = point
        self._left = transaction
        self._die = die

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        return await self._within.hashes(positions)

    async def write(self, rows: Rows) -> dict[str, str]:
        self._left -= 1
        if self._left != 0:
            return await self._within.write(rows)
        if self._point is Point.BEFORE:
            # Whatever is told too early gets out by then.
            await asyncio.sleep(_EARLY_S)
            self._die()
        writing = asyncio.ensure_future(self._within.write(rows))
        if self._point is Point.IN:
            # One turn of the loop: the statement has left, and its answer is not here yet.
            await asyncio.sleep(0)
            self._die()
        outcome = await writing
        if self._point is Point.AFTER:
            self._die()
        return outcome

    async def outlast(self) -> None:
        await self._within.outlast()

    async def close(self) -> None:
        await self._within.close()
