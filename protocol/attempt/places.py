"""Where the candidate is on her paper: the question at hand, and the sections that are open, closed, or come next."""

from bisect import bisect_left

from protocol.attempt.deadlines import limit_of
from protocol.attempt.layout import LaidSection, Layout
from protocol.attempt.model import SITTING, Attempt


def question_at_hand(attempt: Attempt) -> str | None:
    """The question where she is; None where no question has a limit, as nobody need know then."""
    return attempt.laid.question_at(attempt.question_index).question_id if attempt.limits_questions else None


def open_section(attempt: Attempt) -> str | None:
    """The section that she can answer, where sections are sat one after the other; None: there is none."""
    return attempt.section_id if attempt.status in SITTING else None


def readable_sections(attempt: Attempt, layout: Layout) -> tuple[str, ...] | None:
    """The sections whose questions the candidate may read now; None: all of them."""
    if not layout.by_section:
        return None
    section_id = open_section(attempt)
    return () if section_id is None else (section_id,)


def shown_section(attempt: Attempt) -> str | None:
    """The author's section that she is in, for staff: nil where all are open, and where there is none."""
    section_id = open_section(attempt)
    if section_id is None or not attempt.laid.forward:
        return section_id
    return attempt.laid.section(section_id).part


def place_after(attempt: Attempt, question_id: str, position: int | None) -> int | None:
    """Where an answer with this `position` leaves her; None: where she was. One to a question with a limit whose clock
    has not begun takes her there, which begins it: whoever answered without ever going there would have the time of the
    test for it."""
    if question_id in attempt.closed_questions or any(clock.of == question_id for clock in attempt.clocks):
        return position
    place, laid = next(
        (place, laid) for place, laid in enumerate(attempt.laid.questions) if laid.question_id == question_id
    )
    has_limit = laid.limit_ms is not None and limit_of(attempt.pinned, attempt.laid, laid.limit_ms) is not None
    return place if has_limit else position


def next_section(attempt: Attempt) -> LaidSection | None:
    """The section that she may enter; None: there is none. Sections close in their order."""
    begun = len(attempt.closed_sections) + (attempt.section_id is not None)
    sections = attempt.laid.sections
    return sections[begun] if begun < len(sections) else None


def all_closed(attempt: Attempt) -> bool:
    """Whether every section has closed, so that nothing is left but to hand in."""
    layout = attempt.laid
    return layout.by_section and attempt.section_id is None and len(attempt.closed_sections) == len(layout.sections)


def is_open_at(attempt: Attempt, position: int) -> bool:
    """Whether the question at this position lies in an open section."""
    layout = attempt.laid
    if not layout.by_section:
        return True
    if attempt.section_id is None:
        return False
    first = layout.first_of(attempt.section_id)
    return first <= position < first + len(layout.section(attempt.section_id).questions)


def asked_before(attempt: Attempt, position: int) -> int:
    """How many questions come before a place of the paper: information, which asks nothing, does not count."""
    return position - bisect_left(attempt.unasked, position) if attempt.unasked else position
