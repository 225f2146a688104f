"""What sections and the limits of questions allow: entering, answering, moving."""

from typing import Final

from protocol.attempt.model import Attempt, Scope
from protocol.attempt.places import next_section
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.operations import Enter

_CLOSED: Final = {Scope.SECTION: Code.SECTION_CLOSED, Scope.QUESTION: Code.QUESTION_CLOSED}
_LEFT: Final = "You have left this question, and this test has no way back. What was saved before counts."
_AHEAD: Final = "The questions of this test come one after the other, and it is not this one's turn."


def no_entry(attempt: Attempt, operation: Enter) -> Refusal | None:
    """Why she can't enter this section now; None: it is the next one."""
    layout, section_id = attempt.laid, operation.section_id
    if not layout.by_section:
        return refuse(Code.UNKNOWN_SECTION, "All sections of this test are open: none is entered.")
    if section_id in attempt.closed_sections:
        return refuse(Code.SECTION_CLOSED, _LEFT if layout.forward else None)
    if all(section.section_id != section_id for section in layout.sections):
        return refuse(Code.UNKNOWN_SECTION)
    following = next_section(attempt)
    if following is not None and following.section_id == section_id:
        return None
    return refuse(Code.SECTION_ORDER, _AHEAD if layout.forward else None)


def shut(attempt: Attempt, question_id: str, now_ms: int, *, answers: bool) -> Refusal | None:
    """Why nothing about this question is accepted now; None: it is open. Its own limit stops `answers` alone."""
    layout = attempt.laid
    if not layout.by_section and not attempt.limits_questions:
        return None
    if layout.by_section:
        section_id = layout.section_of(question_id).section_id
        if section_id in attempt.closed_sections:
            return refuse(Code.SECTION_CLOSED, _LEFT if layout.forward else None)
        if section_id != attempt.section_id:
            return refuse(Code.SECTION_NOT_OPEN, _AHEAD if layout.forward else None)
    if answers and question_id in attempt.closed_questions:
        return refuse(Code.QUESTION_CLOSED)
    grace_ms = attempt.pinned.grace_ms
    for clock in attempt.clocks:
        governs = clock.scope is Scope.SECTION or (answers and clock.of == question_id)
        if governs and not clock.soft and clock.deadline_ms is not None and now_ms >= clock.deadline_ms + grace_ms:
            return refuse(_CLOSED[clock.scope])
    return None


def closing_of(attempt: Attempt, question_id: str | None) -> int | None:
    """The instant from which no answer to this question is accepted: the first closing of the clocks that govern it;
    None: none of them runs. Without a question: of those that govern all that she does."""
    deadlines = (
        clock.deadline_ms
        for clock in attempt.clocks
        if clock.deadline_ms is not None
        and not clock.soft
        and (clock.scope is not Scope.QUESTION or clock.of == question_id)
    )
    first_ms = min(deadlines, default=None)
    return None if first_ms is None else first_ms + attempt.pinned.grace_ms
