"""What the database knows of the files of signed heads: how many lines each has, and the MAC of its last line.

The files lie outside of the database. A chain of MACs shows no line that is gone from a file's end, and no file that is
gone as a whole; this does.
"""

from typing import Final

import msgspec
from sqlalchemy import select, text

from storage.database import Database
from storage.schema import head_files

_KEEP: Final = text(
    "INSERT INTO head_files (node, lines, mac) VALUES (:node, :lines, :mac)"
    " ON CONFLICT (node) DO UPDATE SET lines = excluded.lines, mac = excluded.mac"
)
_ALL: Final = select(head_files.c.node, head_files.c.lines, head_files.c.mac)


class LastLine(msgspec.Struct, frozen=True):
    """Of one file: its number, from 1 (0: there is none yet), and its MAC in hex."""

    number: int
    mac: str


class HeadFiles:
    """A row for each node that has ever kept heads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, node: str, last: LastLine) -> None:
        """The file of this node has got so far."""
        row = {"node": node, "lines": last.number, "mac": last.mac}
        await self._database.write(lambda connection: connection.execute(_KEEP, row))

    async def all(self) -> dict[str, LastLine]:
        """By node."""
        rows = await self._database.read(lambda connection: connection.execute(_ALL).all())
        return {row.node: LastLine(row.lines, row.mac) for row in rows}
