"""Minimum times: before they have passed nobody hands in, or leaves a section.

What counts is the time for which the clock ran, so a pause makes the earliest instant later by its length. Where the
deadline of the test or of the section comes first, it ends the minimum time. What staff do is never too early.
"""

from protocol.attempt.model import Attempt, Scope, Status
from protocol.codes import Code
from protocol.durations import in_minutes
from protocol.errors import Refusal, refuse


def ran_until(attempt: Attempt, at_ms: int) -> int:
    """For how long the attempt's clock has run from the start until `at_ms`."""
    since_ms = attempt.running_since_ms
    if attempt.status is not Status.IN_PROGRESS or since_ms is None:
        return attempt.ran_ms
    return attempt.ran_ms + max(0, at_ms - since_ms)


def hand_in_from_ms(attempt: Attempt) -> int | None:
    """The instant from which the candidate may hand in; None: at any time, or the clock stands."""
    terms = attempt.terms
    if terms is None or attempt.collected or attempt.status is not Status.IN_PROGRESS:
        return None
    instants = (_reached_at(attempt, terms.min_time_ms), leave_from_ms(attempt))
    from_ms = max((at_ms for at_ms in instants if at_ms is not None), default=None)
    return _at_most(from_ms, attempt.deadline_ms)


def leave_from_ms(attempt: Attempt) -> int | None:
    """The instant from which the candidate may leave the open section; None: at any time, or the clock stands."""
    section_id = attempt.section_id
    if section_id is None or attempt.collected or attempt.status is not Status.IN_PROGRESS:
        return None
    min_ms = attempt.laid.section(section_id).min_ms
    if not min_ms:
        return None
    from_ms = _reached_at(attempt, attempt.section_from_ms + min_ms)
    ends = (clock.deadline_ms for clock in attempt.clocks if clock.scope is Scope.SECTION and not clock.soft)
    return _at_most(from_ms, next(ends, None))


def no_hand_in(attempt: Attempt, now_ms: int) -> Refusal | None:
    """Refused where it is too early to hand in."""
    return _refused(hand_in_from_ms(attempt), "hand in", now_ms)


def no_leave(attempt: Attempt, now_ms: int) -> Refusal | None:
    """Refused where it is too early to leave the open section."""
    return _refused(leave_from_ms(attempt), "leave this section", now_ms)


def _reached_at(attempt: Attempt, ran_ms: int) -> int | None:
    """When the clock, if nothing stops it, will have run for `ran_ms`; None: that is no time at all."""
    if not ran_ms or attempt.running_since_ms is None:
        return None
    return attempt.running_since_ms + max(0, ran_ms - attempt.ran_ms)


def _at_most(at_ms: int | None, end_ms: int | None) -> int | None:
    return at_ms if at_ms is None or end_ms is None else min(at_ms, end_ms)


def _refused(from_ms: int | None, what: str, now_ms: int) -> Refusal | None:
    if from_ms is None or now_ms >= from_ms:
        return None
    return refuse(Code.TOO_EARLY, f"You can {what} in {in_minutes(from_ms - now_ms)}. Until then, go on with the test.")
