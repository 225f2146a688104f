"""Messages from staff, and how far they have come."""

from msgspec.structs import replace

from protocol.attempt.facts import FormallyWarned, Messaged, Receipted, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, SentMessage


def messaged(a: Attempt, record: Record, fact: Messaged) -> Changes:
    return _with(a, SentMessage(fact.command_id, fact.text, record.entry.at_ms, delivered=False, seen=False))


def formally_warned(a: Attempt, record: Record, fact: FormallyWarned) -> Changes:
    at_ms, role = record.entry.at_ms, record.entry.role.value
    return _with(a, SentMessage(fact.command_id, fact.reason, at_ms, False, False, formal=True, role=role))


def _with(a: Attempt, sent: SentMessage) -> Changes:
    return {"messages": (*a.messages, sent)}


def receipted(a: Attempt, record: Record, fact: Receipted) -> Changes:
    return {
        "messages": tuple(
            replace(one, delivered=True, seen=one.seen or fact.seen) if one.message_id == fact.message_id else one
            for one in a.messages
        )
    }
