"""Bodies about answers and marks."""

import msgspec
from msgspec import UNSET, UnsetType

from protocol.content import Counts, Criterion, CriterionMark, Leaderboard, Penalty, Weight
from protocol.messages.base import Id, Int, Text
from protocol.messages.monitor import FormalWarning
from protocol.messages.state import SavedAnswer
from protocol.paper import PaperMedium, PaperPassage
from protocol.rest.body import Body
from protocol.rest.skills import Skill


class AnswersReply(Body, frozen=True, kw_only=True):
    """Every answer the log holds, the last one of each question."""

    attempt_id: str
    seq: Int
    answers: list[SavedAnswer]


class MarkBody(Body, frozen=True, kw_only=True):
    """A person's mark for one question: points in thousandths, and a remark for the candidate. It lies below zero only
    where wrong answers to the question take points away. To correct a mark after the marks are complete takes a
    `reason`, which the candidate does not see. `max_mpt` is what the question was worth when the marker looked: the
    mark is refused where it is worth something else by now. `criteria`: where the question has a rubric, the level of
    each criterion, by its points; `score_mpt` is their sum."""

    command_id: Id | None = None
    score_mpt: Weight
    max_mpt: Int | None = None
    remark: Text = ""
    reason: Text = ""
    criteria: list[CriterionMark] = msgspec.field(default_factory=list)


class GivenOf(Body, frozen=True, kw_only=True):
    """A mark as a person gave it: so much of what the question was worth then."""

    score_mpt: Weight
    max_mpt: Int


class PartMark(Body, frozen=True, kw_only=True):
    """What the keys give for one of several interactions of a question; nil: a person judges it, with the whole
    question."""

    response_id: str
    score_mpt: Weight | None
    max_mpt: Int


class JudgedCriterion(Body, frozen=True, kw_only=True):
    """What a person gave by one criterion of the rubric. `says` is the author's text of the level, where her test shows
    it to candidates; nil also where the mark is the mean of two that differ."""

    name: str
    score_mpt: Int
    max_mpt: Int
    says: str | None = None


class Mark(Body, frozen=True, kw_only=True):
    """The mark of one question. `score_mpt` is nil while it waits for a person; it may lie below zero. `feedback` is
    the author's, where her test shows it to candidates. `given` is what a person gave while the question was worth
    other points: `score_mpt` is the same share of `max_mpt`. `parts` are the marks of the question's interactions,
    where it has several: what the keys give for each, also where a person has marked the whole question, or where it
    counts only as a whole. `criteria` is of what a person made the mark; nil: she gave it as a whole, or the question
    has another rubric by now."""

    question_id: str
    score_mpt: Weight | None
    max_mpt: Int
    marked_by: str | None
    remark: str
    feedback: str | None = None
    given: GivenOf | None = None
    parts: list[PartMark] | None = None
    criteria: list[JudgedCriterion] | None = None


class Feedback(Body, frozen=True, kw_only=True):
    """What the author says of a candidate's answer, as restricted HTML: of an `option` that she chose (itself
    restricted HTML, of one line), or of what she typed, in the interaction `response_id`; nil: of the mark of the whole
    question."""

    question_id: str
    response_id: str | None
    option: str | None
    body: str


class CountingPart(Body, frozen=True, kw_only=True):
    """A complete attempt of the candidate. `this`: it is the one that was asked for. `counts`: it counts, alone or as a
    part of the average."""

    attempt_number: Int
    score_mpt: Int
    max_mpt: Int
    this: bool
    counts: bool


class Counting(Body, frozen=True, kw_only=True):
    """Which of a candidate's attempts counts, by the test's newest `rule`. `waiting` of them have ended and wait for
    marks: until these are made nothing counts, since any of them may be the one that does. `score_mpt`, `max_mpt` and
    `grade` are those of the attempt that counts, or of the average, rounded down to a thousandth of a point. `parts`
    are her complete attempts. A result token shows the part of its own attempt alone, and what counts only where that
    is its own attempt."""

    rule: Counts
    waiting: Int
    score_mpt: Int | None
    max_mpt: Int | None
    grade: str | None
    parts: list[CountingPart]


class Result(Body, frozen=True, kw_only=True):
    """The marks of an ended attempt. `complete` is false while a person has still to mark something; a candidate gets
    none before that, and never learns who marked. `marks_from_ms`: `marks` is empty because others sit the test, or may
    still start it; ask again then. Nil: all of them are here.

    Marks that change make the next `version`; none is ever overwritten. `key_version` is the version of the test by
    whose keys it was marked. `reason` and `changed_by` say for what and by whom marks were changed; `corrected`, to the
    candidate, that her complete marks were. `grade` is nil where the test has none for this score. `warnings` are the
    formal ones that the candidate was given, the oldest first; nil for everybody but staff who read results. `counting`
    is for candidates who have had, or may have, several attempts. `feedback` is what the author says of the
    candidate's answers and their marks, beside the `feedback` of the marks themselves, where her test shows it to
    candidates; `media` are the files that all of these name. `skills` are what the answers say of the skills that the
    test names, to the candidate, with `marks`. `leaderboard` is the test's rule, to the candidate.
    """

    attempt_id: str
    test_id: str
    test_version: Int
    user_id: str
    status: str
    reference: str | None
    complete: bool
    score_mpt: Int
    max_mpt: Int
    awaiting_marks: Int
    marks: list[Mark]
    marks_from_ms: Int | None = None
    version: Int = 1
    key_version: Int | None = None
    reason: str = ""
    changed_by: str | None = None
    grade: str | None = None
    warnings: list[FormalWarning] | None = None
    corrected: bool = False
    counting: Counting | None = None
    feedback: list[Feedback] | None = None
    media: list[PaperMedium] | None = None
    skills: list[Skill] | None = None
    leaderboard: Leaderboard = "off"


class AnswerPart(Body, frozen=True, kw_only=True):
    """The answer to one interaction of a question, in words: options by their texts. `score_mpt` is what the keys give;
    nil: a person judges it, with the author's `guidance`. `file` is the hash of a file that was handed in, `markup` an
    answer that is rich text, as it was written; `word_count` that of an essay."""

    response_id: str
    value: str
    guidance: str | None
    score_mpt: Weight | None
    max_mpt: Int
    file: str | None = None
    markup: str | None = None
    word_count: Int | None = None


class EssayAnswer(Body, frozen=True, kw_only=True):
    """An answer that a person has to mark, or a part of which, with what the marker needs: `body` is what the question
    says, as restricted HTML, `passage` what is to be read beside it, `media` are the files that both name, and `parts`
    the answers to its interactions. A mark lies between `min_mpt` and `max_mpt`. `outdated_mpt` is what a person gave
    for the answer before it was changed, in a reopened attempt: that mark holds no longer. `criteria` is of what the
    mark was made that is there, by the `rubric`."""

    question_id: str
    body: str
    passage: PaperPassage | None
    media: list[PaperMedium]
    parts: list[AnswerPart]
    score_mpt: Weight | None
    min_mpt: Penalty
    max_mpt: Int
    remark: str
    outdated_mpt: Weight | None = None
    rubric: list[Criterion]
    criteria: list[CriterionMark]


class EssayList(Body, frozen=True, kw_only=True):
    """The answers of one attempt that a person has to mark."""

    attempt_id: str
    essays: list[EssayAnswer]


class ResultLine(Body, frozen=True, kw_only=True):
    """The newest marks of an attempt, in a list; the marks of its questions come with the result itself. `marked_at_ms`
    is when they were kept. What was not asked for is absent."""

    attempt_id: str
    test_id: str | UnsetType = UNSET
    test_version: Int | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    branch_id: str | UnsetType | None = UNSET
    attempt_number: Int | UnsetType = UNSET
    status: str | UnsetType = UNSET
    version: Int | UnsetType = UNSET
    key_version: Int | UnsetType | None = UNSET
    reference: str | UnsetType | None = UNSET
    complete: bool | UnsetType = UNSET
    score_mpt: Int | UnsetType = UNSET
    max_mpt: Int | UnsetType = UNSET
    awaiting_marks: Int | UnsetType = UNSET
    marked_at_ms: Int | UnsetType = UNSET


class ResultPage(Body, frozen=True, kw_only=True):
    """Results of many attempts; `next` continues the list. Which of a candidate's attempts counts, and her grade, say
    the results of a test."""

    results: list[ResultLine]
    next: str | None
