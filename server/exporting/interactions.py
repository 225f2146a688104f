"""Interactions in QTI 3: each with its declaration, and with the conditions that give its points."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from protocol.content import (
    AcceptedNumber,
    Essay,
    InlineChoice,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    ShortText,
    SingleChoice,
    kind_of,
)
from server.exporting.elements import Element, qti
from server.exporting.faults import CannotSay

Line = Callable[[Element, str], Element]
"""Puts the markup of a line into an element."""


class Written(NamedTuple):
    """`declared` is the response declaration; `scored` what its answer is worth, as an expression or as conditions."""

    element: Element
    declared: Element
    scored: list[Element]


def write_interaction(asked: Interaction, name: str, line: Line) -> Written:
    """The interaction, whose response variable has this name. Raises `CannotSay`."""
    match asked:
        case SingleChoice() | MultipleChoice():
            return _choice(asked, name, line)
        case InlineChoice():
            return _inline(asked, name, line)
        case Order():
            return _order(asked, name, line)
        case Numeric():
            return _numeric(asked, name)
        case ShortText():
            return _text(asked, name)
        case Essay():
            return _essay(asked, name)
        case _:
            raise CannotSay(f"is of the type {kind_of(asked)}, which is not written as QTI")


def points(mpt: int) -> str:
    """Thousandths of a point as points."""
    return f"{Decimal(mpt) / 1_000:f}"


def _declared(name: str, cardinality: str, base: str, correct: Sequence[str], *mapping: Element) -> Element:
    said = [qti("correct-response", *(qti("value", text=one) for one in correct))] if correct else []
    return qti("response-declaration", *said, *mapping, identifier=name, cardinality=cardinality, base_type=base)


def _give(mpt: int) -> Element:
    """SCORE := SCORE + these points."""
    worth = qti("base-value", text=points(mpt), base_type="float")
    return qti("set-outcome-value", qti("sum", qti("variable", identifier="SCORE"), worth), identifier="SCORE")


def _by_mapping(name: str) -> list[Element]:
    found = qti("sum", qti("variable", identifier="SCORE"), qti("map-response", identifier=name))
    return [qti("set-outcome-value", found, identifier="SCORE")]


def _by_match(name: str, mpt: int, wrong_mpt: int) -> list[Element]:
    is_right = qti("match", qti("variable", identifier=name), qti("correct", identifier=name))
    ways = [qti("response-if", is_right, _give(mpt))]
    if wrong_mpt:
        is_given = qti("not", qti("is-null", qti("variable", identifier=name)))
        ways.append(qti("response-else-if", is_given, _give(-wrong_mpt)))
    return [qti("response-condition", *ways)]


def _options(tag: str, options: Sequence[Option], pinned: Sequence[str], line: Line) -> list[Element]:
    return [
        line(qti(tag, identifier=option.option_id, fixed="true" if option.option_id in pinned else None), option.body)
        for option in options
    ]


def _choice(asked: SingleChoice | MultipleChoice, name: str, line: Line) -> Written:
    several = isinstance(asked, MultipleChoice)
    correct = asked.correct if isinstance(asked, MultipleChoice) else [asked.correct]
    element = qti(
        "choice-interaction",
        *_options("simple-choice", asked.options, asked.pinned, line),
        response_identifier=name,
        max_choices=0 if several else 1,
        shuffle=str(asked.shuffle).lower(),
    )
    declared, scored = _of_choice(asked, name, "multiple" if several else "single", correct)
    return Written(element, declared, scored)


def _inline(asked: InlineChoice, name: str, line: Line) -> Written:
    element = qti(
        "inline-choice-interaction",
        *_options("inline-choice", asked.options, asked.pinned, line),
        response_identifier=name,
        shuffle=str(asked.shuffle).lower(),
    )
    declared, scored = _of_choice(asked, name, "single", [asked.correct])
    return Written(element, declared, scored)


def _of_choice(
    asked: SingleChoice | InlineChoice | MultipleChoice, name: str, cardinality: str, correct: Sequence[str]
) -> tuple[Element, list[Element]]:
    if isinstance(asked, MultipleChoice) and asked.partial:
        raise CannotSay("shares its points out among its options (`partial`): QTI has weights for that")
    if not asked.weights_mpt:
        return _declared(name, cardinality, "identifier", correct), _by_match(name, asked.points_mpt, asked.wrong_mpt)
    entries = [
        qti("map-entry", map_key=one.option_id, mapped_value=points(asked.weights_mpt.get(one.option_id, 0)))
        for one in asked.options
    ]
    lower = None if asked.min_mpt is None and any(worth < 0 for worth in asked.weights_mpt.values()) else asked.min_mpt
    bounds = {"lower_bound": points(lower or 0), "upper_bound": points(asked.points_mpt)}
    mapping = qti("mapping", *entries, default_value="0", **bounds)
    return _declared(name, cardinality, "identifier", correct, mapping), _by_mapping(name)


def _order(asked: Order, name: str, line: Line) -> Written:
    if asked.partial != "none":
        raise CannotSay("shares its points out among places or pairs (`partial`), which no template of QTI does")
    element = qti(
        "order-interaction",
        *_options("simple-choice", asked.options, (), line),
        response_identifier=name,
        shuffle="true",
    )
    declared = _declared(name, "ordered", "identifier", asked.correct)
    return Written(element, declared, _by_match(name, asked.points_mpt, asked.wrong_mpt))


def _numeric(asked: Numeric, name: str) -> Written:
    if asked.unit is not None:
        raise CannotSay("has a unit behind its field, which QTI does not know")
    by_worth = sorted(asked.accepted, key=lambda one: -_worth(asked, one.points_mpt))
    ways = [
        qti("response-if" if place == 0 else "response-else-if", _near(one, name), _give(_worth(asked, one.points_mpt)))
        for place, one in enumerate(by_worth)
    ]
    if asked.wrong_mpt:
        is_given = qti("not", qti("is-null", qti("variable", identifier=name)))
        ways.append(qti("response-else-if", is_given, _give(-asked.wrong_mpt)))
    declared = _declared(name, "single", "float", [by_worth[0].value])
    element = qti("text-entry-interaction", response_identifier=name)
    return Written(element, declared, [qti("response-condition", *ways)])


def _near(one: AcceptedNumber, name: str) -> Element:
    value = qti("base-value", text=one.value, base_type="float")
    typed = qti("variable", identifier=name)
    if one.within == "significant":
        return qti("equal-rounded", typed, value, rounding_mode="significantFigures", figures=one.tolerance)
    if Decimal(one.tolerance) == 0:
        return qti("equal", typed, value, tolerance_mode="exact")
    width = Decimal(one.tolerance) * (100 if one.within == "relative" else 1)
    return qti("equal", value, typed, tolerance_mode=one.within, tolerance=f"{width:f} {width:f}")


def _text(asked: ShortText, name: str) -> Written:
    said = [(one, None) if isinstance(one, str) else (one.text, one.points_mpt) for one in asked.accepted]
    if any(not isinstance(one, str) and one.pattern for one in asked.accepted):
        raise CannotSay("accepts a pattern, which is not written as QTI")
    if asked.wrong_mpt:
        raise CannotSay("takes points away for a wrong text, which is not written as QTI")
    entries = [
        qti(
            "map-entry",
            map_key=text,
            mapped_value=points(_worth(asked, mpt)),
            case_sensitive=str(asked.case_sensitive).lower(),
        )
        for text, mpt in said
    ]
    best = max(said, key=lambda one: _worth(asked, one[1]))[0]
    declared = _declared(name, "single", "string", [best], qti("mapping", *entries, default_value="0"))
    return Written(qti("text-entry-interaction", response_identifier=name), declared, _by_mapping(name))


def _essay(asked: Essay, name: str) -> Written:
    element = qti("extended-text-interaction", response_identifier=name)
    return Written(element, _declared(name, "single", "string", []), [])


def _worth(asked: Numeric | ShortText, mpt: int | None) -> int:
    return asked.points_mpt if mpt is None else mpt
