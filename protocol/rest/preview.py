"""Bodies about a test as its candidates will see it."""

from protocol.content import Criterion
from protocol.messages.base import Int, Value
from protocol.paper import Paper
from protocol.rest.body import Body


class Preview(Body, frozen=True, kw_only=True):
    """A paper of the newest version of a test: of one of its `forms`, drawn and shuffled by the `seed`. `varies`: other
    seeds give other papers. All of it is shown, also what candidates see section by section. `duration_ms` is the
    test's; nil: no limit. `unscored` are the ids of its questions that count in no score."""

    paper: Paper
    forms: list[str]
    seed: Int
    varies: bool
    duration_ms: Int | None
    unscored: list[str]


class KeyLine(Body, frozen=True, kw_only=True):
    """One answer, or a part of one: an option, a pair, a text, a number. `says` is plain text, or restricted HTML of
    one line where `is_markup`. `points_mpt` is what it gives; nil: it is a part of what is right. `feedback` is what is
    said to whoever answers so, as restricted HTML."""

    says: str
    is_markup: bool
    points_mpt: int | None
    feedback: str | None


class InteractionKey(Body, frozen=True, kw_only=True):
    """The key of one interaction: what each answer is worth, and what else is accepted. A wrong one takes `wrong_mpt`
    away. The `guidance` is for the person who judges, where one does."""

    response_id: str
    points_mpt: Int
    wrong_mpt: Int
    lines: list[KeyLine]
    guidance: str | None


class ScoreLine(Body, frozen=True, kw_only=True):
    """What is said from so many thousandths of the question's points on."""

    from_permille: Int
    body: str


class QuestionKey(Body, frozen=True, kw_only=True):
    """The key of one question. `right` is the right answer, as a candidate would give it; nil: persons judge, or
    nobody does. `feedback` is said of every answer, `score_feedback` of marks. By the `rubric` persons judge."""

    question_id: str
    right: Value
    interactions: list[InteractionKey]
    feedback: str | None
    score_feedback: list[ScoreLine]
    rubric: list[Criterion]


class TestKey(Body, frozen=True, kw_only=True):
    """The keys of a whole test."""

    __test__ = False

    test_id: str
    version: Int
    questions: list[QuestionKey]
