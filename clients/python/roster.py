"""The rows of one test as an instructor sees them, merged from what arrives in any order, repeated or not.

Of two rows of an attempt the one with the greater (`seq`, `tick`) stays; across connections `seq` alone decides. A
complete roster, once its last part is here, also says which attempts are no longer there. Pure.

A new connection may tell of fewer records of an attempt than are known: its node is behind for some seconds, or the
database was restored from an older copy. The known row stays until whoever drives this calls `believe`.
"""

from protocol.messages.monitor import Roster as RosterPart
from protocol.messages.monitor import Row, Rows


class Roster:
    """Rows by attempt id. `complete` once the first whole roster has come."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.complete = False
        self._awaited_part = 0
        self._named: set[str] = set()
        self._from_before: set[str] = set()
        """Attempts of which nothing was heard on this connection yet that has as many records."""
        self._doubted: dict[str, Row] = {}
        """What this connection tells of those that has fewer records."""

    def restart(self) -> None:
        """A new connection: a new server counts its ticks anew, so an old row outranks none with as many records."""
        self._from_before = set(self.rows)
        self._doubted.clear()

    @property
    def doubts(self) -> bool:
        """Whether this connection tells of fewer records than are known."""
        return bool(self._doubted)

    def believe(self) -> list[Row]:
        """Takes what this connection tells of fewer records. Returns the rows that have changed."""
        believed = [row for attempt_id, row in self._doubted.items() if attempt_id in self.rows]
        for row in believed:
            self._from_before.discard(row.attempt_id)
            self.rows[row.attempt_id] = row
        self._doubted.clear()
        return believed

    def merge_rows(self, message: Rows) -> list[Row]:
        """Rows that have changed. Returns those that were news."""
        # They may tell of attempts that are younger than a roster whose parts are still on their way.
        self._named.update(row.attempt_id for row in message.rows)
        return [row for row in message.rows if self._merge(row)]

    def merge_part(self, message: RosterPart) -> list[Row]:
        """One part of a complete picture. Returns the rows that were news.

        A part out of turn makes the picture unfit to say what has gone; its rows count all the same.
        """
        if message.part == 0:
            self._named.clear()
            self._awaited_part = 0
        in_turn = message.part == self._awaited_part
        self._awaited_part = message.part + 1 if in_turn else -1
        self._named.update(row.attempt_id for row in message.rows)
        news = [row for row in message.rows if self._merge(row)]
        if in_turn and self._awaited_part == message.parts:
            self.rows = {attempt_id: row for attempt_id, row in self.rows.items() if attempt_id in self._named}
            self.complete = True
            self._named.clear()
        return news

    def _merge(self, row: Row) -> bool:
        known = self.rows.get(row.attempt_id)
        if known is not None and row.attempt_id in self._from_before:
            if known.seq > row.seq:
                doubted = self._doubted.get(row.attempt_id)
                if doubted is None or (doubted.seq, doubted.tick) < (row.seq, row.tick):
                    self._doubted[row.attempt_id] = row
                return False
            self._doubted.pop(row.attempt_id, None)
            if known == row:
                return False
        elif known is not None and (known.seq, known.tick) >= (row.seq, row.tick):
            return False
        self._from_before.discard(row.attempt_id)
        self.rows[row.attempt_id] = row
        return True
