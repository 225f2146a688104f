"""Whether a number is near enough to an accepted one. With fractions: `Decimal` rounds to the digits of its context."""

from fractions import Fraction

from protocol.content import AcceptedNumber, Numeric, Slider
from protocol.marking.numbers import DecimalSign, read_key, read_number


def best_number(asked: Numeric | Slider, answer: str) -> int | None:
    """The points of the best of the accepted numbers that the answer is near; None: it is near none."""
    best = nearest(asked, answer)
    return None if best is None else _worth(asked, best)


def nearest(asked: Numeric | Slider, answer: str) -> AcceptedNumber | None:
    """Of the accepted numbers that the answer is near, the first that is worth most; None: it is near none."""
    sign = sign_of(asked)
    reading = read_number(answer, sign)
    if reading is None:
        return None
    number = Fraction(reading.number)
    near = [accepted for accepted in asked.accepted if is_near(number, accepted, sign)]
    return max(near, key=lambda accepted: _worth(asked, accepted), default=None)


def _worth(asked: Numeric | Slider, accepted: AcceptedNumber) -> int:
    return asked.points_mpt if accepted.points_mpt is None else accepted.points_mpt


def sign_of(asked: Numeric | Slider) -> DecimalSign:
    """The decimal sign of its keys and of answers to it."""
    return asked.decimal_sign if isinstance(asked, Numeric) else "."


def is_near(number: Fraction, accepted: AcceptedNumber, sign: DecimalSign) -> bool:
    """Whether the number is the accepted one, within its tolerance."""
    value, tolerance = read_key(accepted.value, sign), read_key(accepted.tolerance, sign)
    match accepted.within:
        case "absolute":
            return abs(number - value) <= tolerance
        case "relative":
            return abs(number - value) <= tolerance * abs(value)
        case "significant":
            figures = int(tolerance)
            return round_to_figures(number, figures) == round_to_figures(value, figures)


def round_to_figures(number: Fraction, figures: int) -> Fraction:
    """The number with so many significant figures, halves away from zero."""
    if number == 0:
        return number
    size = abs(number)
    # The power of ten of the first figure: digits of the quotient, corrected by one where it falls short.
    power = len(str(size.numerator)) - len(str(size.denominator))
    if size < Fraction(10) ** power:
        power -= 1
    unit = Fraction(10) ** (power - figures + 1)
    rounded = (size / unit + Fraction(1, 2)) // 1 * unit
    return rounded if number > 0 else -rounded
