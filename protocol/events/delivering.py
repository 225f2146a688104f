"""When a delivery is tried again, and when it is given up. Pure: whoever calls brings the clock and the chance."""

from typing import Final

import msgspec

GIVE_UP_MS: Final = 3 * 24 * 3600 * 1000
"""A receiver that fails on a Friday evening is repaired on Monday; what it missed then waits as a dead letter."""
_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
WAITS_MS: Final = (
    5 * _SECOND_MS,
    30 * _SECOND_MS,
    2 * _MINUTE_MS,
    10 * _MINUTE_MS,
    30 * _MINUTE_MS,
    2 * _HOUR_MS,
    5 * _HOUR_MS,
    10 * _HOUR_MS,
)
"""Between two tries; the last one is the longest. After the schedule that Standard Webhooks recommends."""
JITTER: Final = 0.2
"""The share of a wait by which it is longer or shorter, so that what failed together does not come back together."""
MOST_RETRY_AFTER_MS: Final = 24 * _HOUR_MS
"""A receiver may ask for a pause, and not for ever."""
GONE: Final = 410
_MOST_ERROR_CHARS: Final = 300


class Tried(msgspec.Struct, frozen=True):
    """What came of one try. `status` nil: there was no answer, and `error` says why. `final`: to try again is in vain.
    `needless`: there is nothing to deliver, and `error` says why."""

    status: int | None
    error: str | None = None
    retry_after_ms: int | None = None
    final: bool = False
    needless: bool = False

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants nothing any more."""
        return self.status == GONE


class Next(msgspec.Struct, frozen=True):
    """What becomes of the delivery. `due_ms` nil: it is over, and `state` says how."""

    state: str
    due_ms: int | None
    error: str | None


WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"
STATES: Final = (WAITING, DELIVERED, DEAD)


def after_try(tried: Tried, tries: int, now_ms: int, give_up_ms: int, chance: float) -> Next:
    """`tries`: how many there were, this one included. `chance` is from 0 to 1."""
    if tried.arrived or tried.needless:
        return Next(DELIVERED, None, tried.error)
    error = (tried.error or f"answered {tried.status}")[:_MOST_ERROR_CHARS]
    due_ms = now_ms + wait_ms(tries, chance)
    if tried.retry_after_ms is not None:
        due_ms = max(due_ms, now_ms + min(tried.retry_after_ms, MOST_RETRY_AFTER_MS))
    if tried.gone or tried.final or now_ms >= give_up_ms:
        return Next(DEAD, None, error)
    # The last try comes when it is given up, and not some hours before.
    return Next(WAITING, min(due_ms, max(give_up_ms, now_ms + WAITS_MS[0])), error)


def wait_ms(tries: int, chance: float) -> int:
    """How long to wait after so many tries."""
    wait = WAITS_MS[min(tries, len(WAITS_MS)) - 1]
    return round(wait * (1 + JITTER * (2 * chance - 1)))
