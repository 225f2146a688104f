"""What a key must be. Each check raises `ValueError` with a sentence that begins with the field's name."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from protocol.answering import is_blank
from protocol.answering.sliding import SCALE_NUMBER
from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Hotspot,
    Hottext,
    MultipleChoice,
    Numeric,
    OneOf,
    Point,
    ShortText,
    Slider,
)
from protocol.marking.choices import names_of
from protocol.marking.near import is_near, sign_of
from protocol.marking.numbers import DecimalSign, read_key
from protocol.marking.pointing import best_of_points
from protocol.marking.text import accepted_text

_MOST_FIGURES = 30
_MOST_STEPS: Final = 10_000
"""Of a slider: more can't be told apart by eye or by finger."""


def check_weights(asked: OneOf | MultipleChoice | Hottext | Hotspot) -> None:
    """Weights must name options, and the right answer must be worth the question's points. Several options may be worth
    more than these together: nothing is worth more than the question."""
    weights = asked.weights_mpt
    if not weights:
        return
    if not set(weights) <= names_of(asked):
        raise ValueError("`weights` must name options of the question")
    if asked.wrong_mpt or (not isinstance(asked, OneOf) and asked.partial):
        raise ValueError("`weights` say what each option is worth: leave `wrong` and `partial` out")
    if isinstance(asked, Hotspot) or (isinstance(asked, MultipleChoice) and asked.max_choices is not None):
        best, is_best = _best_of_some(asked)
    elif isinstance(asked, MultipleChoice | Hottext):
        best = sum(worth for worth in weights.values() if worth > 0)
        is_best = {name for name, worth in weights.items() if worth > 0} == set(asked.correct)
    else:
        best = max(weights.values())
        is_best = any(weights.get(name, 0) == best for name in asked.right)
    if best < asked.points_mpt or (best > asked.points_mpt and isinstance(asked, OneOf)):
        raise ValueError(f"`weights` give {best} thousandths at most, and the question has {asked.points_mpt}")
    if not is_best:
        raise ValueError("`weights` must be highest for what is `correct`")


def _best_of_some(asked: Hotspot | MultipleChoice) -> tuple[int, bool]:
    """What the best choice is worth, and whether it is what is correct."""
    best = _sum_of_best(asked.weights_mpt.values(), asked.max_choices)
    return best, _sum_of_best([asked.weights_mpt.get(name, 0) for name in asked.correct], asked.max_choices) == best


def _sum_of_best(weights: Iterable[int], most: int | None) -> int:
    return sum(sorted((worth for worth in weights if worth > 0), reverse=True)[:most])


def check_accepted(asked: Numeric | Slider | ShortText) -> None:
    """What is accepted must be readable, and the best of it worth the question's points."""
    if not isinstance(asked, ShortText):
        for number in asked.accepted:
            _check_number(number, sign_of(asked))
        given = [number.points_mpt for number in asked.accepted]
    else:
        texts = [accepted_text(text) for text in asked.accepted]
        if not all(_says_something(text) and len(text.text) <= asked.max_chars for text in texts):
            raise ValueError("`accepted` has a text that is blank, or longer than `max_chars`")
        given = [text.points_mpt for text in texts]
    worth = [asked.points_mpt if points is None else points for points in given]
    if worth and max(worth) != asked.points_mpt:
        raise ValueError(f"`accepted` gives {max(worth)} thousandths at most, and the question has {asked.points_mpt}")


def _says_something(text: AcceptedText) -> bool:
    """A pattern of asterisks alone stands for any answer."""
    return text.pattern or not is_blank(text.text)


def _check_number(number: AcceptedNumber, sign: DecimalSign) -> None:
    try:
        read_key(number.value, sign)
    except ValueError as error:
        raise ValueError(f"`correct` {error}") from None
    try:
        tolerance = read_key(number.tolerance, sign)
    except ValueError as error:
        raise ValueError(f"`tolerance` {error}") from None
    if tolerance < 0:
        raise ValueError("`tolerance` is not a number of zero or more")
    if number.within == "significant" and not (tolerance.denominator == 1 and 1 <= tolerance <= _MOST_FIGURES):
        raise ValueError(f"`tolerance` must be from 1 to {_MOST_FIGURES} significant figures")


def check_scale(asked: Slider) -> None:
    """A scale must have numbers, and what is accepted must be among them."""
    for field, text in (("min", asked.lower), ("max", asked.upper), ("step", asked.step)):
        if SCALE_NUMBER.fullmatch(text) is None:
            raise ValueError(f"`{field}` is no number with a point, and 12 digits before and 9 behind it at most")
    lower, upper, step = (Fraction(text) for text in (asked.lower, asked.upper, asked.step))
    if upper <= lower or step <= 0:
        raise ValueError("`max` must be above `min`, and `step` above zero")
    last = (upper - lower) // step
    if not 1 <= last <= _MOST_STEPS:
        raise ValueError(f"`step` gives {last} steps from `min` to `max`; it must be from 1 to {_MOST_STEPS}")
    for number in asked.accepted:
        below = (read_key(number.value, ".") - lower) // step
        nearest = [lower + step * max(0, min(last, place)) for place in (below, below + 1)]
        if not any(is_near(one, number, ".") for one in nearest):
            raise ValueError(f"`correct` is {number.value}, and the scale has no number that is near enough")


def check_areas(asked: Point) -> None:
    """Areas must say what they are worth, or none of them; and the best answer must give the question's points."""
    given = [area.worth_mpt for area in asked.areas if area.worth_mpt is not None]
    if 0 < len(given) < len(asked.areas):
        raise ValueError("`areas` must all have `points`, or none of them")
    if given and best_of_points(asked) < asked.points_mpt:
        best = best_of_points(asked)
        raise ValueError(f"`areas` give {best} thousandths at most, and the question has {asked.points_mpt}")
