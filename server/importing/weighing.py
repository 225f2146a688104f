"""Interactions from answers that are worth shares of a question, as Moodle has them in all its formats."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

import msgspec

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    InlineChoice,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    ScoreFeedback,
    ShortText,
    SingleChoice,
)
from server.importing.drafts import option_id, option_ids
from server.importing.faults import ImportFault

_WHOLE: Final = Decimal(100)
_MAX_TEXT_CHARS: Final = 1_000
_USUAL_TEXT_CHARS: Final = 200
_ROUNDED: Final = Decimal("0.5")
"""Per cent that shares may lack of a whole: thirds are written as 33.33."""


class Weighed(msgspec.Struct, frozen=True):
    """What an answer is, its share of the points in per cent, and what is said to whoever gives it: a body, None or
    blank for nothing."""

    said: str
    share: Decimal
    feedback: str | None = None

    @property
    def is_rest(self) -> bool:
        """Whether it stands for all answers that are none of the others."""
        return self.said.strip() == "*" and self.share <= 0

    @property
    def counts(self) -> bool:
        """Whether it is worth something, or something is said of it alone."""
        return self.share > 0 or (self.share == 0 and bool(self.feedback) and not self.is_rest)


def one_of(
    answers: Sequence[Weighed],
    points_mpt: int,
    response_id: str = "answer",
    *,
    shuffle: bool = False,
    in_line: bool = False,
) -> SingleChoice | InlineChoice:
    """One of them is chosen, `in_line` by a menu. What they say are lines. Raises `ImportFault` where none is right."""
    options = _options(answers, shuffle=shuffle)
    weights = {
        option.option_id: _part(answer.share, points_mpt) for option, answer in zip(options, answers, strict=True)
    }
    best = max(weights, key=lambda name: weights[name])
    is_plain = all(worth in (0, points_mpt) for worth in weights.values())
    is_plain = is_plain and list(weights.values()).count(points_mpt) == 1
    return (InlineChoice if in_line else SingleChoice)(
        response_id=response_id,
        points_mpt=_worth(weights[best]),
        options=options,
        correct=best,
        weights_mpt={} if is_plain else weights,
        shuffle=shuffle,
        option_feedback=_feedback(options, answers),
    )


def some_of(
    answers: Sequence[Weighed], points_mpt: int, response_id: str = "answer", *, shuffle: bool = False
) -> MultipleChoice:
    """Any of them are chosen, and their shares are added up. Raises `ImportFault` where none is right."""
    options = _options(answers, shuffle=shuffle)
    right = sum((answer.share for answer in answers if answer.share > 0), Decimal(0))
    # What lacks of a whole by rounding alone is made whole.
    scale = _WHOLE / right if right and abs(right - _WHOLE) <= _ROUNDED else Decimal(1)
    weights = {
        option.option_id: _part(answer.share * (scale if answer.share > 0 else 1), points_mpt)
        for option, answer in zip(options, answers, strict=True)
    }
    good = [name for name, worth in weights.items() if worth > 0]
    best = sum(weights[name] for name in good)
    if good and scale != 1:
        weights[good[-1]] += points_mpt - best
        best = points_mpt
    return MultipleChoice(
        response_id=response_id,
        points_mpt=_worth(best),
        options=options,
        correct=good,
        weights_mpt=weights,
        shuffle=shuffle,
        option_feedback=_feedback(options, answers),
    )


def ordered(texts: Sequence[str], points_mpt: int, how: str) -> Order:
    """All are put in this order. `how` are words of Moodle that say how a part of it is marked."""
    if any(not text for text in texts) or len(texts) < 2:
        raise ImportFault("A text to put in order is blank, or there is only one.")
    words = how.upper()
    partial: Literal["none", "places", "pairs"] = (
        "none" if "ALL_OR_NOTHING" in words else "pairs" if "RELATIVE" in words else "places"
    )
    options = [Option(name, text) for name, text in zip(option_ids(texts), texts, strict=True)]
    return Order(
        points_mpt=points_mpt, options=options, correct=[option.option_id for option in options], partial=partial
    )


def a_text(
    answers: Sequence[Weighed], points_mpt: int, response_id: str = "answer", *, case_sensitive: bool = False
) -> ShortText:
    """A text is typed. A `*` in an answer stands for anything."""
    accepted: list[str | AcceptedText] = [
        AcceptedText(
            text=answer.said,
            pattern="*" in answer.said,
            points_mpt=_part(answer.share, points_mpt),
            feedback=answer.feedback or None,
        )
        for answer in answers
        if answer.counts
    ]
    longest = max((len(answer.said) for answer in answers if answer.counts), default=0)
    if longest > _MAX_TEXT_CHARS:
        raise ImportFault(f"An answer has more than {_MAX_TEXT_CHARS} characters.")
    best = max((answer.share for answer in answers), default=Decimal(0))
    return ShortText(
        response_id=response_id,
        points_mpt=_worth(_part(best, points_mpt)),
        accepted=accepted,
        case_sensitive=case_sensitive,
        max_chars=max(_USUAL_TEXT_CHARS, longest),
    )


def a_number(answers: Sequence[tuple[Weighed, str]], points_mpt: int, response_id: str = "answer") -> Numeric:
    """A number is typed, near one of those given with their tolerances."""
    best = max((answer.share for answer, _ in answers), default=Decimal(0))
    return Numeric(
        response_id=response_id,
        points_mpt=_worth(_part(best, points_mpt)),
        accepted=[
            AcceptedNumber(
                value=answer.said,
                tolerance=tolerance,
                points_mpt=_part(answer.share, points_mpt),
                feedback=answer.feedback or None,
            )
            for answer, tolerance in answers
            if answer.counts
        ],
    )


def rest_feedback(answers: Sequence[Weighed], losses: list[str]) -> list[ScoreFeedback]:
    """What is said of all that is none of the answers, as feedback to whoever has nothing."""
    said = next((answer.feedback for answer in answers if answer.is_rest and answer.feedback), None)
    if said is None:
        return []
    if any(answer.counts and answer.share == 0 for answer in answers):
        losses.append("the feedback to any other answer is shown to all that give nothing")
    return [ScoreFeedback(0, said), ScoreFeedback(1, "")]


def _options(answers: Sequence[Weighed], *, shuffle: bool) -> list[Option]:
    if any(not answer.said for answer in answers):
        raise ImportFault("An answer has no text.")
    if len(answers) < 2:
        raise ImportFault("There is nothing to choose between.")
    said = [answer.said for answer in answers]
    # Many write the right one first, and leave it to a shuffle to hide that.
    ids = option_ids(said) if shuffle else [option_id(position) for position in range(len(said))]
    return [Option(name, text) for name, text in zip(ids, said, strict=True)]


def _feedback(options: Sequence[Option], answers: Sequence[Weighed]) -> dict[str, str]:
    return {
        option.option_id: answer.feedback for option, answer in zip(options, answers, strict=True) if answer.feedback
    }


def _part(share: Decimal, points_mpt: int) -> int:
    return int((share * points_mpt / _WHOLE).to_integral_value())


def _worth(points_mpt: int) -> int:
    if points_mpt <= 0:
        raise ImportFault("No answer is right.")
    return points_mpt
