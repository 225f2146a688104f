"""What a candidate may see of her result, and when. The newest rules of the test count, for those already done too."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from protocol import limits
from protocol.attempt.model import Attempt, Status
from protocol.codes import Code
from protocol.content import Rules, TestContent
from protocol.errors import Refusal, refuse
from protocol.marking.feedback import feedback_to
from protocol.messages.base import Value
from protocol.rest.results import Counting, CountingPart, Mark, Result
from protocol.rules.grading import Standing, grade_of
from protocol.rules.regrading import Ordered, is_marked_anew
from protocol.skills import skills_from, tallies_of

MARKED_ANEW: Final = "The marks are just being made anew. The result is shown when that is done."
_ASK_AGAIN_MS: Final = 60_000
_NOTHING_MARKED: Final = {
    Status.CANCELLED: Code.CANCELLED,
    Status.ABSENT: Code.ABSENT,
    Status.ABANDONED: Code.ABANDONED,
}
"""Ends after which nothing is marked, and how a call for the result is refused then."""


def no_result(status: Status, reference: str | None) -> Refusal | None:
    """Why an attempt has no result; None: it has one, or will have as soon as it is marked."""
    if status in _NOTHING_MARKED:
        return refuse(_NOTHING_MARKED[status])
    return refuse(Code.NOT_ENDED) if reference is None else None


def result_of(
    attempt: Attempt, result: Result | None, rules: Rules, regrade: Ordered | None = None, *, to_candidate: bool
) -> Result | Refusal:
    """The result of an attempt, with its grade, or the first reason why there is none to show. `result` is what was
    stored for it; None: nothing. `regrade` is the newest one of its test: a candidate sees no marks by keys that it is
    about to replace. Staff see these, and what is incomplete too."""
    if to_candidate and rules.shows == "reference":
        return refuse(Code.RESULT_HIDDEN)
    if (none := no_result(attempt.status, attempt.reference)) is not None:
        return none
    if result is None or result.reference != attempt.reference:
        return refuse(Code.NOT_READY)
    if to_candidate and is_marked_anew(attempt, result, regrade):
        return refuse(Code.NOT_READY, MARKED_ANEW)
    if result.complete:
        return replace(result, grade=grade_of(rules.grades, result.score_mpt, result.max_mpt))
    return refuse(Code.NOT_READY, "The result is shown when everything is marked.") if to_candidate else result


def archived_result_of(status: Status, result: Result | None, rules: Rules, *, to_candidate: bool) -> Result | Refusal:
    """The same of an attempt whose log is in an archive: nothing is marked any more, what was stored is complete."""
    if to_candidate and rules.shows == "reference":
        return refuse(Code.RESULT_HIDDEN)
    if status in _NOTHING_MARKED:
        return refuse(_NOTHING_MARKED[status])
    if result is None:
        return refuse(Code.NOT_READY)
    return replace(result, grade=grade_of(rules.grades, result.score_mpt, result.max_mpt))


def is_over(rules: Rules, now_ms: int) -> bool:
    """Whether the window of the test is over, its grace included; False also where it has none."""
    ends_ms = _window_ends_ms(rules)
    return ends_ms is not None and ends_ms <= now_ms


def marks_from_ms(rules: Rules, now_ms: int, sat_until_ms: int | None) -> int | None:
    """When to ask again for the marks of single questions, which tell the answers; None: they are shown now. A test
    with a window is over when its window is, and when nobody sits it any more, nor will: staff may have given somebody
    more time, or another window. `sat_until_ms`: until when at the latest, 0 where that has no end; None: nobody is
    left."""
    ends_ms = _window_ends_ms(rules)
    if ends_ms is None:
        return None
    if now_ms < ends_ms:
        return ends_ms
    return None if sat_until_ms is None else max(sat_until_ms + rules.grace_ms, now_ms + _ASK_AGAIN_MS)


def held_back(rules: Rules, released_ms: int | None, from_ms: int | None) -> Refusal | None:
    """Why a complete result is not shown; None: it is. `released_ms`: since when staff have released the results; None:
    they have not. `from_ms` is what `marks_from_ms` says."""
    if rules.release == "by_staff" and released_ms is None:
        return refuse(Code.NOT_RELEASED)
    if rules.release == "window_closed" and from_ms is not None:
        return refuse(Code.NOT_RELEASED, "The result is shown when the test has closed for everybody.")
    return None


def for_candidate(
    result: Result, rules: Rules, from_ms: int | None, keys: TestContent, answers: Mapping[str, Value]
) -> Result:
    """The part of a complete result that its candidate may see: never who marked or corrected, and no marks of single
    questions before `from_ms` (None: all of them) or where the test shows the score alone. `keys` is the version by
    which her `answers` were marked: the author's feedback is in it."""
    # What completes the marks needs no reason, and what changes them afterwards does.
    result = replace(result, reason="", changed_by=None, corrected=result.reason != "")
    if rules.shows == "score":
        return replace(result, marks=[])
    if from_ms is not None:
        return replace(result, marks=[], marks_from_ms=from_ms)
    marks = [replace(mark, marked_by=None, given=None) for mark in result.marks]
    if keys.skills:
        skills = skills_from(tallies_of(marks, keys), keys.skills, limits.GOAL_PERMILLE)
        result = replace(result, skills=skills)
    if rules.shows != "feedback":
        return replace(result, marks=list(map(_without_words, marks)))
    questions = {question.question_id: question for question in keys.questions}
    said = [
        one
        for mark in marks
        for one in feedback_to(
            questions[mark.question_id], answers.get(mark.question_id), mark.score_mpt, keys.language
        )
    ]
    marks = [replace(mark, feedback=questions[mark.question_id].feedback) for mark in marks]
    return replace(result, marks=marks, feedback=said)


def _without_words(mark: Mark) -> Mark:
    """Without what the author says of its levels."""
    if mark.criteria is None:
        return mark
    return replace(mark, criteria=[replace(one, says=None) for one in mark.criteria])


def for_marker(result: Result, question_id: str) -> Result:
    """What whoever marks and may not read results learns of a result: the mark of this question alone. `score_mpt` and
    `max_mpt` are those of the mark; the reference, which the candidate knows, is left out."""
    marks = [mark for mark in result.marks if mark.question_id == question_id]
    return replace(
        result,
        reference=None,
        score_mpt=max(0, sum(mark.score_mpt or 0 for mark in marks)),
        max_mpt=sum(mark.max_mpt for mark in marks),
        marks=marks,
        reason="",
        changed_by=None,
        grade=None,
    )


def counting_for(rules: Rules, her: Standing, attempt_id: str, *, this_alone: bool) -> Counting | None:
    """What the candidate is told of which of her attempts counts, beside the result of one of them; None: she has had
    one, and may have no other. `this_alone`: nothing is said of the others."""
    if rules.max_attempts == 1 and len(her.parts) + her.waiting <= 1:
        return None
    has = her.outcome
    parts = [
        CountingPart(
            attempt_number=one.attempt_number,
            score_mpt=one.score_mpt,
            max_mpt=one.max_mpt,
            this=one.attempt_id == attempt_id,
            counts=has is not None and has.attempt in (None, one),
        )
        for one in her.parts
        if one.attempt_id == attempt_id or not this_alone
    ]
    if this_alone and (has is None or has.attempt is None or has.attempt.attempt_id != attempt_id):
        has = None
    return Counting(
        rule=rules.counts,
        waiting=her.waiting,
        score_mpt=None if has is None else has.score_mpt,
        max_mpt=None if has is None else has.max_mpt,
        grade=None if has is None else has.grade,
        parts=parts,
    )


def _window_ends_ms(rules: Rules) -> int | None:
    """When the last paper that is on time has come in; None: the test has no window."""
    return None if rules.closes_at_ms is None else rules.closes_at_ms + rules.grace_ms
