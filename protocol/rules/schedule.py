"""Looks for candidates who can't have what they are granted (too short a window, a form that the test has not), and for
what has no effect in the test."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from protocol.attempt.model import Accommodation, Terms
from protocol.attempt.sheet import terms_of
from protocol.content import Rules, TestContent
from protocol.durations import in_minutes
from protocol.rules.admission import Earlier, at_the_opening, may_grant_another
from protocol.rules.consistency import oddities
from protocol.rules.overrides import with_extra_attempts


class Trouble(StrEnum):
    """What is wrong with a schedule."""

    WINDOW_TOO_SHORT = "window_too_short"
    NO_WINDOW = "no_window"
    UNLIMITED_TIME_ENDS = "unlimited_time_ends"
    SECTIONS_TOO_LONG = "sections_too_long"
    UNKNOWN_FORM = "unknown_form"
    NO_EFFECT = "no_effect"
    NO_FURTHER_ATTEMPT = "no_further_attempt"


class Scheduled(msgspec.Struct, frozen=True):
    """A candidate of a test: what she is granted, the form that she is enrolled for, and her attempts where she is
    granted further ones."""

    user_id: str
    granted: Accommodation
    form_id: str | None = None
    attempts: tuple[Earlier, ...] = ()


class ScheduleWarning(msgspec.Struct, frozen=True):
    """`user_id` nil: it is so for everybody who was granted nothing. `missing_ms` is how much too short it is."""

    trouble: Trouble
    detail: str
    user_id: str | None = None
    missing_ms: int | None = None


def check_schedule(content: TestContent, candidates: Iterable[Scheduled]) -> Iterator[ScheduleWarning]:
    """What of the test has no effect, what is wrong for everybody, then candidate by candidate. What is wrong for
    everybody is not said again of those for whom it is no worse."""
    for said in oddities(content):
        yield ScheduleWarning(Trouble.NO_EFFECT, said)
    for_all = list(_look(content, Accommodation(), None))
    yield from for_all
    known = {(one.trouble, one.missing_ms) for one in for_all}
    for candidate in candidates:
        for one in _look(content, candidate.granted, candidate.user_id):
            if (one.trouble, one.missing_ms) not in known:
                yield one
        if candidate.form_id is not None and candidate.form_id not in content.forms:
            detail = f"She is enrolled for the form {candidate.form_id}, which the test has not."
            yield ScheduleWarning(Trouble.UNKNOWN_FORM, detail, candidate.user_id)
        if candidate.granted.extra_attempts:
            yield from _granted_in_vain(content.rules, candidate)


def _look(content: TestContent, granted: Accommodation, user_id: str | None) -> Iterator[ScheduleWarning]:
    terms = terms_of(content.rules, granted)
    opens_ms, closes_ms = terms.window_opens_at_ms, terms.window_closes_at_ms
    sections_ms = _sections_ms(content)
    if user_id is None and terms.duration_ms is not None and sections_ms > terms.duration_ms:
        missing_ms = sections_ms - terms.duration_ms
        detail = f"The limits of the sections are {in_minutes(missing_ms)} longer than the test's duration."
        yield ScheduleWarning(Trouble.SECTIONS_TOO_LONG, detail, None, missing_ms)
    if opens_ms is None or closes_ms is None:
        if terms.unlimited_time and closes_ms is not None:
            yield _unlimited(user_id)
        return
    if closes_ms <= opens_ms:
        yield ScheduleWarning(Trouble.NO_WINDOW, "The window closes before it opens.", user_id)
        return
    if terms.unlimited_time:
        yield _unlimited(user_id)
        return
    missing_ms = _needed_ms(terms, sections_ms) - (closes_ms - opens_ms)
    if missing_ms > 0:
        detail = f"The window is {in_minutes(missing_ms)} too short for the whole time, even from its very beginning."
        yield ScheduleWarning(Trouble.WINDOW_TOO_SHORT, detail, user_id, missing_ms)


def _granted_in_vain(rules: Rules, candidate: Scheduled) -> Iterator[ScheduleWarning]:
    """A further attempt that the time between two attempts leaves no room for, however soon the one before it ends."""
    mine, terms = with_extra_attempts(rules, candidate.granted), terms_of(rules, candidate.granted)
    counted = [one for one in candidate.attempts if one.counts]
    if mine.max_attempts is None or len(counted) >= mine.max_attempts:
        return
    opens_ms = terms.window_opens_at_ms or 0
    if may_grant_another(mine, terms, counted or [at_the_opening(opens_ms)], opens_ms) is not None:
        detail = "A further attempt is granted, and the time between two attempts ends when the window is over."
        yield ScheduleWarning(Trouble.NO_FURTHER_ATTEMPT, detail, candidate.user_id)


def _unlimited(user_id: str | None) -> ScheduleWarning:
    return ScheduleWarning(
        Trouble.UNLIMITED_TIME_ENDS, "Her time is unlimited, and ends with the window all the same.", user_id
    )


def _needed_ms(terms: Terms, sections_ms: int) -> int:
    if terms.duration_ms is not None:
        return terms.duration_ms + terms.extra_time_ms
    if not sections_ms:
        return 0
    share_ms = -(-sections_ms * terms.extra_time_permille // 1_000)
    return sections_ms + max(share_ms, terms.extra_time_ms)


def _sections_ms(content: TestContent) -> int:
    """What all sections together take, if each has a limit of its own."""
    limits = [section.limit_ms for section in content.sections]
    return sum(limit_ms or 0 for limit_ms in limits) if limits and None not in limits else 0
