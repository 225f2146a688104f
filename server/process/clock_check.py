"""An embedded database has no clock but this machine's. At the start that clock is compared with the log.

A clock set back by an hour would give every candidate an extra hour; a clock set forward would end every exam.
"""

import logging
from datetime import UTC, datetime
from typing import Final

from storage.attempts import Attempts
from storage.errors import StorageError

log = logging.getLogger(__name__)

MOST_BACK_MS: Final = 30_000
"""Tolerance: the clock may have been corrected by some seconds while the server was down. Giving candidates those
seconds does less harm than refusing to start in the middle of an exam."""
_FAR_FORWARD_MS: Final = 10 * 60_000


class ClockWentBack(StorageError):
    """This machine's clock says that it is earlier than the newest record of the log."""


async def check_clock(attempts: Attempts, now_ms: int, *, accept: bool) -> None:
    """Raises `ClockWentBack`, unless an operator has said that the clock is right (`accept`)."""
    newest_ms = await attempts.newest_written_ms()
    if newest_ms is None:
        return
    if newest_ms - now_ms > MOST_BACK_MS:
        story = (
            f"The clock of this machine says {_shown(now_ms)}, but the newest record of the log was written at "
            f"{_shown(newest_ms)}"
        )
        if not accept:
            raise ClockWentBack(
                f"{story}. Running exams would get that time as a present: set the clock.\n"
                "If the clock is right and the log is not, start once with PENCILSDOWN_ACCEPT_CLOCK=true."
            )
        log.error("%s. It starts all the same, since PENCILSDOWN_ACCEPT_CLOCK is set: take that away again", story)
    elif now_ms - newest_ms > _FAR_FORWARD_MS and (over := await attempts.count_overdue(now_ms)):
        log.error(
            "The clock of this machine says %s, and the newest record of the log was written at %s. In between the time"
            " of %d running attempts has ended. If the clock is wrong, stop the server, set it, and reopen them",
            *(_shown(now_ms), _shown(newest_ms), over),
        )


def _shown(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
