"""What the answers were worth."""

from protocol.attempt.facts import Assessed, Completed, HandMarked, Record, Regraded
from protocol.attempt.folds import Changes
from protocol.attempt.hand_marks import answer_of, fingerprint
from protocol.attempt.model import Attempt, HandMark


def hand_marked(a: Attempt, record: Record, fact: HandMarked) -> Changes:
    answer = fingerprint(answer_of(a.answers, fact.question_id))
    mark = HandMark(fact.score_mpt, fact.max_mpt, fact.remark, record.entry.by, answer, fact.criteria)
    return {
        "hand_marks": {**a.hand_marks, fact.question_id: mark},
        "marks_reason": fact.reason,
        "marks_by": record.entry.by,
    }


def regraded(a: Attempt, record: Record, fact: Regraded) -> Changes:
    return {"key_version": fact.key_version, "marks_reason": fact.reason, "marks_by": record.entry.by}


def assessed(a: Attempt, record: Record, fact: Assessed) -> Changes:
    return {"score_mpt": fact.score_mpt, "max_mpt": fact.max_mpt, "awaiting_marks": fact.awaiting}


def completed(a: Attempt, record: Record, fact: Completed) -> Changes:
    return {"score_mpt": fact.score_mpt, "max_mpt": fact.max_mpt, "awaiting_marks": 0}
