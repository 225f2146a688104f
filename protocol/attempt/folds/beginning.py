"""How an attempt comes to be."""

from protocol.attempt.facts import Admitted, Created, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt


def created(_: None, record: Record, fact: Created) -> Changes:
    return {
        "identity": fact.identity,
        "seed": fact.seed,
        "accommodation": fact.accommodation,
        "key": record.key,
        "created_at_ms": record.entry.at_ms,
    }


def admitted(a: Attempt, record: Record, fact: Admitted) -> Changes:
    return {"admitted": True}
