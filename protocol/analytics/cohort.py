"""Figures over the courses of all attempts at a test."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from protocol.analytics.course import AtQuestion, Course
from protocol.analytics.quantiles import mean, quartiles
from protocol.analytics.rapid import effort_ppm, is_rapid, threshold_ms
from protocol.analytics.room import room_over_time
from protocol.rest.analytics import CandidateCourse, QuestionTimes, RoomPoint, ScoreBin
from protocol.statistics import PPM, rounded

_PERMILLE: Final = 1_000
_BIN_PERMILLE: Final = 50
_FEWEST_DONE: Final = 8
"""Times of a question from which on it has a fence."""
_FEWEST_QUESTIONS: Final = 8
"""Questions from which on some of them are called the slowest and hardest quarter."""


class Asked(NamedTuple):
    """What a reader is told of a question besides its figures."""

    question_id: str
    type: str
    text: str


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The points of one answer, in thousandths."""

    question_id: str
    score_mpt: int
    max_mpt: int


class Sitting(NamedTuple):
    """One attempt: who, its course, and its marks, which are complete, or nil. `max_mpt` is what the paper is worth,
    `score_mpt` what she has of it."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: int
    status: str
    course: Course
    score_mpt: int | None = None
    max_mpt: int | None = None
    marks: Sequence[Mark] = ()


class CohortFigures(NamedTuple):
    """See `protocol.rest.analytics.TestAnalytics`."""

    open: int
    lower_ms: int | None
    median_ms: int | None
    upper_ms: int | None
    losses: int
    away_ms: int
    scores: list[ScoreBin]
    room: list[RoomPoint]
    questions: list[QuestionTimes]
    candidates: list[CandidateCourse]


class _Column:
    """All that was done with one question."""

    def __init__(self) -> None:
        self.attempts = self.seen = self.visits = self.changes = 0
        self.done_ms: list[int] = []
        """The times of those who are done with it."""
        self.answered_ms: list[int] = []
        self.points: dict[int, tuple[int, int]] = {}
        """What the question was worth → the points that were given for it then, and to how many."""

    def add(self, one: AtQuestion, ended: bool) -> None:
        self.attempts += 1
        self.visits += one.visits
        self.changes += one.changes
        if not one.visits and not one.saves:
            return
        self.seen += 1
        if one.answered:
            self.answered_ms.append(one.time_ms)
        # In an attempt that goes on she may still be at a question without an answer.
        if one.answered or ended:
            self.done_ms.append(one.time_ms)

    def mark(self, score_mpt: int, max_mpt: int) -> None:
        points, count = self.points.get(max_mpt, (0, 0))
        self.points[max_mpt] = (points + score_mpt, count + 1)

    @property
    def share_ppm(self) -> int | None:
        """The mean share of the points; None: nobody has marks."""
        count = sum(count for _, count in self.points.values())
        shares = sum((Fraction(points, whole) for whole, (points, _) in self.points.items()), Fraction(0))
        return rounded(shares * PPM / count) if count else None


def figures(sittings: Sequence[Sitting], asked: Iterable[Asked]) -> CohortFigures:
    """All of them. `asked` are the questions of the test in their order."""
    columns = _columns(sittings)
    thresholds = {name: threshold_ms(column.answered_ms) for name, column in columns.items()}
    means = {name: mean(column.done_ms) for name, column in columns.items()}
    fences = {name: fence_ms(column.done_ms) for name, column in columns.items()}
    candidates = [_candidate(one, thresholds, means, fences) for one in sittings]
    stuck = Counter(name for one in candidates for name in one.stuck)
    lower, median, upper = quartiles([one.course.ran_ms for one in sittings if one.course.ended])
    return CohortFigures(
        open=sum(not one.course.ended for one in sittings),
        lower_ms=lower,
        median_ms=median,
        upper_ms=upper,
        losses=sum(one.course.losses for one in sittings),
        away_ms=sum(one.course.away_ms for one in sittings),
        scores=score_bins(sittings),
        room=room_over_time([one.course for one in sittings]),
        questions=_questions(columns, thresholds, stuck, asked),
        candidates=candidates,
    )


def _columns(sittings: Iterable[Sitting]) -> dict[str, _Column]:
    columns: dict[str, _Column] = {}
    for one in sittings:
        ended = one.course.ended
        for question_id, at in one.course.questions.items():
            column = columns.get(question_id)
            if column is None:
                column = columns[question_id] = _Column()
            column.add(at, ended)
        for mark in one.marks:
            column = columns.get(mark.question_id)
            if column is not None and mark.max_mpt:
                column.mark(mark.score_mpt, mark.max_mpt)
    return columns


def fence_ms(done_ms: Sequence[int]) -> int | None:
    """The upper fence of the times of those who are done with a question: a candidate who is there for longer is far
    off (J. W. Tukey, "Exploratory Data Analysis", 1977). None: too few are done."""
    lower, _, upper = quartiles(done_ms)
    if len(done_ms) < _FEWEST_DONE or lower is None or upper is None:
        return None
    return upper + rounded(Fraction(3 * (upper - lower), 2))


def _candidate(
    one: Sitting,
    thresholds: dict[str, int | None],
    means: dict[str, int | None],
    fences: dict[str, int | None],
) -> CandidateCourse:
    course = one.course
    stuck: list[str] = []
    rapid = answered = own_ms = others_ms = ahead_ms = changes = 0
    for question_id, at in course.questions.items():
        usual_ms, far_ms = means[question_id] or 0, fences[question_id]
        if far_ms is not None and at.time_ms > far_ms:
            stuck.append(question_id)
        changes += at.changes
        if at.answered:
            answered += 1
            own_ms += at.time_ms
            others_ms += usual_ms
            rapid += is_rapid(at.time_ms, thresholds[question_id])
        elif usual_ms > at.time_ms:
            ahead_ms += usual_ms - at.time_ms
    pace = Fraction(own_ms, others_ms) if others_ms else None
    goes_on = not course.ended and pace is not None
    assert course.started_ms is not None, "whoever has not begun is left out"
    return CandidateCourse(
        attempt_id=one.attempt_id,
        user_id=one.user_id,
        name=one.name,
        attempt_number=one.attempt_number,
        status=one.status,
        started_ms=course.started_ms,
        ended_ms=course.until_ms if course.ended else None,
        ran_ms=course.ran_ms,
        questions=len(course.questions),
        answered=answered,
        changes=changes,
        idle_ms=course.idle_ms,
        losses=course.losses,
        away_ms=course.away_ms,
        rapid=rapid,
        effort_ppm=effort_ppm(answered, rapid),
        pace_ppm=None if pace is None else rounded(pace * PPM),
        left_ms=rounded(pace * ahead_ms) if pace is not None and goes_on else None,
        score_mpt=one.score_mpt,
        max_mpt=one.max_mpt,
        idle_spans=course.idle_spans,
        stuck=stuck,
    )


def _questions(
    columns: dict[str, _Column],
    thresholds: dict[str, int | None],
    stuck: Mapping[str, int],
    asked: Iterable[Asked],
) -> list[QuestionTimes]:
    rows = []
    for question_id, kind, text in asked:
        column = columns.get(question_id)
        if column is None:
            continue
        lower, median, upper = quartiles(column.done_ms)
        under_ms = thresholds[question_id]
        rows.append(
            QuestionTimes(
                question_id=question_id,
                type=kind,
                text=text,
                attempts=column.attempts,
                seen=column.seen,
                answered=len(column.answered_ms),
                mean_ms=mean(column.done_ms),
                lower_ms=lower,
                median_ms=median,
                upper_ms=upper,
                visits=column.visits,
                changes=column.changes,
                rapid=sum(is_rapid(time_ms, under_ms) for time_ms in column.answered_ms),
                rapid_under_ms=under_ms,
                share_ppm=column.share_ppm,
                struggling=False,
                stuck=stuck.get(question_id, 0),
            )
        )
    return _with_struggling(rows)


def _with_struggling(rows: list[QuestionTimes]) -> list[QuestionTimes]:
    """The questions that took long and were answered badly: those that lie in the slowest quarter by their median time,
    and in the quarter with the fewest of their points."""
    known = [(one.median_ms, one.share_ppm) for one in rows]
    pairs = [(ms, share) for ms, share in known if ms is not None and share is not None]
    if len(pairs) < _FEWEST_QUESTIONS:
        return rows
    slow, hard = quartiles([ms for ms, _ in pairs])[2], quartiles([share for _, share in pairs])[0]
    assert slow is not None
    assert hard is not None
    return [
        replace(
            one,
            struggling=one.median_ms is not None
            and one.share_ppm is not None
            and one.median_ms >= slow
            and one.share_ppm <= hard,
        )
        for one in rows
    ]


def score_bins(sittings: Iterable[Sitting]) -> list[ScoreBin]:
    """How many reached which share of the points, in steps of a twentieth. Empty: nobody has marks."""
    counts = [0] * (_PERMILLE // _BIN_PERMILLE)
    for one in sittings:
        if one.score_mpt is not None and one.max_mpt:
            place = one.score_mpt * len(counts) // one.max_mpt
            counts[min(max(place, 0), len(counts) - 1)] += 1
    if not any(counts):
        return []
    return [ScoreBin(from_permille=place * _BIN_PERMILLE, attempts=count) for place, count in enumerate(counts)]
