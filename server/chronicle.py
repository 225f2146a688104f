"""The log file's lines about attempts: one line for each staff command, and a sum for frequent events."""

import logging

from protocol.attempt.facts import Connected, Expired, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt
from protocol.rules.rights import STAFF
from server.metrics.tally import Tally

log = logging.getLogger(__name__)


class Chronicle:
    """Writes a line for a rare record, and counts the frequent ones."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._told = (0, 0, 0)

    def note(self, before: Attempt, record: Record, *, own: bool) -> None:
        """A record is durable; `own`: this node decided it."""
        fact = record.entry.fact
        kind = KIND_OF[type(fact)]
        if kind.hot:
            return
        if own:
            self._count(before, record)
        by_staff = own and record.entry.role in STAFF
        level = logging.INFO if by_staff else logging.DEBUG
        if log.isEnabledFor(level):
            identity = before.identity
            log.log(
                level,
                "Attempt %s: %s by %s, record %d%s",
                identity.attempt_id,
                kind.tag,
                record.entry.role.value,
                record.entry.seq,
                "" if own else ", from elsewhere",
                extra={"attempt_id": identity.attempt_id, "org_id": identity.org_id},
            )

    def _count(self, before: Attempt, record: Record) -> None:
        fact = record.entry.fact
        if isinstance(fact, Expired) and not (before.collected or fact.said):
            self._tally.expired += 1
        elif isinstance(fact, Connected) and before.connection_id not in (None, fact.connection_id):
            self._tally.superseded += 1

    def add_up(self) -> None:
        """Writes one line with the counts since the last such line, if there are any."""
        now = (self._tally.expired, self._tally.superseded, self._tally.reloads)
        if now != self._told:
            expired, superseded, reloads = (new - old for new, old in zip(now, self._told, strict=True))
            self._told = now
            log.info(
                "Since the last such line: %d ended by time, %d superseded, %d read again", expired, superseded, reloads
            )
