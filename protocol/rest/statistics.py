"""Bodies of the REST API about the statistics of a test, JSON.

Shares and correlations are whole millionths (`*_ppm`), points whole thousandths (`*_mpt`), each rounded once, at the
end, halves away from zero. What is not defined is nil, and `undefined` names it with the reason.
"""

from typing import Annotated, Literal

from msgspec import Meta

from protocol.messages.base import Int
from protocol.rest.body import Body
from protocol.rest.skills import Skill

Signed = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Reason = Literal["too_few", "no_variance", "one_question", "papers_differ", "no_key"]


class Undefined(Body, frozen=True, kw_only=True):
    """A figure that is nil, and why.

    `too_few`: fewer than two attempts had it. `no_variance`: everybody has the same. `one_question`: fewer than two
    questions are worth points. `papers_differ`: not all attempts had the same questions worth the same points; ask for
    one form or one version. `no_key`: nothing says what is right, so that answers are only counted.
    """

    figure: str
    reason: Reason


class OptionFigures(Body, frozen=True, kw_only=True):
    """One option of the interaction `response_id` of a question: how many chose it; as shares, of all who had the
    question and of its upper and lower groups; and the correlation between choosing it and the rest of the score. A
    wrong option should be chosen by some, and by the lower group more often."""

    response_id: str
    option_id: str
    correct: bool
    chosen: Int
    chosen_ppm: Int
    upper_ppm: Int | None
    lower_ppm: Int | None
    point_biserial_ppm: Signed | None


class TypedFigures(Body, frozen=True, kw_only=True):
    """One answer that was typed to the interaction `response_id`, as most have written it, and how many gave it. Texts
    that are marked alike and equal numbers are one answer. What fewer than 5 gave is left out, since it may tell who
    did, and of the others all but the 10 that were given most."""

    response_id: str
    text: str
    given: Int


class QuestionFigures(Body, frozen=True, kw_only=True):
    """One question over the `attempts` whose papers had it; `blank` of them left it without an answer, which counts as
    what its `unanswered_mpt` says. `scored`: it counts in the score. One that does not is in no total, and is marked as
    if it did, or, without points, as if each of its interactions were worth one. `standard_error_ppm` is that of its
    correlations and of those of its options; nil: fewer than two attempts had it. `text` is what its body says, without
    markup; `type` is that of its interaction, "several" where it has more than one. `protocol/statistics.py` says what
    each figure is."""

    question_id: str
    type: str
    text: str
    scored: bool
    attempts: Int
    blank: Int
    difficulty_ppm: Signed | None
    point_biserial_ppm: Signed | None
    corrected_point_biserial_ppm: Signed | None
    standard_error_ppm: Int | None
    upper_lower_ppm: Signed | None
    options: list[OptionFigures]
    typed: list[TypedFigures]
    undefined: list[Undefined]


class NotCounted(Body, frozen=True, kw_only=True):
    """Attempts that are in no figure, and why: `open` are not over, `unmarked` wait for marks, `abandoned`, `cancelled`
    and `absent` are what they say, `later` are further attempts of candidates whose first one counts, and of `erased`
    ones nothing is left."""

    open: Int
    unmarked: Int
    abandoned: Int
    cancelled: Int
    absent: Int
    later: Int
    erased: Int


class TestStatistics(Body, frozen=True, kw_only=True):
    """The item statistics of a test, or of one form or version of it, over the first complete attempt of each
    candidate. `mean_mpt`, `sd_mpt` (with n - 1), the reliability `alpha_ppm` and the standard error of measurement
    `sem_mpt` are of the score. `skills` are those that the newest version names: what all of these attempts together
    earned, beside a goal of `goal_permille` of their points."""

    __test__ = False

    test_id: str
    form_id: str | None
    test_version: Int | None
    attempts: Int
    left_out: NotCounted
    mean_mpt: Signed | None
    sd_mpt: Int | None
    lowest_mpt: Signed | None
    highest_mpt: Signed | None
    alpha_ppm: Signed | None
    sem_mpt: Int | None
    undefined: list[Undefined]
    questions: list[QuestionFigures]
    goal_permille: Int
    skills: list[Skill]
