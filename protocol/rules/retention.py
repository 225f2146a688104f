"""For how long logs are kept, and when one may leave the database."""

from typing import Final

import msgspec

from protocol.attempt.model import SETTLED, Attempt

DAY_MS: Final = 24 * 3600 * 1000


class Retention(msgspec.Struct, frozen=True):
    """Days from the last record until a log goes into an archive, and from then until the archive is deleted; nil:
    never. Where nobody has said anything, everything is kept."""

    archive_after_days: int | None = None
    drop_after_days: int | None = None

    def archive_before_ms(self, now_ms: int) -> int | None:
        """Logs that were left alone since before this instant go into an archive; None: none do."""
        return None if self.archive_after_days is None else now_ms - self.archive_after_days * DAY_MS

    def drop_before_ms(self, now_ms: int) -> int | None:
        """Archives that were made before this instant are deleted; None: none are."""
        return None if self.drop_after_days is None else now_ms - self.drop_after_days * DAY_MS


def may_leave(attempt: Attempt, written_ms: int, before_ms: int) -> bool:
    """Whether its log may go into an archive: nothing is due of the attempt, no late answer waits for staff, and its
    last record was written before that instant."""
    waits = any(late.decision is None for late in attempt.late)
    return attempt.status in SETTLED and not waits and written_ms < before_ms
