"""What a log tells of the attempts of a node: what staff did line by line, what happens to thousands added up."""

import logging
from typing import Final

from protocol.attempt.facts import Answered, Connected, Expired, Flagged, Moved, Receipted, Record
from protocol.attempt.model import Attempt, Role
from server.metrics.tally import Tally

log = logging.getLogger(__name__)

_TOO_MANY: Final = (Answered, Flagged, Moved, Receipted)
"""Facts of which an exam has hundreds of thousands: the log of the attempt has them."""
_STAFF: Final = (Role.INSTRUCTOR, Role.SERVICE)


class Chronicle:
    """Writes lines about records, and counts what it writes no line about."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._told = (0, 0, 0)

    def note(self, before: Attempt, record: Record, *, own: bool) -> None:
        """A record is durable; `own`: this node decided it."""
        fact = record.entry.fact
        if isinstance(fact, _TOO_MANY):
            return
        if own:
            self._count(before, record)
        by_staff = own and record.entry.role in _STAFF
        level = logging.INFO if by_staff else logging.DEBUG
        if log.isEnabledFor(level):
            identity = before.identity
            log.log(
                level,
                "Attempt %s: %s by %s, record %d%s",
                identity.attempt_id,
                fact.__struct_config__.tag,
                record.entry.role.value,
                record.entry.seq,
                "" if own else ", from elsewhere",
                extra={"attempt_id": identity.attempt_id, "org_id": identity.org_id},
            )

    def _count(self, before: Attempt, record: Record) -> None:
        fact = record.entry.fact
        if isinstance(fact, Expired) and not fact.reason:
            self._tally.expired += 1
        elif isinstance(fact, Connected) and before.connection_id not in (None, fact.connection_id):
            self._tally.superseded += 1

    def add_up(self) -> None:
        """One line for all that was counted since the last one, if anything was."""
        now = (self._tally.expired, self._tally.superseded, self._tally.reloads)
        if now != self._told:
            expired, superseded, reloads = (new - old for new, old in zip(now, self._told, strict=True))
            self._told = now
            log.info(
                "Since the last such line: %d ended by time, %d superseded, %d read again", expired, superseded, reloads
            )
