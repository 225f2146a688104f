"""Compares the server's answers and scores with the trace. Pure: everything comes in as arguments."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from loadtest.exam import POINT_MPT
from loadtest.trace import Candidate
from protocol.messages.state import SavedAnswer
from protocol.rest.results import Result

_MOST_EXAMPLES: Final = 20
"""Number of faults listed in the report; all are counted."""


@dataclass(slots=True)
class Verdict:
    """Over all candidates. `lost`: answers of the trace that the server does not hold as they were given, for whatever
    reason; `broken_promises`: those of them that it had acknowledged. `unexpected`: answers that nobody gave."""

    stored: int = 0
    lost: int = 0
    broken_promises: int = 0
    unexpected: int = 0
    score_mismatches: int = 0
    examples: list[str] = field(default_factory=list)

    def compare(
        self, candidate: Candidate, saved: list[SavedAnswer], result: Result | None, promised: Set[tuple[str, str]]
    ) -> None:
        """One candidate. `result` nil: there was none in the time allowed. `promised` names what was acknowledged."""
        self._compare_answers(candidate, {answer.question_id: answer for answer in saved}, promised)
        if result is None:
            self._mismatch(f"{candidate.candidate_id}: no result")
            return
        scores = {
            "the server's score": result.score_mpt,
            "the score by the trace's `correct`": candidate.score() * POINT_MPT,
            "the score by the key": candidate.score_by_key() * POINT_MPT,
        }
        if len(set(scores.values())) > 1 or not result.complete or result.user_id != candidate.candidate_id:
            self._mismatch(f"{candidate.candidate_id}: {scores}, complete: {result.complete}")

    def _compare_answers(
        self, candidate: Candidate, saved: Mapping[str, SavedAnswer], promised: Set[tuple[str, str]]
    ) -> None:
        given = candidate.answered
        for question_id, option in given.items():
            answer = saved.get(question_id)
            if answer is not None and answer.value == option:
                self.stored += 1
            else:
                acked = (candidate.candidate_id, question_id) in promised
                self.lost += 1
                self.broken_promises += acked
                held = "nothing" if answer is None else repr(answer.value)
                said = "acknowledged" if acked else "not acknowledged"
                self._example(
                    f"{candidate.candidate_id}, {question_id}: {option!r} was {said}, the server holds {held}"
                )
        for question_id in saved.keys() - given.keys():
            self.unexpected += 1
            self._example(f"{candidate.candidate_id}, {question_id}: gave nothing, the server holds an answer")

    def _mismatch(self, what: str) -> None:
        self.score_mismatches += 1
        self._example(what)

    def _example(self, what: str) -> None:
        if len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(what)
