"""What a key must be. Each check raises `ValueError` with a sentence that begins with the field's name."""

from protocol.answering import is_blank
from protocol.content import AcceptedNumber, Hottext, MultipleChoice, Numeric, OneOf, ShortText
from protocol.marking.choices import names_of
from protocol.marking.numbers import DecimalSign, read_key
from protocol.marking.text import accepted_text

_MOST_FIGURES = 30


def check_weights(asked: OneOf | MultipleChoice | Hottext) -> None:
    """Weights must name options, and the right answer must be worth the question's points."""
    weights = asked.weights_mpt
    if not weights:
        return
    if not set(weights) <= names_of(asked):
        raise ValueError("`weights` must name options of the question")
    if asked.wrong_mpt or (isinstance(asked, MultipleChoice | Hottext) and asked.partial):
        raise ValueError("`weights` say what each option is worth: leave `wrong` and `partial` out")
    if isinstance(asked, MultipleChoice | Hottext):
        best = sum(worth for worth in weights.values() if worth > 0)
        is_best = {name for name, worth in weights.items() if worth > 0} == set(asked.correct)
    else:
        best = max(weights.values())
        is_best = weights.get(asked.correct, 0) == best
    if best != asked.points_mpt:
        raise ValueError(f"`weights` give {best} thousandths at most, and the question has {asked.points_mpt}")
    if not is_best:
        raise ValueError("`weights` must be highest for what is `correct`")


def check_accepted(asked: Numeric | ShortText) -> None:
    """What is accepted must be readable, and the best of it worth the question's points."""
    if isinstance(asked, Numeric):
        for number in asked.accepted:
            _check_number(number, asked.decimal_sign)
        given = [number.points_mpt for number in asked.accepted]
    else:
        texts = [accepted_text(text) for text in asked.accepted]
        if not all(not is_blank(text.text.replace("*", "")) and len(text.text) <= asked.max_chars for text in texts):
            raise ValueError("`accepted` has a text that is blank, or longer than `max_chars`")
        given = [text.points_mpt for text in texts]
    worth = [asked.points_mpt if points is None else points for points in given]
    if max(worth) != asked.points_mpt:
        raise ValueError(f"`accepted` gives {max(worth)} thousandths at most, and the question has {asked.points_mpt}")


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
