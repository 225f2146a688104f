"""For how long organisations keep what they have, and when a log may leave the database."""

from collections.abc import Iterator
from typing import Final

import msgspec

from protocol.attempt.model import SETTLED, Attempt

DAY_MS: Final = 24 * 3600 * 1000
DELIVERY_DAYS: Final = 3
"""How long it can be seen that something was delivered, where nobody has said anything."""


class Retention(msgspec.Struct, frozen=True):
    """Days from the last record until a log goes into an archive, and from then until the archive is deleted; days
    after which an entry of the audit log loses what it says, what was delivered is forgotten, and a file that no test
    names is deleted. Nil: never, and deliveries after `DELIVERY_DAYS`."""

    archive_after_days: int | None = None
    drop_after_days: int | None = None
    audit_days: int | None = None
    delivery_days: int | None = None
    media_days: int | None = None

    def archive_before_ms(self, now_ms: int) -> int | None:
        """Logs that were left alone since before this instant go into an archive; None: none do."""
        return None if self.archive_after_days is None else now_ms - self.archive_after_days * DAY_MS

    def drop_before_ms(self, now_ms: int) -> int | None:
        """Archives that were made before this instant are deleted; None: none are."""
        return None if self.drop_after_days is None else now_ms - self.drop_after_days * DAY_MS

    def audit_before_ms(self, now_ms: int) -> int | None:
        """Entries from before this instant lose what they say; None: none do. It is the start of a day, so that one
        entry a day tells of it."""
        return None if self.audit_days is None else (now_ms // DAY_MS - self.audit_days) * DAY_MS

    def delivered_before_ms(self, now_ms: int) -> int:
        """What was delivered before this instant is forgotten."""
        return now_ms - (self.delivery_days or DELIVERY_DAYS) * DAY_MS

    def unused_before_ms(self, now_ms: int) -> int | None:
        """Files that no test has named since before this instant are deleted; None: none are."""
        return None if self.media_days is None else now_ms - self.media_days * DAY_MS


class Bounds(msgspec.Struct, frozen=True):
    """What an operator allows: nothing is kept for longer than `most`, or for less long than `least` says. `most` is in
    force where an organisation says nothing. A picture from a candidate's camera or of her screen is kept for
    `captured_days` at most: each test says for how long, and no organisation does."""

    most: Retention = Retention()
    least: Retention = Retention()
    captured_days: int | None = None

    def apply(self, rule: Retention) -> Retention:
        """What is in force."""
        if rule.delivery_days is None and self.most.delivery_days is None:
            rule = msgspec.structs.replace(rule, delivery_days=DELIVERY_DAYS)
        return Retention(*(_within(*days) for days in self._of(rule)))

    def beyond(self, rule: Retention) -> tuple[str, int, int | None] | None:
        """The first field that keeps something for too long, or not for long enough, and between how many days it may
        be."""
        for name, (own, least, most) in zip(rule.__struct_fields__, self._of(rule), strict=True):
            if own is not None and own != _within(own, least, most):
                return name, least or 1, most
        return None

    def _of(self, rule: Retention) -> Iterator[tuple[int | None, int | None, int | None]]:
        astuple = msgspec.structs.astuple
        return zip(astuple(rule), astuple(self.least), astuple(self.most), strict=True)


def _within(own: int | None, least: int | None, most: int | None) -> int | None:
    days = min((one for one in (own, most) if one is not None), default=None)
    return days if days is None or least is None else max(days, least)


def may_leave(attempt: Attempt, written_ms: int, before_ms: int) -> bool:
    """Whether its log may go into an archive: nothing is due of the attempt, no late answer waits for staff, and its
    last record was written before that instant."""
    waits = any(late.decision is None for late in attempt.late)
    return attempt.status in SETTLED and not waits and written_ms < before_ms
