"""An independent fold of the log: the state after each record, as far as candidates and monitors see it.

Written from PROTOCOL.md and the names of the facts, not from the server's fold: where the two disagree, one is wrong.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from loadtest.checker.database import Record, reference
from loadtest.checker.granting import under
from loadtest.checker.kinds import LATER
from loadtest.checker.state import NEVER, Agreement, Late, State, Void
from loadtest.checker.timers import (
    Paper,
    Timer,
    collect,
    deadlines,
    enter,
    extend,
    give,
    go_on,
    of_the_test,
    read_paper,
    restretched,
    visit,
    wholes,
)


def fold(records: list[Record]) -> list[State]:
    """The state after each record; the one before the first is at index 0. Raises `KeyError` for a strange fact."""
    states = [State()]
    for record in records:
        states.append(step(states[-1], record))
    return states


def step(state: State, record: Record) -> State:
    """The state after one more record."""
    changes = {} if record.kind in LATER else _STEPS[record.kind](state, record, record.fact)
    n = record.fact.get("n")
    if n is not None:
        changes |= {"last_n": n, "worked_ms": record.at_ms}
    if record.kind in _ACTS and record.role not in ("candidate", "system") and not record.fact.get("connection_lost"):
        given = record.fact.get(_ACTS[record.kind] or "")
        changes["act"] = (record.kind, record.at_ms, given)
    return replace(state, seq=record.seq, head=record.hash, **changes)


_ACTS: Final = {
    **dict.fromkeys(("paused", "resumed", "formally_warned", "collected", "cancelled", "reinstated", "admitted")),
    **dict.fromkeys(("accepted", "device_allowed", "hand_acknowledged", "retermed")),
    "extended": "add_ms",
    "reopened": "left_ms",
    "accommodated": "extra_time_ms",
}
"""What staff do to an attempt → the field with the milliseconds that it gives."""

Changes = dict[str, Any]


def _created(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    identity = fact["identity"]
    return {
        "status": "initiated",
        "user_id": identity["user_id"],
        "branch_id": identity["branch_id"],
        "attempt_number": identity["attempt_number"],
        "granted": fact["accommodation"],
    }


def _started(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    terms = under(fact["terms"], state.granted)
    paper = read_paper(fact["layout"], terms)
    timers = wholes(terms, record.at_ms, soft=bool(terms.get("soft")))
    first = paper.section_at(0)
    if paper.by_section:
        timers = enter(timers, paper, first, record.at_ms)
    return {
        "status": "in_progress",
        "started_at_ms": record.at_ms,
        "running_since_ms": record.at_ms,
        "timers": visit(timers, paper, 0, (), record.at_ms, stands=False),
        "paper": paper,
        "open_section": first if paper.by_section else None,
        "grace_ms": terms["grace_ms"],
        "terms": terms,
        "test_terms": fact["terms"],
        "total": sum(len(section[1]) for section in fact["layout"][0]),
    }


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
    if not _is_open_at(state, state.question_index):
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


def _connected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"connection_id": fact["connection_id"], "contact_ms": record.at_ms}


def _disconnected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    if state.connection_id != fact["connection_id"]:
        return {}
    return {"connection_id": None, "contact_ms": max(state.contact_ms or 0, fact["last_contact_ms"])}


def _answered(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    answers = {name: value for name, value in state.answers.items() if name != fact["question_id"]}
    if fact["value"] is not None:
        answers[fact["question_id"]] = fact["value"]
    position = _place_after(state, fact["question_id"], fact["position"])
    if position is None or position == state.question_index or not _is_open_at(state, position):
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


def _is_open_at(state: State, position: int) -> bool:
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


def _receipted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    mark = "seen" if fact["seen"] else "delivered"
    return {
        "messages": tuple(
            (name, mark if name == fact["message_id"] and known != "seen" else known) for name, known in state.messages
        )
    }


def _messaged(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"messages": (*state.messages, (fact["command_id"], "queued"))}


def _formally_warned(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    warning = (fact["command_id"], record.at_ms, fact["reason"], record.role)
    return {**_messaged(state, record, fact), "formal": (*state.formal, warning)}


def _overran(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    about = (fact.get("scope", "test"), fact.get("of"))
    return {
        "timers": tuple(
            timer._replace(over=True) if (timer.scope, timer.of) == about else timer for timer in state.timers
        )
    }


def _paused(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    at_ms = fact["at_ms"]
    return {
        "status": "paused",
        "ran_ms": state.ran_until(at_ms),
        "timers": tuple(timer.stopped(at_ms) for timer in state.timers),
        "standing_since_ms": at_ms,
        "connection_lost": fact["connection_lost"],
        "paused_for": fact.get("signal"),
        "until_return": False,
        "forgotten_ms": None,
    }


def _pause_forgotten(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"forgotten_ms": fact["at_ms"]}


def _resumed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    timers = go_on(state.timers, state.here, fact["at_ms"])
    return {
        "status": "in_progress",
        "timers": timers,
        "standing_since_ms": None,
        "paused_for": None,
        "stood_ms": state.with_pause(fact["at_ms"]),
        "forgotten_ms": None,
        "running_since_ms": fact["at_ms"],
    }


def _extended(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    given_ms = fact["add_ms"] if any(timer.of is None for timer in state.timers) else 0
    timers = extend(state.timers, state.here, fact["add_ms"], record.at_ms)
    of_section_ms = None if state.section_given_ms is None else state.section_given_ms + fact["add_ms"]
    return {"timers": timers, "given_ms": state.given_ms + given_ms, "section_given_ms": of_section_ms}


def _collected(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"timers": collect(state.timers, fact["at_ms"]), "collected": True, "said": fact.get("said") or ""}


def _said(status: str, state: State, fact: dict[str, Any]) -> str | None:
    """None: staff did not end it."""
    told: str = fact.get("said") or ""
    return told if status == "cancelled" or (status == "expired" and (state.collected or told)) else None


def _ended(status: str) -> Callable[[State, Record, dict[str, Any]], Changes]:
    def end(state: State, record: Record, fact: dict[str, Any]) -> Changes:
        ended_at_ms = fact["at_ms"] if status in ("expired", "absent", "abandoned") else record.at_ms
        return {
            "status": status,
            "ended_at_ms": ended_at_ms,
            "ran_ms": state.ran_until(ended_at_ms),
            "ended_as": status,
            "said": _said(status, state, fact),
            "reference": reference(record.hash),
            "timers": (),
            "collected": False,
            "ended_by_staff": state.collected and status == "expired",
            "standing_since_ms": None,
            "paused_for": None,
            "forgotten_ms": None,
            "hand": None,
        }

    return end


def _cancelled(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    timers = tuple(timer.stopped(record.at_ms) for timer in state.timers)
    by_staff = state.status == "paused" and not state.connection_lost and not state.until_return
    void = Void(state.status, timers, state.collected, state.said, by_staff)
    counts = {"void_counts": fact.get("counts", False), "stood_ms": state.with_pause(record.at_ms)}
    return {**_ended("cancelled")(state, record, fact), "void": void, **counts}


def _accepted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"status": "submitted", "ended_as": "submitted", "said": fact.get("said") or ""}


def _reinstated(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    void = state.void
    again: Changes = {"void": None, "ended_at_ms": None, "ended_as": None, "said": None, "reference": None}
    if void is None or void.status == "initiated":
        return {**again, "status": "initiated"}
    again |= {"collected": void.collected, "said": void.said}
    waits = fact["on_return"] and state.connection_id is None
    if void.by_staff or waits:
        stands: Changes = {"standing_since_ms": record.at_ms, "connection_lost": False}
        return {**again, **stands, "status": "paused", "timers": void.timers, "until_return": not void.by_staff}
    timers = go_on(void.timers, state.here, record.at_ms)
    return {
        **again,
        "status": "in_progress",
        "timers": timers,
        "standing_since_ms": None,
        "running_since_ms": record.at_ms,
    }


def _admitted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"admitted": True}


def _assessed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"score_mpt": fact["score_mpt"], "max_mpt": fact["max_mpt"], "awaiting": fact["awaiting"]}


def _completed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"status": "completed", "score_mpt": fact["score_mpt"], "max_mpt": fact["max_mpt"], "awaiting": 0}


def _reopened(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    closed = state.closed_sections
    open_again = {"open_section": closed[-1], "closed_sections": closed[:-1]} if state.sections_are_closed else {}
    left_ms = fact["left_ms"]
    timers = () if left_ms is None else of_the_test(record.at_ms + left_ms)
    granted = fact.get("accommodation") or state.granted
    terms = under(state.test_terms, granted)
    assert state.paper is not None
    assert state.started_at_ms is not None
    given_ms, soft = state.given_ms, bool(terms.get("soft"))
    limited = under(state.test_terms, {**granted, "unlimited_time": False})
    whole_ms = deadlines(limited, state.started_at_ms, soft=soft)["test"]
    if left_ms is not None and whole_ms is not None:
        # What the whole would have had to be given to have so much left now.
        given_ms = left_ms + state.ran_ms - (whole_ms - state.started_at_ms)
    taken_in = {
        "granted": granted,
        "terms": terms,
        "paper": restretched(state.paper, terms),
        "given_ms": given_ms,
        "section_given_ms": None,
        "limit_given": left_ms is not None and bool(terms.get("unlimited_time")),
    }
    goes_on: Changes = {"status": "in_progress", "running_since_ms": record.at_ms, "timers": timers}
    if fact.get("on_return", False) and state.connection_id is None:
        goes_on = {
            "status": "paused",
            "standing_since_ms": record.at_ms,
            "connection_lost": False,
            "until_return": True,
            "timers": tuple(timer.stopped(record.at_ms) for timer in timers),
        }
    return {
        **open_again,
        **taken_in,
        **goes_on,
        "ended_at_ms": None,
        "ended_as": None,
        "said": None,
        "reference": None,
        "score_mpt": None,
        "max_mpt": None,
        "awaiting": 0,
    }


def _late_received(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    given = tuple((one["question_id"], one["value"]) for one in fact["answers"])
    return {"pieces": (*state.pieces, Late(fact["late_id"], state.reference, given))}


def _late_decided(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    answers, accepted = dict(state.answers), frozenset(fact["accepted"])
    late = next(one for one in state.pieces if one.late_id == fact["late_id"])
    for question_id, value in late.answers:
        if question_id in accepted:
            answers.pop(question_id, None)
            if value is not None:
                answers[question_id] = value
    return {
        "answers": answers,
        "pieces": tuple(one._replace(accepted=accepted) if one is late else one for one in state.pieces),
    }


def _hand_raised(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"hand": "raised" if fact["raised"] else None}


def _consent_given(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    said = Agreement(fact["says"], fact["every_ms"], fact["keep_days"], record.at_ms)
    return {"agreements": dict(sorted({**state.agreements, fact["source"]: said}.items()))}


def _hand_acknowledged(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"hand": "acknowledged"}


def _observed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    was, warned = state.noticed.get(fact["signal"], NEVER), fact.get("warned", False)
    now = was._replace(
        times=was.times + fact["count"],
        size=was.size + fact["size"],
        at_ms=record.at_ms,
        warnings=was.warnings + warned,
        warned_at_ms=record.at_ms if warned else was.warned_at_ms,
    )
    return {"noticed": {**state.noticed, fact["signal"]: now}}


def _alerted(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    was = state.noticed.get(fact["signal"], NEVER)
    now = was._replace(alerts=was.alerts + 1, alerted_at_ms=record.at_ms)
    return {"noticed": {**state.noticed, fact["signal"]: now}}


def _nothing(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {}


_STEPS: Final[dict[str, Callable[[State, Record, dict[str, Any]], Changes]]] = {
    "created": _created,
    "started": _started,
    "connected": _connected,
    "disconnected": _disconnected,
    "answered": _answered,
    "flagged": _flagged,
    "moved": _moved,
    "section_entered": _section_entered,
    "section_closed": _section_closed,
    "question_closed": _question_closed,
    "receipted": _receipted,
    "messaged": _messaged,
    "formally_warned": _formally_warned,
    "warned": _nothing,
    "overran": _overran,
    "paused": _paused,
    "pause_forgotten": _pause_forgotten,
    "resumed": _resumed,
    "extended": _extended,
    "collected": _collected,
    "submitted": _ended("submitted"),
    "expired": _ended("expired"),
    "abandoned": _ended("abandoned"),
    "accepted": _accepted,
    "cancelled": _cancelled,
    "absent": _ended("absent"),
    "reinstated": _reinstated,
    "admitted": _admitted,
    "hand_marked": _nothing,
    "regraded": _nothing,
    "late_received": _late_received,
    "late_decided": _late_decided,
    "assessed": _assessed,
    "completed": _completed,
    "reopened": _reopened,
    "device_allowed": _nothing,
    "accommodated": _accommodated,
    "retermed": _retermed,
    "archived": _nothing,
    "erased": _nothing,
    "hand_raised": _hand_raised,
    "consent_given": _consent_given,
    "hand_acknowledged": _hand_acknowledged,
    "observed": _observed,
    "alerted": _alerted,
}
