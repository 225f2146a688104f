"""What answers are worth, and which of them count."""

from typing import Any, Final

from loadtest.checker.database import Record
from loadtest.checker.kinds.kind import SAT, UNMARKED, Changes, Kind, nothing
from loadtest.checker.state import Late, State


def _assessed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"score_mpt": fact["score_mpt"], "max_mpt": fact["max_mpt"], "awaiting": fact["awaiting"]}


def _completed(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    return {"status": "completed", "score_mpt": fact["score_mpt"], "max_mpt": fact["max_mpt"], "awaiting": 0}


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


KINDS: Final[dict[str, Kind]] = {
    "late_received": Kind(None, SAT | {"abandoned"}, _late_received, told=True),
    "late_decided": Kind(None, SAT, _late_decided, told=True),
    "hand_marked": Kind(None, SAT, nothing, told=False),
    "regraded": Kind(None, SAT, nothing, told=True),
    "assessed": Kind(None, SAT, _assessed, told=True),
    "completed": Kind(None, UNMARKED, _completed, told=True),
}
