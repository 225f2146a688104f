"""Sections that are sat one after the other, and what closes by itself."""

from protocol.attempt.clocks import at_question, clock_until, in_section, whole_test, without
from protocol.attempt.early import ran_until
from protocol.attempt.facts import QuestionClosed, Record, SectionClosed, SectionEntered
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Scope
from protocol.attempt.visits import with_visit


def entered(a: Attempt, record: Record, fact: SectionEntered) -> Changes:
    at_ms, terms, layout = record.entry.at_ms, a.pinned, a.laid
    section = layout.section(fact.section_id)
    position = layout.first_of(fact.section_id)
    clocks = in_section(terms, layout, a.clocks, section, at_ms)
    return {
        "section_id": fact.section_id,
        "section_from_ms": ran_until(a, at_ms),
        "section_given_ms": 0,
        "closed_sections": a.closed_sections if a.section_id is None else (*a.closed_sections, a.section_id),
        "clocks": at_question(terms, layout, clocks, layout.question_at(position), a.closed_questions, at_ms),
        "question_index": position,
        "visits": with_visit(a.visits, position, at_ms),
    }


def closed(a: Attempt, record: Record, fact: SectionClosed) -> Changes:
    closed = (*a.closed_sections, fact.section_id)
    clocks = whole_test(a.clocks)
    if not clocks and len(closed) == len(a.laid.sections):
        # With its last section a test ends that has no clock for the whole.
        clocks = clock_until(a.pinned, fact.at_ms, record.entry.at_ms)
    return {"section_id": None, "closed_sections": closed, "clocks": clocks}


def question_closed(a: Attempt, record: Record, fact: QuestionClosed) -> Changes:
    return {
        "closed_questions": (*a.closed_questions, fact.question_id),
        "clocks": without(a.clocks, Scope.QUESTION, fact.question_id),
    }
