"""What is left of an attempt whose candidate was erased: its numbers."""

from msgspec.structs import replace

from protocol.attempt.answers import Answers
from protocol.attempt.facts import Erased, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt


def erased(a: Attempt, record: Record, fact: Erased) -> Changes:
    return {
        "identity": replace(a.identity, user_id=fact.alias),
        "key": record.key,
        "erased": True,
        "end_said": None,
        "answers": Answers(),
        "flagged": (),
        "visits": b"",
        "messages": (),
        "connection_id": None,
        "holder": None,
        "device": None,
        "devices": {},
        "device_allowed": False,
        "digests": b"",
        "commands": {},
        "acts": (),
        "hand_marks": {},
        "late": (),
        "observations": None,
        "address": "",
    }
