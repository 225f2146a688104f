"""The terms under which she sits."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.granting import under
from loadtest.checker.kinds.kind import OPEN, SITTING, Changes, Kind
from loadtest.checker.kinds.work import is_open_at
from loadtest.checker.state import State
from loadtest.checker.timers import Paper, Timer, deadlines, give, restretched, visit, wholes

_ORDER: Final = ("test", "window", "section", "question")


def _under(state: State, terms: dict[str, Any], at_ms: int, *, lifts: bool = False) -> Changes:
    """Other terms: each clock has as much more time as it would have had from its beginning, or less; but none ends
    before now. A new one has stood and been extended with the others."""
    assert state.started_at_ms is not None
    assert state.paper is not None
    moved_ms = state.given_ms + at_ms - state.started_at_ms - state.ran_until(at_ms)
    # What staff gave by reopening ends the attempt, in the window's place, and is never soft.
    soft = bool(terms.get("soft")) and not any(timer.scope == "test" and not timer.soft for timer in state.timers)
    before, after = (deadlines(one, state.started_at_ms, soft=soft) for one in (state.terms, terms))

    def more_ms(was_ms: int | None, is_ms: int | None) -> int | None:
        if was_ms is None:
            return 0
        return None if is_ms is None else is_ms - was_ms

    paper = restretched(state.paper, terms)
    more = {scope: more_ms(before[scope], after[scope]) for scope in before}
    if state.limit_given:
        more["test"] = _more_than_given_ms(state, terms, at_ms, lifts=lifts)
    timers = list(give(state.timers, state.paper, paper, more, at_ms))
    had = {timer.scope for timer in state.timers}
    for timer in wholes(terms, state.started_at_ms, soft=soft):
        if timer.scope not in had:
            assert timer.until_ms is not None
            new = timer._replace(until_ms=max(timer.until_ms + moved_ms, at_ms))
            timers.append(new.stopped(at_ms) if state.status == "paused" else new)
    if state.terms.get("unlimited_time") and not terms.get("unlimited_time"):
        timers = _limited_again(state, paper, timers, at_ms)
    timers.sort(key=lambda timer: _ORDER.index(timer.scope))
    changes = {"terms": terms, "grace_ms": terms["grace_ms"], "paper": paper, "timers": tuple(timers)}
    changes["limit_given"] = state.limit_given and bool(terms.get("unlimited_time")) and not lifts
    window_ms = terms["window_closes_at_ms"]
    return changes if window_ms is not None and window_ms <= at_ms else {**changes, "forgotten_ms": None}


def _more_than_given_ms(state: State, terms: dict[str, Any], at_ms: int, *, lifts: bool) -> int | None:
    """How much the limit grows that staff gave to unlimited time; None: it goes."""
    if not terms.get("unlimited_time"):
        return int(terms.get("extra_time_ms", 0))
    if not lifts:
        return 0
    window_ms = terms["window_closes_at_ms"]
    if window_ms is None:
        return None
    timer = next(one for one in state.timers if one.scope == "test")
    ends_ms = at_ms + (timer.left_ms or 0) if timer.until_ms is None else timer.until_ms
    return max(0, int(window_ms) - ends_ms)


def _limited_again(state: State, paper: Paper, timers: list[Timer], at_ms: int) -> list[Timer]:
    """Unlimited time was taken back: the open section's limit counts from its beginning, that of the question where she
    is from now on."""
    section_id, stands = state.open_section, state.status == "paused"
    if section_id is not None and state.section_given_ms is not None:
        own_ms = paper.own_ms(paper.limit_of(section_id))
        if own_ms is not None:
            left_ms = own_ms + state.section_given_ms - (state.ran_until(at_ms) - state.section_from_ms)
            soft = ("section", section_id) in paper.soft
            own = Timer("section", section_id, None, left_ms if soft else max(0, left_ms), soft)
            timers = [*timers, own if stands else own.running(at_ms)]
    if not is_open_at(state, state.question_index):
        return timers
    return list(visit(tuple(timers), paper, state.question_index, state.closed_questions, at_ms, stands=stands))


def _accommodated(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    granted = fact["accommodation"]
    if not state.terms:
        return {"granted": granted}
    lifts = fact.get("command_id") is not None and bool(granted.get("unlimited_time"))
    return {"granted": granted, **_under(state, under(state.test_terms, granted), record.at_ms, lifts=lifts)}


def _retermed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    terms = fact["terms"]
    return {"test_terms": terms, **_under(state, under(terms, state.granted), record.at_ms)}


KINDS: Final[dict[str, Kind]] = {
    "accommodated": Kind("accommodate", OPEN, _accommodated, told=True, act=True, gives="extra_time_ms"),
    "retermed": Kind("apply_rules", SITTING, _retermed, told=True, act=True),
}
