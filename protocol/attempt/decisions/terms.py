"""What changes the terms of an attempt: what its candidate is granted, and the newest rules of its test."""

from typing import Final

from msgspec.structs import replace

from protocol.attempt.clocks import gain_ms, new_under
from protocol.attempt.commands import Grant, Steer
from protocol.attempt.decisions.rules import ALREADY, Decision, barred, is_collected, next_records
from protocol.attempt.facts import Accommodated, Fact, Retermed
from protocol.attempt.kind import Kind
from protocol.attempt.model import OPEN, Accommodation, Attempt, Terms
from protocol.attempt.sheet import accommodated
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.staff import AccommodateAttempt, ApplyRules
from protocol.rules.overrides import at_least

_Facts = tuple[Fact, ...] | Refusal

CHANGED: Final = "what is granted has changed"
"""The reason of what follows by itself."""


def grant(attempt: Attempt, command: Grant, now_ms: int) -> Decision:
    """The attempt follows what its candidate is granted. Once it has started, what is stricter than before waits for
    staff to say so."""
    if attempt.status not in OPEN or attempt.collected:
        return ALREADY
    given = without_loss(attempt, command.accommodation)
    if given == attempt.accommodation:
        return ALREADY
    return next_records(attempt, command.by, now_ms, Accommodated(given, None, command.reason))


def accommodate(attempt: Attempt, kind: Kind, command: Steer, order: AccommodateAttempt, now_ms: int) -> _Facts:
    """Staff set the extra time, or put in force what is granted."""
    refusal = barred(attempt, kind, now_ms) or is_collected(attempt)
    if refusal is not None:
        return refusal
    given = command.accommodation
    assert given is not None, "whoever asks for it brings what is granted"
    if not order.may_shorten:
        kept = without_loss(attempt, given)
        if order.extra_time_ms is not None and _time(attempt, kept) != _time(attempt, given):
            if not _is_limited_by_staff_alone(attempt):
                return refuse(Code.WOULD_SHORTEN)
            kept = at_least(attempt.pinned_of_test, replace(attempt.accommodation, unlimited_time=False), given)
        given = kept
    return (Accommodated(given, order.command_id, order.reason, order.extra_time_ms, order.may_shorten),)


def apply_rules(attempt: Attempt, kind: Kind, command: Steer, order: ApplyRules, now_ms: int) -> _Facts:
    """Staff put the rules of the test's newest version in force."""
    refusal = barred(attempt, kind, now_ms) or is_collected(attempt)
    if refusal is not None:
        return refusal
    assert command.terms is not None, "whoever asks for it brings them"
    # Whether the limit is hard or soft stays as it was at the start, as for sections and questions.
    of_test = replace(command.terms, soft=attempt.pinned_of_test.soft)
    terms = accommodated(of_test, attempt.accommodation)
    refusal = None if order.may_shorten else _shortens(attempt, terms)
    return refusal or (Retermed(of_test, order.command_id, order.reason, order.may_shorten),)


def without_loss(attempt: Attempt, given: Accommodation) -> Accommodation:
    """What is granted, but for what would take something from a candidate who has begun."""
    if attempt.test_terms is None:
        return given
    return at_least(attempt.test_terms, attempt.accommodation, given)


def _is_limited_by_staff_alone(attempt: Attempt) -> bool:
    """Whether unlimited time is no more than a word: staff gave a time with the reopening, and nothing else of the
    paper has a limit that would come back."""
    sections = () if attempt.layout is None else attempt.layout.sections
    return attempt.limit_given and not attempt.limits_questions and all(one.limit_ms is None for one in sections)


def _time(attempt: Attempt, given: Accommodation) -> tuple[object, ...]:
    """What the terms say of the time, if this is granted."""
    if attempt.test_terms is None:
        return ()
    terms = accommodated(attempt.test_terms, given)
    return terms.duration_ms, terms.extra_time_ms, terms.extra_time_permille, terms.unlimited_time


def _shortens(attempt: Attempt, terms: Terms) -> Refusal | None:
    """Refused if these terms would take time from the candidate: from a clock, its grace, the time for handing in, or
    the pause for a lost connection in which her clocks stand."""
    before, standing = attempt.pinned, attempt.pause
    is_away = standing is not None and standing.connection_lost
    gains = (gain_ms(attempt, clock, terms) for clock in attempt.clocks)
    less_grace_ms = max(0, before.grace_ms - terms.grace_ms)
    takes = (
        (terms.at_end != "submit" and (before.at_end == "submit" or terms.hand_in_ms < before.hand_in_ms))
        or new_under(attempt, terms)
        or (is_away and terms.pause_budget_ms < before.pause_budget_ms)
        or any(gain is not None and gain < less_grace_ms for gain in gains)
    )
    return refuse(Code.WOULD_SHORTEN) if takes else None
