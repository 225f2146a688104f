"""What was noticed, and what it has come to."""

from protocol.attempt.facts import Alerted, Observed, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt
from protocol.integrity.noticed import with_alert, with_more


def observed(a: Attempt, record: Record, fact: Observed) -> Changes:
    at_ms = record.entry.at_ms
    return {"observations": with_more(a.observations, fact.signal, fact.count, fact.size, fact.warned, at_ms)}


def alerted(a: Attempt, record: Record, fact: Alerted) -> Changes:
    return {"observations": with_alert(a.observations, fact.signal, record.entry.at_ms)}
