"""What the candidate does with her paper."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.kinds.kind import SITTING, Changes, Kind
from loadtest.checker.state import State
from loadtest.checker.timers import enter, of_the_test, visit


def _answered(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    answers = {name: value for name, value in state.answers.items() if name != fact["question_id"]}
    if fact["value"] is not None:
        answers[fact["question_id"]] = fact["value"]
    position = _place_after(state, fact["question_id"], fact["position"])
    if position is None or position == state.question_index or not is_open_at(state, position):
        return {"answers": answers}
    return {"answers": answers, **_went(state, position, record.at_ms)}


def _place_after(state: State, question_id: str, position: int | None) -> int | None:
    """Where an answer leaves her: at its question, if that has a limit and she has never been there."""
    paper = state.paper
    if paper is None or question_id in state.closed_questions:
        return position
    place = paper.position(question_id)
    is_known = any(timer.scope == "question" and timer.of == question_id for timer in state.timers)
    return position if is_known or paper.own_ms(paper.question(place)[1]) is None else place


def is_open_at(state: State, position: int) -> bool:
    paper = state.paper
    return paper is None or not paper.by_section or paper.section_at(position) == state.open_section


def _went(state: State, position: int, at_ms: int) -> Changes:
    assert state.paper is not None
    stands = state.standing_since_ms is not None
    timers = visit(state.timers, state.paper, position, state.closed_questions, at_ms, stands=stands)
    return {"question_index": position, "timers": timers}


def _flagged(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    one = {fact["question_id"]}
    return {"flagged": state.flagged | one if fact["flagged"] else state.flagged - one}


def _moved(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return _went(state, fact["question_index"], record.at_ms)


def _section_entered(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    paper, section_id = state.paper, fact["section_id"]
    assert paper is not None
    position = paper.first(section_id)
    timers = enter(state.timers, paper, section_id, record.at_ms)
    before = [] if state.open_section is None else [state.open_section]
    return {
        "open_section": section_id,
        "section_from_ms": state.ran_until(record.at_ms),
        "section_given_ms": 0,
        "closed_sections": state.closed_sections + before,
        "question_index": position,
        "timers": visit(timers, paper, position, state.closed_questions, record.at_ms, stands=False),
    }


def _section_closed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    closed = [*state.closed_sections, fact["section_id"]]
    timers = tuple(timer for timer in state.timers if timer.of is None)
    if not timers and state.paper is not None and len(closed) == len(state.paper.sections):
        # A test without a clock for the whole ends with its last section.
        timers = of_the_test(fact["at_ms"])
    return {"open_section": None, "closed_sections": closed, "timers": timers}


def _question_closed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    question_id = fact["question_id"]
    return {
        "closed_questions": [*state.closed_questions, question_id],
        "timers": tuple(timer for timer in state.timers if timer.scope != "question" or timer.of != question_id),
    }


KINDS: Final[dict[str, Kind]] = {
    "answered": Kind("answer", SITTING, _answered, told=False),
    "flagged": Kind("flag", SITTING, _flagged, told=False),
    "moved": Kind("progress", SITTING, _moved, told=False),
    "section_entered": Kind("enter", frozenset({"in_progress"}), _section_entered, told=True),
    "section_closed": Kind(None, frozenset({"in_progress"}), _section_closed, told=True),
    "question_closed": Kind(None, frozenset({"in_progress"}), _question_closed, told=False),
}
