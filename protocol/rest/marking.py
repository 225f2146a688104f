"""Bodies of the REST API about the queue of answers that persons mark, JSON."""

from typing import Literal

from protocol.content import Criterion, CriterionMark, Penalty, Weight
from protocol.messages.base import Id, Int
from protocol.paper import PaperMedium, PaperPassage
from protocol.rest.body import Body
from protocol.rest.results import AnswerPart

By = Literal["question", "candidate"]
"""Whose answers come one after the other."""
StageName = Literal["first", "second", "decision"]


class QueuedAnswer(Body, frozen=True, kw_only=True):
    """An answer that waits. `candidate` is her name, and `user_id` her id; where the test is marked blind, `candidate`
    is an alias, `user_id` nil, and `attempt_id` a handle: it is good for all calls of those who only mark, and for
    nobody else.

    `stage`: it waits for the first mark, for the second one, or for a decision between two that differ by too much.
    `returned`: it was marked, and after that the candidate changed it, in a reopened attempt, or staff changed what it
    is worth. `claimed`: somebody has it in hand, and it is `yours` where that is the caller."""

    attempt_id: str
    question_id: str
    candidate: str
    user_id: str | None
    stage: StageName
    returned: bool
    claimed: bool
    yours: bool


class QuestionWaiting(Body, frozen=True, kw_only=True):
    """How many answers to a question wait."""

    question_id: str
    waiting: Int


class MarkingQueue(Body, frozen=True, kw_only=True):
    """What waits for a person's mark, question by question or candidate by candidate; `next` continues the list.
    `answers` are those that were asked for: to one question, of one attempt or candidate, or all. `waiting` and
    `questions` count all that wait. `blind`: the caller sees aliases, and finds answers by attempt alone."""

    test_id: str
    by: By
    blind: bool
    waiting: Int
    questions: list[QuestionWaiting]
    answers: list[QueuedAnswer]
    next: str | None


class ClaimBody(Body, frozen=True, kw_only=True):
    """Give me the next answer to mark: to this question, of this attempt or candidate, behind `after` (what a list
    calls `next`). The caller's own again: she keeps it for longer."""

    by: By = "question"
    question_id: Id | None = None
    attempt_id: Id | None = None
    user_id: Id | None = None
    after: Id | None = None


class GivenMark(Body, frozen=True, kw_only=True):
    """One of the marks between which somebody decides."""

    score_mpt: Weight
    remark: str
    criteria: list[CriterionMark]


class AnswerToMark(Body, frozen=True, kw_only=True):
    """An answer in the caller's hands until `claimed_until_ms`, with what she needs to mark it: `body` is what the
    question says, as restricted HTML, `passage` what is to be read beside it, `media` are the files that both name, and
    `parts` the answers to its interactions. `given` has the marks that are there already only where she decides between
    them. A mark lies between `min_mpt` and `max_mpt`; by a `rubric` that is not empty it
    is the sum of one level for each criterion. `outdated_mpt` is what a person gave for the answer before it was
    changed. `place` is what `after` takes."""

    answer: QueuedAnswer
    body: str
    passage: PaperPassage | None
    media: list[PaperMedium]
    parts: list[AnswerPart]
    min_mpt: Penalty
    max_mpt: Int
    given: list[GivenMark]
    outdated_mpt: Weight | None
    rubric: list[Criterion]
    claimed_until_ms: Int
    place: str


class ClaimReply(Body, frozen=True, kw_only=True):
    """The answer; nil: there is none for the caller. `waiting` counts all that wait, also those in other hands."""

    task: AnswerToMark | None
    waiting: Int


class UnclaimBody(Body, frozen=True, kw_only=True):
    """Let go of an answer."""

    attempt_id: Id
    question_id: Id


class UnclaimReply(Body, frozen=True, kw_only=True):
    """`released` is false where it was not in the caller's hands."""

    released: bool
