"""What came after the end of an attempt, as staff see it: both versions of each answer, in words."""

from collections.abc import Mapping

from msgspec.structs import replace

from protocol.answering import parts_of
from protocol.attempt.late import Held, Late, LateAnswer, claimed_ms, is_overtaken
from protocol.attempt.model import Attempt
from protocol.content import Question
from protocol.messages.base import Value
from protocol.rest.late import LateAnswerShown, LateDecisionShown, LateShown
from server.marking.answer_words import in_words


def shown(attempt: Attempt, questions: Mapping[str, Question]) -> list[LateShown]:
    """All that came, the oldest first. `questions` are those of the version that was sat, by id."""
    return [_shown(attempt, late, questions) for late in attempt.late]


def without_instants(late: list[LateShown]) -> list[LateShown]:
    """As a blind marker sees it: when somebody wrote, and what was decided by whom, tells who she may be."""
    return [
        replace(
            one,
            received_at_ms=0,
            ended_at_ms=None if one.ended_at_ms is None else 0,
            contact_at_ms=None,
            answers=[
                replace(answer, claimed_at_ms=0, held_at_ms=None if answer.held_at_ms is None else 0)
                for answer in one.answers
            ],
            decision=None if one.decision is None else replace(one.decision, at_ms=0, by="", role="", reason=""),
        )
        for one in late
    ]


def _shown(attempt: Attempt, late: Late, questions: Mapping[str, Question]) -> LateShown:
    decision = late.decision
    return LateShown(
        late_id=late.late_id,
        received_at_ms=late.received_ms,
        ended_at_ms=attempt.ended_at_ms if late.reference == attempt.reference else None,
        contact_at_ms=late.contact_ms,
        clock_known=late.ahead_ms is not None,
        from_file=late.from_file,
        answers=[
            _answer(late, answer, held, questions[answer.question_id])
            for answer, held in zip(late.answers, late.held, strict=True)
        ],
        decision=None
        if decision is None
        else LateDecisionShown(
            at_ms=decision.at_ms,
            by=decision.by,
            role=decision.role,
            reason=decision.reason,
            accepted=list(decision.accepted),
        ),
    )


def _answer(late: Late, answer: LateAnswer, held: Held | None, question: Question) -> LateAnswerShown:
    before = None if held is None else held.value
    return LateAnswerShown(
        question_id=answer.question_id,
        body=question.body,
        value=answer.value,
        words=_words(question, answer.value),
        claimed_at_ms=max(0, claimed_ms(answer, late.ahead_ms)),
        held=before,
        held_words=_words(question, before),
        held_at_ms=None if held is None else held.at_ms,
        overtaken=is_overtaken(answer, held),
    )


def _words(question: Question, value: Value) -> str:
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    said = (in_words(asked, part) for asked, part in zip(question.interactions, parts, strict=True))
    return "\n".join(one for one in said if one)
