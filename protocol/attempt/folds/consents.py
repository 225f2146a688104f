"""To what pictures the candidate agrees."""

from protocol.attempt.facts import ConsentGiven, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt
from protocol.integrity.captures import Consent


def given(a: Attempt, record: Record, fact: ConsentGiven) -> Changes:
    others = (one for one in a.consents if one.source != fact.source)
    said = Consent(fact.source, fact.says, fact.every_ms, fact.keep_days, record.entry.at_ms)
    return {"consents": tuple(sorted((*others, said), key=lambda one: one.source))}
