"""What changes the terms: a candidate is granted more time, or the test's newest rules are put in force."""

from protocol.attempt.clocks import moved_by_terms
from protocol.attempt.facts import Accommodated, Record, Retermed
from protocol.attempt.folds import Changes
from protocol.attempt.model import Accommodation, Attempt, Terms
from protocol.attempt.sheet import accommodated as with_accommodation


def accommodated(a: Attempt, record: Record, fact: Accommodated) -> Changes:
    accommodation = Accommodation(fact.extra_time_ms)
    changes: Changes = {"accommodation": accommodation}
    if a.terms is not None:
        changes.update(_under(a, with_accommodation(a.terms, accommodation), record.entry.at_ms))
    return changes


def retermed(a: Attempt, record: Record, fact: Retermed) -> Changes:
    return _under(a, fact.terms, record.entry.at_ms)


def _under(a: Attempt, terms: Terms, at_ms: int) -> Changes:
    return {"terms": terms, "clocks": moved_by_terms(a, terms, at_ms)}
