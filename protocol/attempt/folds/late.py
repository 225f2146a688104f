"""What came after the end, and what staff decided about it."""

from msgspec.structs import replace

from protocol.answering import is_blank
from protocol.attempt.facts import LateDecided, LateReceived, Record
from protocol.attempt.folds import Changes
from protocol.attempt.late import Late, LateDecision, held_as
from protocol.attempt.model import Attempt


def received(a: Attempt, record: Record, fact: LateReceived) -> Changes:
    late = Late(
        late_id=fact.late_id,
        seq=record.entry.seq,
        received_ms=record.entry.at_ms,
        reference=a.reference or "",
        device=fact.device,
        from_file=fact.from_file,
        contact_ms=fact.contact_ms,
        ahead_ms=fact.ahead_ms,
        answers=fact.answers,
        held=tuple(held_as(a.answers.get(answer.question_id)) for answer in fact.answers),
    )
    return {"late": (*a.late, late)}


def decided(a: Attempt, record: Record, fact: LateDecided) -> Changes:
    entry = record.entry
    decision = LateDecision(entry.at_ms, entry.by, entry.role.value, fact.reason, fact.accepted)
    answers, answered = a.answers, a.answered
    for late in a.late:
        if late.late_id != fact.late_id:
            continue
        for one in late.answers:
            if one.question_id not in fact.accepted:
                continue
            before = answers.get(one.question_id)
            # No client number brought it: the one that stood there stays.
            n = one.base if before is None else before.n
            if one.value is None:
                answers, _ = answers.without(one.question_id)
            else:
                answers, _ = answers.with_answer(one.question_id, one.value, n, entry.at_ms)
            answered += is_blank(None if before is None else before.value) - is_blank(one.value)
    return {
        "late": tuple(replace(one, decision=decision) if one.late_id == fact.late_id else one for one in a.late),
        "answers": answers,
        "answered": answered,
        "marks_reason": fact.reason,
        "marks_by": entry.by,
    }
