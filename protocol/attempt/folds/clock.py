"""The clocks: when they run, when they stand, and which warnings they have given."""

from msgspec.structs import replace

from protocol.attempt.clocks import (
    at_start,
    clock_until,
    ended_by,
    given_by_reopening,
    moved,
    run_on,
    stand,
    told_over,
    whole_test,
    with_notice,
)
from protocol.attempt.early import ran_until
from protocol.attempt.facts import (
    Collected,
    Extended,
    Overran,
    Paused,
    PauseForgotten,
    Record,
    Reopened,
    Resumed,
    Started,
    Warned,
)
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt, Notice, Pause, Status
from protocol.attempt.places import all_closed, question_at_hand
from protocol.attempt.sheet import accommodated


def started(a: Attempt, record: Record, fact: Started) -> Changes:
    at_ms, terms, layout = record.entry.at_ms, accommodated(fact.terms, a.accommodation), fact.layout
    return {
        "started_at_ms": at_ms,
        "running_since_ms": at_ms,
        "test_version": fact.test_version,
        "terms": terms,
        "test_terms": fact.terms,
        "layout": layout,
        "section_id": layout.sections[0].section_id if layout.by_section else None,
        "limits_questions": layout.questions_ms > 0,
        "unasked": layout.unasked,
        "clocks": at_start(terms, layout, at_ms),
    }


def paused(a: Attempt, record: Record, fact: Paused) -> Changes:
    return {
        "pause": Pause(fact.at_ms, fact.connection_lost, signal=fact.signal),
        "clocks": stand(a.clocks, fact.at_ms),
        "ran_ms": ran_until(a, fact.at_ms),
    }


def pause_forgotten(a: Attempt, record: Record, fact: PauseForgotten) -> Changes:
    assert a.pause is not None, "only a pause is forgotten"
    return {"pause": replace(a.pause, forgotten_ms=fact.at_ms)}


def resumed(a: Attempt, record: Record, fact: Resumed) -> Changes:
    pause = a.pause
    used_ms = fact.at_ms - pause.since_ms if pause is not None and pause.connection_lost else 0
    return {
        "pause": None,
        "pause_used_ms": a.pause_used_ms + used_ms,
        "running_since_ms": fact.at_ms,
        "clocks": run_on(a.pinned, a.clocks, question_at_hand(a), fact.at_ms),
    }


def extended(a: Attempt, record: Record, fact: Extended) -> Changes:
    clocks = moved(a.pinned, a.clocks, question_at_hand(a), fact.add_ms, record.entry.at_ms)
    given_ms = fact.add_ms if whole_test(a.clocks) else 0
    of_section_ms = None if a.section_given_ms is None else a.section_given_ms + fact.add_ms
    return {"clocks": clocks, "given_ms": a.given_ms + given_ms, "section_given_ms": of_section_ms}


def collected(a: Attempt, record: Record, fact: Collected) -> Changes:
    clocks = ended_by(a.pinned, a.clocks, fact.at_ms, record.entry.at_ms)
    return {"collected": True, "end_said": fact.said or "", "clocks": clocks}


def reopened(a: Attempt, record: Record, fact: Reopened) -> Changes:
    at_ms = record.entry.at_ms
    granted = a.accommodation if fact.accommodation is None else fact.accommodation
    terms = accommodated(a.pinned_of_test, granted)
    clocks = clock_until(terms, None if fact.left_ms is None else at_ms + fact.left_ms, at_ms)
    again: Changes = {
        "accommodation": granted,
        "terms": terms,
        "given_ms": given_by_reopening(a, granted, fact.left_ms),
        "section_given_ms": None,
        "limit_given": fact.left_ms is not None and terms.unlimited_time,
        "ended_at_ms": None,
        "ended_as": None,
        "end_said": None,
        "reference": None,
        "score_mpt": None,
        "max_mpt": None,
        "awaiting_marks": 0,
        "marks_reason": "",
        "marks_by": None,
        **_last_section(a),
    }
    if fact.on_return and a.connection_id is None:
        pause = Pause(at_ms, False, until_return=True)
        return {**again, "status": Status.PAUSED, "pause": pause, "clocks": stand(clocks, at_ms)}
    return {**again, "status": Status.IN_PROGRESS, "running_since_ms": at_ms, "clocks": clocks}


def _last_section(a: Attempt) -> Changes:
    """Where all sections have closed, the last one is open again: otherwise there would be nothing to go on with."""
    if not all_closed(a):
        return {}
    return {"section_id": a.closed_sections[-1], "closed_sections": a.closed_sections[:-1]}


def warned(a: Attempt, record: Record, fact: Warned) -> Changes:
    notice = Notice(fact.left_ms, fact.deadline_ms, fact.scope, fact.of)
    return {"clocks": with_notice(a.pinned, a.clocks, notice), "warning": notice}


def overran(a: Attempt, record: Record, fact: Overran) -> Changes:
    return {"clocks": told_over(a.pinned, a.clocks, fact.scope, fact.of)}
