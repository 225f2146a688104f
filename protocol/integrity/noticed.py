"""What was noticed in an attempt so far: sums, and how fast more may come."""

from typing import Final

import msgspec
from msgspec.structs import replace

from protocol import limits
from protocol.integrity.signals import PAGE_SIGNALS, ServerSignal, Signal

_MINUTE_MS: Final = 60_000


class Noticed(msgspec.Struct, frozen=True, gc=False):
    """Of one signal: noticed `count` times, the last time at `at_ms`; `size` is the sum of the sizes. The candidate was
    warned `warnings` times, the last time at `warned_at_ms`, and staff were alerted `alerts` times, the last time at
    `alerted_at_ms`."""

    signal: Signal
    count: int = 0
    size: int = 0
    at_ms: int = 0
    warnings: int = 0
    warned_at_ms: int | None = None
    alerts: int = 0
    alerted_at_ms: int | None = None


class Observations(msgspec.Struct, frozen=True, gc=False):
    """All of an attempt. `records` are those of what its page said, `in_minute` of them since `minute_ms`."""

    noticed: tuple[Noticed, ...] = ()
    records: int = 0
    minute_ms: int = 0
    in_minute: int = 0

    def of(self, signal: Signal) -> Noticed:
        return next((one for one in self.noticed if one.signal == signal), Noticed(signal))


NONE: Final = Observations()


def has_room(observations: Observations | None, now_ms: int) -> bool:
    """Whether one more record may be made now of what a page says."""
    if observations is None:
        return True
    if observations.records >= limits.MAX_OBSERVATIONS:
        return False
    is_new_minute = now_ms >= observations.minute_ms + _MINUTE_MS
    return is_new_minute or observations.in_minute < limits.OBSERVATIONS_PER_MINUTE


def has_own_room(observations: Observations | None, signal: ServerSignal) -> bool:
    """Whether one more record may be made of what the server sees for itself. What a page says takes none of this room:
    otherwise a page that says much would hide it."""
    return observations is None or observations.of(signal).count < limits.MAX_SEEN_HERE


def may_alert(noticed: Noticed, now_ms: int) -> bool:
    """Whether staff are alerted again: of one signal once a minute."""
    return noticed.alerted_at_ms is None or now_ms >= noticed.alerted_at_ms + _MINUTE_MS


def with_more(
    before: Observations | None, signal: Signal, count: int, size: int, warned: bool, at_ms: int
) -> Observations:
    """With one more record."""
    was = NONE if before is None else before
    one = was.of(signal)
    one = replace(
        one,
        count=min(limits.MAX_INT, one.count + count),
        size=min(limits.MAX_INT, one.size + size),
        at_ms=at_ms,
        warnings=one.warnings + warned,
        warned_at_ms=at_ms if warned else one.warned_at_ms,
    )
    if signal not in PAGE_SIGNALS:
        return replace(was, noticed=_put(was.noticed, one))
    goes_on = at_ms < was.minute_ms + _MINUTE_MS
    return Observations(
        _put(was.noticed, one),
        was.records + 1,
        was.minute_ms if goes_on else at_ms,
        was.in_minute + 1 if goes_on else 1,
    )


def with_alert(before: Observations | None, signal: Signal, at_ms: int) -> Observations:
    """Staff were alerted."""
    was = NONE if before is None else before
    one = was.of(signal)
    return replace(was, noticed=_put(was.noticed, replace(one, alerts=one.alerts + 1, alerted_at_ms=at_ms)))


def _put(noticed: tuple[Noticed, ...], one: Noticed) -> tuple[Noticed, ...]:
    kept = tuple(one if other.signal == one.signal else other for other in noticed)
    return kept if any(other is one for other in kept) else (*kept, one)
