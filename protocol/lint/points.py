"""Points that an answer can't reach, and keys that change nothing."""

from collections.abc import Iterator
from fractions import Fraction

from protocol.content import AcceptedNumber, Numeric, Pairs, ShortText, Slider, TestContent
from protocol.lint.places import interactions
from protocol.marking.best import highest_of, right_part
from protocol.marking.interaction import mark_interaction
from protocol.marking.near import is_near, sign_of
from protocol.marking.numbers import read_key
from protocol.marking.text import accepted_text, fitting_text
from protocol.points import spell_points
from protocol.rest.lint import Finding


def unreachable_points(content: TestContent) -> Iterator[Finding]:
    """Interactions whose best answer gives less than their points."""
    for place, asked in interactions(content):
        most = highest_of(asked)
        if most < asked.points_mpt:
            says = f"The best answer gives {spell_points(most)} of {spell_points(asked.points_mpt)} points."
            yield place.found("unreachable_points", says)


def correct_is_not_best(content: TestContent) -> Iterator[Finding]:
    """Pairs that the author calls right and that give less than their points, since others weigh more. Of what else is
    asked a test is refused where what is right is not best."""
    for place, asked in interactions(content):
        if not isinstance(asked, Pairs) or not asked.correct:
            continue
        mark = mark_interaction(asked, right_part(asked), content.language)
        if mark is not None and mark < asked.points_mpt <= highest_of(asked):
            says = f"What is `correct` gives {spell_points(mark)} of {spell_points(asked.points_mpt)} points."
            yield place.found("correct_is_not_best", says)


def key_never_counts(content: TestContent) -> Iterator[Finding]:
    """Accepted answers that are worth less than another one that always fits when they do."""
    for place, asked in interactions(content):
        if isinstance(asked, ShortText):
            hidden = list(_hidden_texts(asked, content.language))
        elif isinstance(asked, Numeric | Slider):
            hidden = list(_hidden_numbers(asked))
        else:
            continue
        for number in hidden:
            yield place.found("key_never_counts", f"Accepted answer {number} never counts: another one is worth more.")


def _hidden_texts(asked: ShortText, language: str | None) -> Iterator[int]:
    for number, given in enumerate(asked.accepted, 1):
        own = accepted_text(given)
        best = None if own.pattern else fitting_text(asked, own.text, language)
        if best is not None and _worth(asked, best.points_mpt) > _worth(asked, own.points_mpt):
            yield number


def _hidden_numbers(asked: Numeric | Slider) -> Iterator[int]:
    for number, own in enumerate(asked.accepted, 1):
        ends = _ends(asked, own)
        if ends is not None and any(
            _worth(asked, other.points_mpt) > _worth(asked, own.points_mpt)
            and all(is_near(end, other, sign_of(asked)) for end in ends)
            for other in asked.accepted
        ):
            yield number


def _ends(asked: Numeric | Slider, accepted: AcceptedNumber) -> tuple[Fraction, Fraction] | None:
    """The ends of what it accepts; None: they are not known. What any of them accepts has no hole."""
    value, tolerance = (read_key(one, sign_of(asked)) for one in (accepted.value, accepted.tolerance))
    if accepted.within == "significant":
        return None
    width = tolerance if accepted.within == "absolute" else tolerance * abs(value)
    return value - width, value + width


def _worth(asked: Numeric | Slider | ShortText, points_mpt: int | None) -> int:
    return asked.points_mpt if points_mpt is None else points_mpt
