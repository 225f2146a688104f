"""What the candidate has done: answers, flags, and where she is in the paper."""

from protocol.answering import is_blank
from protocol.attempt.clocks import at_question
from protocol.attempt.facts import Answered, Flagged, Moved, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt
from protocol.attempt.places import is_open_at, place_after
from protocol.attempt.visits import with_visit


def answered(a: Attempt, record: Record, fact: Answered) -> Changes:
    at_ms = record.entry.at_ms
    value = fact.value
    if value is None:
        answers, before = a.answers.without(fact.question_id)
    else:
        answers, before = a.answers.with_answer(fact.question_id, value, fact.n, at_ms)
    changes: Changes = {"answers": answers, "answered": a.answered + is_blank(before) - is_blank(value)}
    position = place_after(a, fact.question_id, fact.position) if a.limits_questions else fact.position
    if position is not None and position != a.question_index and is_open_at(a, position):
        changes.update(_visit(a, position, at_ms))
    return changes


def flagged(a: Attempt, record: Record, fact: Flagged) -> Changes:
    others = tuple(question_id for question_id in a.flagged if question_id != fact.question_id)
    return {"flagged": (*others, fact.question_id) if fact.flagged else others}


def moved(a: Attempt, record: Record, fact: Moved) -> Changes:
    return _visit(a, fact.question_index, record.entry.at_ms)


def _visit(a: Attempt, question_index: int, at_ms: int) -> Changes:
    changes: Changes = {"question_index": question_index, "visits": with_visit(a.visits, question_index, at_ms)}
    if a.limits_questions:
        question, stands = a.laid.question_at(question_index), a.pause is not None
        changes["clocks"] = at_question(a.pinned, a.laid, a.clocks, question, a.closed_questions, at_ms, stands=stands)
    return changes
