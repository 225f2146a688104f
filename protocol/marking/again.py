"""Marking what was marked before by other keys."""

from collections.abc import Mapping

from protocol.attempt.paper import asked_in, on_paper
from protocol.content import Question, TestContent
from protocol.marking.by_hand import mark_now
from protocol.marking.question import mark_question
from protocol.messages.base import Value
from protocol.rest.results import Result


def find_difference(sat: TestContent, keys: TestContent) -> str | None:
    """The id of a question that was sat and that the version with the keys lacks, or asks differently; None: there is
    none. Keys, points, feedback and time limits may differ."""
    known = {question.question_id: question for question in keys.questions}
    for question in sat.questions:
        other = known.get(question.question_id)
        if other is None or _asked(keys, other) != _asked(sat, question):
            return question.question_id
    return None


def _asked(content: TestContent, question: Question) -> object:
    passage = next((one for one in content.passages if one.passage_id == question.passage_id), None)
    return asked_in(on_paper(question)), passage


def mark_again(result: Result, keys: TestContent, answers: Mapping[str, Value]) -> tuple[int, int]:
    """(score, most) of a result by other keys, in thousandths of a point. What a person has marked stays:
    where a question is worth other points, as the same share of them."""
    known = {question.question_id: question for question in keys.questions}
    score_mpt = max_mpt = 0
    for mark in result.marks:
        question = known[mark.question_id]
        if mark.marked_by is None:
            found = mark_question(question, answers.get(mark.question_id), keys.language)
        else:
            found = mark_now(mark, question)
        score_mpt += found or 0
        max_mpt += question.points_mpt
    return max(0, score_mpt), max_mpt
