"""Item statistics of classical test theory: how hard each question was, and how well it tells candidates apart.

All sums are whole numbers, and all figures exact fractions until they are rounded once, at the end. The score of an
attempt is the sum of its marks, also where that is below zero. A question without an answer counts as what leaving
it unanswered is worth.

Formulas are those of Crocker and Algina, "Introduction to Classical and Modern Test Theory" (1986), chapters 7 and 14,
unless a docstring names another source.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import compress
from math import isqrt, lcm
from operator import mul, sub
from typing import Final, NamedTuple

from protocol import limits
from protocol.rest.statistics import OptionFigures, QuestionFigures, Reason, TypedFigures, Undefined

PPM: Final = 1_000_000
_GROUP: Final = Fraction(27, 100)
"""The share of the attempts in the upper group, and in the lower one: it makes the difference between them most certain
where scores are normally distributed (T. L. Kelley, "The selection of upper and lower groups for the validation of test
items", Journal of Educational Psychology 30, 1939)."""


OptionKey = tuple[str, str]
"""(response id, option)"""


class Typed(NamedTuple):
    """An answer that was typed to an interaction: as it is compared with others, and as it was written."""

    response_id: str
    compared: str
    written: str


class Response(NamedTuple):
    """One question of one attempt. `score_mpt` of `max_mpt` is what it counts in the score. `part` of `whole` is the
    credit for the answer: the same, but where the question is worth nothing, and 0 of 0 where it has no key. `chosen`
    are the options of the answer, `typed` what was typed in it."""

    question_id: str
    score_mpt: int
    max_mpt: int
    part: int
    whole: int
    blank: bool
    chosen: Sequence[OptionKey] = ()
    typed: Sequence[Typed] = ()


class QuestionFacts(NamedTuple):
    """What a reader is told of a question besides its figures."""

    question_id: str
    type: str
    text: str
    options: Sequence[OptionKey]
    correct: Collection[OptionKey]
    typed: Sequence[str] = ()
    """The interactions to which something is typed."""


class ScoreFigures(NamedTuple):
    """Of the scores of all attempts: see `TestStatistics`."""

    mean_mpt: int | None
    sd_mpt: int | None
    lowest_mpt: int | None
    highest_mpt: int | None
    alpha_ppm: int | None
    sem_mpt: int | None
    undefined: list[Undefined]


class _Column:
    """All responses to one question. An attempt is its position among all that were taken in."""

    def __init__(self) -> None:
        self.attempts = array("l")
        self.scores = array("q")
        self.parts = array("q")
        self.most: dict[int, int] = {}
        """`max_mpt` → how many had the question at that."""
        self.wholes: list[int] = []
        self.blank = 0
        self.choosers: dict[OptionKey, list[int]] = {}
        """Option → the rows of this column that chose it."""
        self.typed: dict[str, dict[str, Counter[str]]] = {}
        """Interaction → answer as it is compared → how often it was written in which way."""


class Sample:
    """Takes in attempts, one after the other, and then says what they come to."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._totals: list[int] = []
        self._groups: dict[bytes, _Groups] = {}

    @property
    def attempts(self) -> int:
        return len(self._totals)

    def add(self, responses: Iterable[Response]) -> None:
        """One attempt: its paper, question by question."""
        attempt, total = len(self._totals), 0
        for question_id, score_mpt, max_mpt, part, whole, blank, chosen, typed in responses:
            column = self._columns.get(question_id)
            if column is None:
                column = self._columns[question_id] = _Column()
            row = len(column.attempts)
            column.attempts.append(attempt)
            column.scores.append(score_mpt)
            column.parts.append(part)
            column.wholes.append(whole)
            column.most[max_mpt] = column.most.get(max_mpt, 0) + 1
            column.blank += blank
            for option in chosen:
                column.choosers.setdefault(option, []).append(row)
            for one in typed:
                column.typed.setdefault(one.response_id, {}).setdefault(one.compared, Counter())[one.written] += 1
            total += score_mpt
        self._totals.append(total)

    def score(self) -> ScoreFigures:
        """Mean, standard deviation, reliability and standard error of the scores."""
        totals = self._totals
        if not totals:
            nothing = [Undefined(figure=name, reason="too_few") for name in ("mean", "sd", "alpha", "sem")]
            return ScoreFigures(None, None, None, None, None, None, nothing)
        undefined: list[Undefined] = []
        spread = variance(totals)
        if spread is None:
            undefined.append(Undefined(figure="sd", reason="too_few"))
        alpha = self._alpha(spread)
        error: Fraction | None = None
        if isinstance(alpha, str):
            undefined += [Undefined(figure=figure, reason=alpha) for figure in ("alpha", "sem")]
        else:
            assert spread is not None, "alpha divides by it"
            # The standard deviation times the square root of what is not reliable.
            error = spread * (1 - alpha)
        return ScoreFigures(
            mean_mpt=rounded(Fraction(sum(totals), len(totals))),
            sd_mpt=None if spread is None else root(spread, 1),
            lowest_mpt=min(totals),
            highest_mpt=max(totals),
            alpha_ppm=None if isinstance(alpha, str) else rounded(alpha * PPM),
            sem_mpt=None if error is None else root(error, 1),
            undefined=undefined,
        )

    def _alpha(self, spread: Fraction | None) -> Fraction | Reason:
        """Cronbach's alpha over the questions that are worth points: k / (k - 1) times (1 - the sum of the questions'
        variances / the variance of the scores). Where each answer is right or wrong it is the formula 20 of Kuder and
        Richardson. L. J. Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16, 1951."""
        if spread is None:
            return "too_few"
        scored = [column for column in self._columns.values() if any(column.most)]
        if any(len(column.most) > 1 or len(column.attempts) != len(self._totals) for column in scored):
            return "papers_differ"
        if len(scored) < 2:
            return "one_question"
        if not spread:
            return "no_variance"
        parts = sum((variance(column.scores) or Fraction(0) for column in scored), Fraction(0))
        return Fraction(len(scored), len(scored) - 1) * (1 - parts / spread)

    def question(self, facts: QuestionFacts) -> QuestionFigures | None:
        """What came of one question; None: no paper had it.

        The difficulty is the mean share of the points. The point-biserial correlation is that of Pearson between these
        shares and the scores; the corrected one is with the scores without this question (S. Henrysson, "Correction of
        item-total correlations in item analysis", Psychometrika 28, 1963).
        """
        column = self._columns.get(facts.question_id)
        if column is None:
            return None
        has_key = all(column.wholes)
        whole = lcm(*set(column.wholes)) if has_key else 1
        shares = [part * (whole // (its or 1)) for part, its in zip(column.parts, column.wholes, strict=True)]
        totals = [self._totals[attempt] for attempt in column.attempts]
        rests = list(map(sub, totals, column.scores))
        groups = self._groups_of(column, totals)
        undefined: list[Undefined] = []

        def defined(figure: str, value: int | Reason) -> int | None:
            if not has_key:
                value = "no_key"
            if isinstance(value, int):
                return value
            undefined.append(Undefined(figure=figure, reason=value))
            return None

        between = groups.difference(shares)
        return QuestionFigures(
            question_id=facts.question_id,
            type=facts.type,
            text=facts.text,
            scored=any(column.most),
            attempts=len(shares),
            blank=column.blank,
            difficulty_ppm=defined("difficulty", rounded(Fraction(sum(shares) * PPM, len(shares) * whole))),
            point_biserial_ppm=defined("point_biserial", correlation(shares, totals)),
            corrected_point_biserial_ppm=defined("corrected_point_biserial", correlation(shares, rests)),
            standard_error_ppm=standard_error(len(shares)),
            upper_lower_ppm=defined(
                "upper_lower", between if isinstance(between, str) else rounded(between * PPM / whole)
            ),
            options=[_option(column, groups, rests, option, facts) for option in facts.options],
            typed=[
                one for response_id in facts.typed for one in _typed(response_id, column.typed.get(response_id, {}))
            ],
            undefined=undefined,
        )

    def _groups_of(self, column: _Column, totals: list[int]) -> "_Groups":
        """Most questions were had by the same attempts: their groups are found once."""
        key = column.attempts.tobytes()
        if key not in self._groups:
            self._groups[key] = _Groups(totals)
        return self._groups[key]


class _Groups:
    """The upper and the lower group: 27 % of the attempts each, rounded, halves up. Where several attempts have the
    score at the edge of a group, and not all of them fit in, each counts for the share of the places that are left: the
    order of equal attempts must not decide."""

    def __init__(self, totals: list[int]) -> None:
        in_order = sorted(totals)
        self.size = rounded(_GROUP * len(totals))
        self.reason: Reason | None = None
        if len(totals) < 2 or not self.size:
            self.reason = "too_few"
            return
        if in_order[0] == in_order[-1]:
            self.reason = "no_variance"
            return
        low, high = in_order[self.size - 1], in_order[-self.size]
        below, up_to = bisect_left(in_order, low), bisect_right(in_order, low)
        not_above, above = bisect_left(in_order, high), len(in_order) - bisect_right(in_order, high)
        self._in_lower = [total < low for total in totals]
        self._at_low = [total == low for total in totals]
        self._low_weight = Fraction(self.size - below, up_to - below)
        self._in_upper = [total > high for total in totals]
        self._at_high = [total == high for total in totals]
        self._high_weight = Fraction(self.size - above, len(in_order) - above - not_above)

    def means(self, values: Sequence[int]) -> tuple[Fraction, Fraction] | Reason:
        """(upper, lower): the mean value of each group."""
        if self.reason is not None:
            return self.reason
        upper = sum(compress(values, self._in_upper)) + self._high_weight * sum(compress(values, self._at_high))
        lower = sum(compress(values, self._in_lower)) + self._low_weight * sum(compress(values, self._at_low))
        return upper / self.size, lower / self.size

    def difference(self, values: Sequence[int]) -> Fraction | Reason:
        """The upper-lower index: the mean of the upper group without that of the lower one (A. P. Johnson, "Notes on a
        suggested index of item validity: the U-L index", Journal of Educational Psychology 42, 1951)."""
        means = self.means(values)
        return means if isinstance(means, str) else means[0] - means[1]


def _option(
    column: _Column, groups: _Groups, rests: list[int], option: OptionKey, facts: QuestionFacts
) -> OptionFigures:
    rows = column.choosers.get(option, [])
    chose = [0] * len(rests)
    for row in rows:
        chose[row] = 1
    means = groups.means(chose)
    upper, lower = (None, None) if isinstance(means, str) else means
    found = correlation(chose, rests)
    return OptionFigures(
        response_id=option[0],
        option_id=option[1],
        correct=option in facts.correct,
        chosen=len(rows),
        chosen_ppm=rounded(Fraction(len(rows) * PPM, len(rests))),
        upper_ppm=None if upper is None else rounded(upper * PPM),
        lower_ppm=None if lower is None else rounded(lower * PPM),
        point_biserial_ppm=found if isinstance(found, int) else None,
    )


def _typed(response_id: str, answers: Mapping[str, Counter[str]]) -> list[TypedFigures]:
    told = [
        TypedFigures(response_id=response_id, text=min(ways, key=lambda way: (-ways[way], way)), given=ways.total())
        for ways in answers.values()
        if ways.total() >= limits.MIN_TYPED_ALIKE
    ]
    return sorted(told, key=lambda one: (-one.given, one.text))[: limits.MAX_TYPED_TOLD]


def variance(values: Sequence[int]) -> Fraction | None:
    """With n - 1; None: there are fewer than two values."""
    count = len(values)
    if count < 2:
        return None
    return Fraction(count * sum(map(mul, values, values)) - sum(values) ** 2, count * (count - 1))


def correlation(one: Sequence[int], other: Sequence[int]) -> int | Reason:
    """Pearson's, in millionths."""
    count = len(one)
    if count < 2:
        return "too_few"
    sum_one, sum_other = sum(one), sum(other)
    spread_one = count * sum(map(mul, one, one)) - sum_one**2
    spread_other = count * sum(map(mul, other, other)) - sum_other**2
    if not spread_one or not spread_other:
        return "no_variance"
    together = count * sum(map(mul, one, other)) - sum_one * sum_other
    size = root(Fraction(together**2, spread_one * spread_other), PPM)
    return size if together >= 0 else -size


def standard_error(count: int) -> int | None:
    """Of a correlation over so many attempts, in millionths: 1 / sqrt(n - 1), its standard deviation over all orders in
    which the scores could have been dealt out to the answers by chance. None: there are fewer than two."""
    return None if count < 2 else root(Fraction(1, count - 1), PPM)


def root(square: Fraction, unit: int) -> int:
    """The square root in units of 1 / `unit`, rounded to the nearest one, halves up: exact, however near to a half."""
    twice = isqrt(4 * unit**2 * square.numerator // square.denominator)
    return (twice + 1) // 2


def rounded(number: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    size = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return size if number >= 0 else -size
