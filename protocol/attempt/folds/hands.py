"""Whether the candidate's hand is up, and whether staff have seen it."""

from protocol.attempt.facts import HandAcknowledged, HandRaised, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Hand


def raised(a: Attempt, record: Record, fact: HandRaised) -> Changes:
    return {"hand": Hand.RAISED if fact.raised else None}


def acknowledged(a: Attempt, record: Record, fact: HandAcknowledged) -> Changes:
    return {"hand": Hand.ACKNOWLEDGED}
