"""What changes the terms: a candidate is granted more time, or the test's newest rules are put in force."""

from msgspec.structs import replace

from protocol.attempt.clocks import moved_by_terms
from protocol.attempt.deadlines import forgotten_from_ms
from protocol.attempt.facts import Accommodated, Record, Retermed
from protocol.attempt.folds import Changes
from protocol.attempt.model import Accommodation, Attempt, Terms
from protocol.attempt.sheet import accommodated as in_force


def accommodated(a: Attempt, record: Record, fact: Accommodated) -> Changes:
    changes: Changes = {"accommodation": fact.accommodation}
    if a.test_terms is not None:
        # Staff who put unlimited time in force take away the limit that they gave with a reopening.
        lifts = fact.command_id is not None and fact.accommodation.unlimited_time
        changes |= _under(a, a.test_terms, fact.accommodation, record.entry.at_ms, lifts=lifts)
    return changes


def retermed(a: Attempt, record: Record, fact: Retermed) -> Changes:
    return {"test_terms": fact.terms, **_under(a, fact.terms, a.accommodation, record.entry.at_ms)}


def _under(a: Attempt, of_test: Terms, accommodation: Accommodation, at_ms: int, *, lifts: bool = False) -> Changes:
    terms, pause = in_force(of_test, accommodation), a.pause
    if pause is not None and pause.forgotten_ms is not None:
        # A longer window takes it back.
        from_ms = forgotten_from_ms(terms, pause)
        if from_ms is None or from_ms > at_ms:
            pause = replace(pause, forgotten_ms=None)
    return {
        "terms": terms,
        "pause": pause,
        "clocks": moved_by_terms(a, terms, at_ms, lifts=lifts),
        "limit_given": a.limit_given and terms.unlimited_time and not lifts,
    }
