"""A room's rows: the newest one of each attempt, from any node. Pure merging."""

from collections.abc import Iterable, Set
from typing import Final

from msgspec.structs import replace

from protocol.limits import HOLDER_GONE_MS
from protocol.marks import mark
from protocol.messages.monitor import Row

SILENT_AFTER_MS: Final = 6_000
"""A node says every two seconds that it is alive. After three silent intervals its rows turn to "unknown"."""


class Board:
    """Rows by attempt, and the numbers of each node's batches."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._source: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._heard_ms: dict[str, int] = {}
        self._unknown_ms: dict[str, int] = {}
        self.moved = False
        """Whether a row has come into another branch: whoever watches one branch alone needs a whole picture."""

    @property
    def rows(self) -> list[Row]:
        return list(self._rows.values())

    def merge(self, rows: Iterable[Row], node: str | None) -> list[Row]:
        """Keeps the rows that are newer, and returns them. `node` None: they come from the database."""
        changed: list[Row] = []
        for row in rows:
            known = self._rows.get(row.attempt_id)
            if node is None and known is not None and known.seq == row.seq and _content(known) != _content(row):
                # For the same record the database's row wins over a node's.
                row = replace(row, tick=known.tick + 1)
            elif known is not None and (known.seq, known.tick) >= (row.seq, row.tick):
                if node is None or known.connection != "unknown" or (known.seq, known.tick - 1) > (row.seq, row.tick):
                    continue
                # The node is back with the same row: raise the tick to beat "unknown".
                row = replace(row, tick=known.tick + 1)
            if known is not None and node is None:
                # The database knows nothing about connections.
                row = replace(row, connection=known.connection, last_seen_ms=known.last_seen_ms)
            self.moved |= known is not None and known.branch_id != row.branch_id
            self._rows[row.attempt_id] = row
            if node is not None:
                self._source[row.attempt_id] = node
            changed.append(row)
        return changed

    def forget(self, attempt_ids: Iterable[str]) -> None:
        """Removes the rows of these attempts: they were wrong."""
        for attempt_id in attempt_ids:
            self._rows.pop(attempt_id, None)
            self._source.pop(attempt_id, None)

    def count(self, node: str, number: int, now_ms: int) -> bool:
        """Notes the number of a node's batch; False if a batch before it is missing."""
        last = self._numbers.get(node)
        self._numbers[node] = number
        self._heard_ms[node] = now_ms
        return last is None or number == last + 1

    def silence(self, now_ms: int) -> list[Row]:
        """Sets the rows of silent nodes to "unknown"; returns the changed rows."""
        silent = {node for node, heard_ms in self._heard_ms.items() if now_ms - heard_ms > SILENT_AFTER_MS}
        changed: list[Row] = []
        for node in silent:
            del self._heard_ms[node]
            self._numbers.pop(node, None)
        if not silent:
            return changed
        for attempt_id, node in list(self._source.items()):
            row = self._rows[attempt_id]
            if node in silent and row.connection == "online":
                mark("board: a node falls silent")
                # Raise the tick, since a watcher accepts only newer rows.
                unknown = replace(row, connection="unknown", tick=row.tick + 1)
                self._rows[attempt_id] = unknown
                changed.append(unknown)
        return changed

    @property
    def unknown(self) -> list[str]:
        """Attempts of which nobody knows whether the candidate is connected."""
        return [row.attempt_id for row in self._rows.values() if row.connection == "unknown"]

    def give_up(self, now_ms: int, living: Set[str]) -> list[Row]:
        """Sets rows to "offline" that have been "unknown" for `HOLDER_GONE_MS`; returns the changed rows. `living`: the
        nodes that give signs of life in the database. Where one of them told the row and is not heard here, the relay
        is broken, and the candidate may well be connected: that row stays."""
        changed: list[Row] = []
        self._unknown_ms = {attempt_id: self._unknown_ms.get(attempt_id, now_ms) for attempt_id in self.unknown}
        for attempt_id, since_ms in self._unknown_ms.items():
            source = self._source.get(attempt_id)
            if now_ms - since_ms < HOLDER_GONE_MS or (source in living and source not in self._heard_ms):
                continue
            mark("board: a silent node is dead")
            row = self._rows[attempt_id]
            self._rows[attempt_id] = replace(row, connection="offline", tick=row.tick + 1)
            changed.append(self._rows[attempt_id])
        return changed


def _content(row: Row) -> Row:
    """The part of a row that comes from the log, without what only nodes know."""
    return replace(row, tick=0, connection="", last_seen_ms=None)
