"""Gaps: required questions that lack an answer to a part of them, and what they keep a candidate from."""

from collections.abc import Iterator
from typing import Final

from protocol.answering import count_answered
from protocol.attempt.model import Attempt, Clock, Scope
from protocol.attempt.places import asked_before
from protocol.codes import Code
from protocol.errors import Refusal, refuse

_NAMED: Final = 20
"""So many gaps are named; of the others it is said how many they are."""


def gaps(attempt: Attempt, now_ms: int, *, leaving: bool) -> Iterator[int]:
    """Positions of the required questions that lack an answer and that she can still answer, now or in a section that
    is still to come. `leaving`: those of the open section alone."""
    layout, answers = attempt.laid, attempt.answers
    position = -1
    for section in layout.sections:
        is_open = not layout.by_section or section.section_id == attempt.section_id
        counts = is_open or (not leaving and section.section_id not in attempt.closed_sections)
        for laid in section.questions:
            position += 1
            if not counts or not laid.required or _is_shut(attempt, laid.question_id, now_ms):
                continue
            at = answers.find(laid.question_id)
            if at is None or count_answered(answers.given[at]) < laid.parts:
                yield position


def gaps_refused(attempt: Attempt, now_ms: int, *, leaving: bool) -> Refusal | None:
    """Why she can't hand in, or leave the open section (`leaving`); None: she may. When the time for it is up, nothing
    is refused: what is missing can't be added any more."""
    if attempt.pinned.gaps != "refuse" or attempt.collected:
        return None
    scopes = (Scope.TEST, Scope.WINDOW, Scope.SECTION) if leaving else (Scope.TEST, Scope.WINDOW)
    if any(clock.scope in scopes and _is_up(clock, now_ms) for clock in attempt.clocks):
        return None
    found = list(gaps(attempt, now_ms, leaving=leaving))
    if not found:
        return None
    numbers = ", ".join(str(asked_before(attempt, position) + 1) for position in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    before = "you go on" if leaving else "you hand in"
    which = "This question" if len(found) == 1 else "These questions"
    return refuse(Code.GAPS, f"{which} must be answered before {before}: {numbers}{more}.")


def _is_shut(attempt: Attempt, question_id: str, now_ms: int) -> bool:
    """Whether the question's own time is up."""
    return question_id in attempt.closed_questions or any(
        clock.of == question_id and clock.scope is Scope.QUESTION and _is_up(clock, now_ms) for clock in attempt.clocks
    )


def _is_up(clock: Clock, now_ms: int) -> bool:
    return clock.deadline_ms is not None and not clock.soft and now_ms >= clock.deadline_ms
