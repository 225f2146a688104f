"""Figures over many attempts: by hand, and against Python's own statistics."""

import statistics
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.analytics.cohort import Asked, Mark, Sitting, figures, score_bins
from protocol.analytics.course import AtQuestion, Course
from protocol.analytics.learning import learned, slope
from protocol.analytics.quantiles import mean, quantile, quartiles
from protocol.analytics.rapid import effort_ppm, threshold_ms
from protocol.analytics.room import POINTS, room_over_time
from protocol.rest.analytics import QuestionTimes, Try
from protocol.statistics import rounded

SECOND = 1_000
DAY_MS = 86_400_000
WHOLE = st.integers(0, 10_000_000)


def course(times_s: Sequence[int | None], *, start_s: int = 0, ended: bool = True) -> Course:
    """A paper of q0, q1…: answered at the end of so many seconds each; None: she did not get there."""
    questions, at_s = {}, start_s
    for place, time_s in enumerate(times_s):
        if time_s is None:
            questions[f"q{place}"] = AtQuestion()
        else:
            at_s += time_s
            questions[f"q{place}"] = AtQuestion(time_s * SECOND, 1, 1, 0, at_s * SECOND, at_s * SECOND, answered=True)
    ran_ms = (at_s - start_s) * SECOND
    return Course(1, start_s * SECOND, at_s * SECOND, ended, ran_ms, questions=questions)


def sitting(name: str, one: Course, shares: Sequence[int] | None = None) -> Sitting:
    """`shares`: thousandths of a point of each question, which is worth one."""
    if shares is None:
        return Sitting(name, name, name, 1, "submitted", one)
    marks = [Mark(f"q{place}", share, 1_000) for place, share in enumerate(shares)]
    return Sitting(name, name, name, 1, "completed", one, sum(shares), 1_000 * len(shares), marks)


def asked(count: int) -> list[Asked]:
    return [Asked(f"q{place}", "single_choice", "?") for place in range(count)]


def test_nobody_has_begun() -> None:
    found = figures([], asked(2))
    assert (found.questions, found.candidates, found.room, found.scores) == ([], [], [], [])
    assert (found.lower_ms, found.median_ms, found.upper_ms) == (None, None, None)


def test_whoever_is_at_a_question_for_far_longer_than_others_is_stuck() -> None:
    # Of eight the quartiles are 13.5 and 20.5 s by hand, and the fence 31 s.
    others = [sitting(f"u{s}", course([s])) for s in (10, 12, 14, 16, 18, 20, 22, 24)]
    slow = Course(1, 0, 0, ended=False, ran_ms=31_001, questions={"q0": AtQuestion(31_001, 1)})
    found = figures([*others, sitting("ada", slow)], asked(1))
    assert [one.stuck for one in found.candidates] == [[]] * 8 + [["q0"]]
    assert found.questions[0].stuck == 1
    at_fence = Course(1, 0, 0, ended=False, ran_ms=31_000, questions={"q0": AtQuestion(31_000, 1)})
    assert figures([*others, sitting("ada", at_fence)], asked(1)).questions[0].stuck == 0
    assert figures([*others[1:], sitting("ada", slow)], asked(1)).questions[0].stuck == 0, "too few are done"


def test_one_candidate_is_her_own_cohort() -> None:
    found = figures([sitting("ada", course([20, 40]), [1_000, 0])], asked(2))
    (ada,) = found.candidates
    assert (ada.pace_ppm, ada.effort_ppm, ada.left_ms, ada.score_mpt) == (1_000_000, 1_000_000, None, 1_000)
    assert [(one.median_ms, one.share_ppm, one.struggling) for one in found.questions] == [
        (20_000, 1_000_000, False),
        (40_000, 0, False),
    ]
    assert [one.from_permille for one in found.scores if one.attempts] == [500]


def test_nobody_answered() -> None:
    found = figures([sitting("ada", course([None, None]))], asked(2))
    (ada,) = found.candidates
    assert (ada.answered, ada.pace_ppm, ada.effort_ppm) == (0, None, None)
    assert [(one.seen, one.median_ms, one.rapid_under_ms, one.share_ppm) for one in found.questions] == [
        (0, None, None, None)
    ] * 2


def test_pace_and_what_is_left() -> None:
    # Means: 25 s, 55 s, 60 s; the one who goes on has needed 110 s for what takes 80 s.
    cohort = [sitting(name, course([20, 50, 60])) for name in ("ada", "bob", "cleo")]
    slow = sitting("dora", course([40, 70, None], ended=False))
    found = figures([*cohort, slow], asked(3))
    dora = found.candidates[3]
    assert [one.pace_ppm for one in found.candidates] == [928_571] * 3 + [1_375_000]
    assert (found.open, dora.left_ms, dora.ended_ms) == (1, 82_500, None)
    assert found.median_ms == 130_000


def test_rapid_guesses_are_those_under_a_tenth_of_the_mean() -> None:
    # The mean is 77.1 s: nothing under 7.71 s is an effort. Of the other question no more than 10 s is asked.
    rows = [course([one, 900]) for one in (7, 8, 100, 193)]
    rows += [course([None, 9])]
    found = figures([sitting(str(place), one) for place, one in enumerate(rows)], asked(2))
    assert [(one.rapid, one.rapid_under_ms) for one in found.questions] == [(1, 7_700), (1, 10_000)]
    assert [one.effort_ppm for one in found.candidates] == [500_000, 1_000_000, 1_000_000, 1_000_000, 0]


def test_who_sends_all_answers_at_once_guesses_none() -> None:
    found = figures([sitting("ada", course([0, 0])), sitting("bob", course([50, 50]))], asked(2))
    assert [one.rapid for one in found.candidates] == [0, 0]


def test_an_unanswered_question_at_hand_is_not_timed_yet() -> None:
    at_hand = Course(1, 0, 9_000, False, 9_000, questions={"q0": AtQuestion(9_000, 1)})
    left = Course(1, 0, 5_000, True, 5_000, questions={"q0": AtQuestion(5_000, 1)})
    (one,) = figures([sitting("ada", at_hand), sitting("bob", left)], asked(1)).questions
    assert (one.attempts, one.seen, one.answered, one.median_ms) == (2, 2, 0, 5_000)


def test_what_takes_long_and_is_answered_badly_struggles() -> None:
    times, shares = [10, 10, 10, 10, 10, 10, 60, 60], [900, 900, 900, 900, 900, 100, 100, 900]
    found = figures([sitting("ada", course(times), shares)], asked(8))
    assert [one.question_id for one in found.questions if one.struggling] == ["q6"]
    few = figures([sitting("ada", course(times[1:]), shares[1:])], asked(7))
    assert not any(one.struggling for one in few.questions)


def test_shares_of_questions_that_were_worth_different_points() -> None:
    one = sitting("ada", course([10]), [1_000])
    other = Sitting("b", "b", "b", 1, "completed", course([10]), 500, 2_000, [Mark("q0", 500, 2_000)])
    unscored = Sitting("c", "c", "c", 1, "completed", course([10]), 0, 0, [Mark("q0", 0, 0)])
    (question,) = figures([one, other, unscored], asked(1)).questions
    assert question.share_ppm == 625_000


def test_scores_lie_in_twenty_bins() -> None:
    scores = [(-500, 1_000), (0, 1_000), (49, 1_000), (50, 1_000), (949, 1_000), (950, 1_000), (1_000, 1_000)]
    rows = [Sitting("a", "a", "a", 1, "completed", Course(), score, whole) for score, whole in scores]
    bins = score_bins(rows)
    assert len(bins) == 20
    assert {one.from_permille: one.attempts for one in bins if one.attempts} == {0: 3, 50: 1, 900: 1, 950: 2}
    assert score_bins([Sitting("a", "a", "a", 1, "submitted", Course())]) == []


def test_the_room_over_time() -> None:
    ada = course([30, 30])
    bob = course([60, None], start_s=60, ended=False)
    ada.away = [10_000, 20_000]
    points = {one.at_ms // SECOND: one for one in room_over_time([ada, bob])}
    assert (min(points), max(points), len(points)) == (0, 120, POINTS)
    shown = [(points[at].sitting, points[at].away, points[at].answers, points[at].ended) for at in (0, 10, 20, 30, 60)]
    assert shown == [(1, 0, 0, 0), (1, 1, 0, 0), (1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 2, 1)]
    assert points[120].answers == 3
    assert len(room_over_time([Course(1, 5, 5)])) == 1


@given(st.lists(WHOLE, min_size=2), st.lists(WHOLE, min_size=1))
def test_quantiles_and_means_are_those_of_python(values: list[int], others: list[int]) -> None:
    reference = statistics.quantiles([Fraction(value) for value in values], n=4, method="inclusive")
    assert quartiles(values) == tuple(rounded(Fraction(one)) for one in reference)
    assert mean(others) == rounded(statistics.mean([Fraction(value) for value in others]))


def test_quantiles_of_little() -> None:
    assert (quartiles([]), quartiles([7]), mean([])) == ((None,) * 3, (7,) * 3, None)
    assert quantile([1, 2], Fraction(1)) == 2


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(-1_000, 1_000)), min_size=2, max_size=20))
def test_the_slope_is_that_of_python(points: list[tuple[int, int]]) -> None:
    places, values = [place for place, _ in points], [value for _, value in points]
    found = slope(places, values)
    if len(set(places)) == 1:
        assert found is None
    else:
        assert found is not None
        assert float(found) == pytest.approx(statistics.linear_regression(places, values).slope, abs=1e-6)


def tries(*shares_ppm: int, days: int = 1) -> list[Try]:
    return [
        Try(attempt_id=str(n), attempt_number=n, started_ms=n * days * DAY_MS, share_ppm=share)
        for n, share in enumerate(shares_ppm, 1)
    ]


def test_learning_over_attempts() -> None:
    found = learned(tries(400_000, 500_000, 700_000, days=5))
    # By hand: the deviations are -1, 0, 1 and their products with the shares come to 300,000, over 2.
    assert (found.per_attempt_ppm, found.per_day_ppm, found.gain_ppm) == (150_000, 30_000, 500_000)
    assert learned(tries(600_000, 400_000)).gain_ppm == -500_000


def test_of_one_attempt_nothing_is_learnt() -> None:
    for one in (tries(), tries(500_000)):
        found = learned(one)
        assert (found.per_attempt_ppm, found.per_day_ppm, found.gain_ppm) == (None, None, None)
    perfect = learned(tries(1_000_000, 1_000_000))
    assert (perfect.per_attempt_ppm, perfect.gain_ppm) == (0, None)
    assert learned(tries(1, 2, days=0)).per_day_ppm is None


def test_thresholds_and_effort() -> None:
    assert (threshold_ms([]), threshold_ms([50_000, 70_000]), threshold_ms([400_000])) == (None, 6_000, 10_000)
    assert (effort_ppm(0, 0), effort_ppm(4, 1)) == (None, 750_000)


def test_questions_that_no_paper_had_are_not_listed() -> None:
    found: list[QuestionTimes] = figures([sitting("ada", course([10]))], asked(3)).questions
    assert [one.question_id for one in found] == ["q0"]


def test_whoever_is_away_when_the_room_is_looked_at_is_away() -> None:
    away = Course(1, 0, 60 * SECOND, False, 60 * SECOND, away=[30 * SECOND, 60 * SECOND])
    back = Course(1, 0, 60 * SECOND, False, 60 * SECOND, away=[30 * SECOND, 45 * SECOND])
    left = Course(1, 0, 60 * SECOND, True, 60 * SECOND, away=[30 * SECOND, 60 * SECOND])
    for one, at_the_end in ((away, 1), (back, 0), (left, 0)):
        points = room_over_time([one])
        assert [points[at].away for at in (0, 40, -1)] == [0, 1, at_the_end]
