"""Bodies of the REST API about how tests were sat, JSON.

Times are whole milliseconds of a candidate's running clock, instants whole milliseconds of the server's clock. Shares
and ratios are whole millionths (`*_ppm`), points whole thousandths (`*_mpt`). What is not defined is nil.
`docs/analytics.md` has every formula.
"""

from protocol.messages.base import Int
from protocol.rest.body import Body
from protocol.rest.statistics import Signed


class QuestionCourse(Body, frozen=True, kw_only=True):
    """What one candidate did with one question: for how long she was there, in how many visits, how often her answer
    was saved, and how often another one took its place. `rapid`: she answered it within three seconds."""

    question_id: str
    time_ms: Int
    visits: Int
    saves: Int
    changes: Int
    first_ms: Int | None
    last_ms: Int | None
    answered: bool
    rapid: bool


class Try(Body, frozen=True, kw_only=True):
    """One attempt of a candidate at a test, with all its marks."""

    attempt_id: str
    attempt_number: Int
    started_ms: Int
    share_ppm: Signed


class Learning(Body, frozen=True, kw_only=True):
    """What several attempts of one candidate at a test come to, in shares of the points. `per_attempt_ppm` is the slope
    of the straight line through them by their order, `per_day_ppm` by their instants; `gain_ppm` is what the last one
    has gained of what the first one lacked. Nil: there are too few, or they all began at the same instant, or nothing
    was lacking."""

    tries: list[Try]
    per_attempt_ppm: Signed | None
    per_day_ppm: Signed | None
    gain_ppm: Signed | None


class AmongOthers(Body, frozen=True, kw_only=True):
    """One attempt among all that have begun at the test, so many `attempts`, as they stood at `at_ms`; see
    `CandidateCourse`."""

    at_ms: Int
    attempts: Int
    rapid: Int
    effort_ppm: Int | None
    pace_ppm: Int | None
    left_ms: Int | None
    stuck: list[str]


class AttemptAnalytics(Body, frozen=True, kw_only=True):
    """The course of one attempt up to record `seq` of its log, as of `until_ms`: its end, or now. Her clock has run for
    `ran_ms`: the questions' times, and `unplaced_ms` that nobody knows a question for. For `idle_ms` of it, in so many
    `idle_spans`, she was connected and did nothing. Her connection was lost so many times (`losses`); `away_ms` of her
    clock ran meanwhile. `per_hour_milli` is how many thousandths of an answer she gave in an hour of her clock.
    `among`: how she stands among the others, at the newest look at all of them; nil: there was none yet."""

    attempt_id: str
    test_id: str
    user_id: str
    attempt_number: Int
    status: str
    seq: Int
    started_ms: Int | None
    until_ms: Int
    ended: bool
    ran_ms: Int
    unplaced_ms: Int
    idle_ms: Int
    idle_spans: Int
    losses: Int
    away_ms: Int
    operations: Int
    answered: Int
    per_hour_milli: Int | None
    rapid: Int
    questions: list[QuestionCourse]
    learning: Learning
    among: AmongOthers | None


class QuestionTimes(Body, frozen=True, kw_only=True):
    """How candidates took one question. `stuck` have been there for longer than its upper fence, from eight on who are
    done with it. `attempts` had it, `seen` of them went there or answered, `answered` have an
    answer. The times are of those who are done with it. `rapid` answered faster than `rapid_under_ms`. `share_ppm` is
    the mean share of its points, nil where nobody has marks. `struggling`: among the slowest quarter of the questions,
    and among the hardest."""

    question_id: str
    type: str
    text: str
    attempts: Int
    seen: Int
    answered: Int
    mean_ms: Int | None
    lower_ms: Int | None
    median_ms: Int | None
    upper_ms: Int | None
    visits: Int
    changes: Int
    rapid: Int
    rapid_under_ms: Int | None
    share_ppm: Signed | None
    struggling: bool
    stuck: Int


class CandidateCourse(Body, frozen=True, kw_only=True):
    """One attempt among the others. `pace_ppm` is her time over what it takes on average, for the questions that she
    has answered: more than a million is slower. `effort_ppm` is the share of her answers that were no rapid
    guesses. `left_ms`: for how long her clock will run on by her pace, nil where she has ended or nothing can be said.
    `stuck` are the questions at which she has been for longer than their upper fences. Without marks for all of it her
    points are nil."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: Int
    status: str
    started_ms: Int
    ended_ms: Int | None
    ran_ms: Int
    questions: Int
    answered: Int
    changes: Int
    idle_ms: Int
    losses: Int
    away_ms: Int
    rapid: Int
    effort_ppm: Int | None
    pace_ppm: Int | None
    left_ms: Int | None
    score_mpt: Int | None
    max_mpt: Int | None
    idle_spans: Int
    stuck: list[str]


class RoomPoint(Body, frozen=True, kw_only=True):
    """The room at one instant: who sat, who of them had no connection, how many questions had been answered, and how
    many attempts had ended."""

    at_ms: Int
    sitting: Int
    away: Int
    answers: Int
    ended: Int


class ScoreBin(Body, frozen=True, kw_only=True):
    """How many attempts reached a share of the points from here to the next bin; the last one has its end too."""

    from_permille: Int
    attempts: Int


class NotSat(Body, frozen=True, kw_only=True):
    """Attempts that are in no figure, and why: `not_begun` may still begin, `cancelled`, `absent` and `erased` are what
    they say, the logs of `newer` ones can't be read here (a newer version of the server has written to them, or they
    are damaged), and those of `archived` ones went into an archive before what is asked for here was worked out."""

    not_begun: Int
    cancelled: Int
    absent: Int
    erased: Int
    newer: Int
    archived: Int = 0


class TestAnalytics(Body, frozen=True, kw_only=True):
    """How a test was sat, or one form or version of it, as of `at_ms`, over all attempts that have begun, of which
    `open` are not over. The quartiles are those of how long the clocks of the others ran."""

    __test__ = False

    test_id: str
    form_id: str | None
    test_version: Int | None
    at_ms: Int
    attempts: Int
    open: Int
    left_out: NotSat
    lower_ms: Int | None
    median_ms: Int | None
    upper_ms: Int | None
    losses: Int
    away_ms: Int
    scores: list[ScoreBin]
    room: list[RoomPoint]
    questions: list[QuestionTimes]
    candidates: list[CandidateCourse]
