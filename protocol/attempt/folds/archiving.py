"""A log that went into an archive and came back says the same as before."""

from protocol.attempt.facts import Archived, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt


def archived(a: Attempt, record: Record, fact: Archived) -> Changes:
    return {}
