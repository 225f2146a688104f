"""Interactions in QTI 3: each with its declaration, and with the conditions that give its points."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from protocol.content import (
    AcceptedNumber,
    Essay,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Point,
    ShortText,
    SingleChoice,
    Slider,
    TrueFalse,
    Upload,
)
from protocol.content.interactions.handing import FileKind
from protocol.points import spell_points
from server.exporting.elements import Element, Words, qti
from server.exporting.faults import CannotSay
from server.exporting.pairing import write_pairs
from server.exporting.pictures import write_graphic_order, write_hotspot, write_hottext, write_points
from server.exporting.scoring import Written, by_mapping, by_match, declaration, give, taken_away
from server.exporting.weights import write_set

Fill = Callable[[Element, str], Element]
"""Puts the markup of a line into an element."""
TRUE_FALSE: Final = {"true": "True", "false": "False"}
"""The two options of a statement. Whoever reads them again knows it by them."""
_KINDS: Final[dict[FileKind, str]] = {
    "picture": "image/*",
    "pdf": "application/pdf",
    "text": "text/plain",
    "document": "application/msword",
    "audio": "audio/*",
    "video": "video/*",
}


def write_interaction(asked: Interaction, name: str, words: Words) -> Written:
    """The interaction, whose response variable has this name. Raises `CannotSay`."""
    match asked:
        case SingleChoice() | MultipleChoice():
            return _choice(asked, name, words.fill)
        case InlineChoice():
            return _inline(asked, name, words.fill)
        case TrueFalse():
            return _statement(asked, name)
        case Order():
            return _order(asked, name, words.fill)
        case Numeric() | Slider():
            return _numeric(asked, name)
        case ShortText():
            return _text(asked, name)
        case Essay():
            return _essay(asked, name)
        case Upload():
            return _upload(asked, name)
        case Hottext():
            return write_hottext(asked, name, words)
        case Hotspot():
            return write_hotspot(asked, name, words)
        case GraphicOrder():
            return write_graphic_order(asked, name, words)
        case Point():
            return write_points(asked, name, words)
        case _:
            return write_pairs(asked, name, words)


def _options(tag: str, options: Sequence[Option], pinned: Sequence[str], line: Fill) -> list[Element]:
    return [
        line(qti(tag, identifier=option.option_id, fixed="true" if option.option_id in pinned else None), option.body)
        for option in options
    ]


def _choice(asked: SingleChoice | MultipleChoice, name: str, line: Fill) -> Written:
    several = isinstance(asked, MultipleChoice)
    element = qti(
        "choice-interaction",
        *_options("simple-choice", asked.options, asked.pinned, line),
        response_identifier=name,
        min_choices=asked.min_choices or None if isinstance(asked, MultipleChoice) else None,
        max_choices=asked.max_choices or 0 if isinstance(asked, MultipleChoice) else 1,
        shuffle=str(asked.shuffle).lower(),
    )
    ids = [option.option_id for option in asked.options]
    return Written(element, *write_set(asked, name, ids, is_one=not several))


def _inline(asked: InlineChoice, name: str, line: Fill) -> Written:
    element = qti(
        "inline-choice-interaction",
        *_options("inline-choice", asked.options, asked.pinned, line),
        response_identifier=name,
        shuffle=str(asked.shuffle).lower(),
    )
    ids = [option.option_id for option in asked.options]
    return Written(element, *write_set(asked, name, ids, is_one=True))


def _statement(asked: TrueFalse, name: str) -> Written:
    options = [qti("simple-choice", text=text, identifier=key) for key, text in TRUE_FALSE.items()]
    element = qti("choice-interaction", *options, response_identifier=name, max_choices=1, shuffle="false")
    declared = declaration(name, "single", "identifier", [] if asked.correct is None else [str(asked.correct).lower()])
    return Written(element, declared, by_match(name, asked.points_mpt, asked.wrong_mpt))


def _order(asked: Order, name: str, line: Fill) -> Written:
    if asked.partial != "none":
        raise CannotSay("shares its points out among places or pairs (`partial`), which no template of QTI does")
    element = qti(
        "order-interaction",
        *_options("simple-choice", asked.options, (), line),
        response_identifier=name,
        shuffle="true",
    )
    declared = declaration(name, "ordered", "identifier", asked.correct)
    return Written(element, declared, by_match(name, asked.points_mpt, asked.wrong_mpt))


def _numeric(asked: Numeric | Slider, name: str) -> Written:
    if asked.unit is not None:
        raise CannotSay("has a unit behind its field, which QTI does not know")
    by_worth = sorted(asked.accepted, key=lambda one: -_worth(asked, one.points_mpt))
    ways = [
        qti("response-if" if place == 0 else "response-else-if", _near(one, name), give(_worth(asked, one.points_mpt)))
        for place, one in enumerate(by_worth)
    ]
    ways += taken_away(name, asked.wrong_mpt)
    declared = declaration(name, "single", "float", [one.value for one in by_worth[:1]])
    element = qti("text-entry-interaction", response_identifier=name)
    if isinstance(asked, Slider):
        scale = {"lower_bound": asked.lower, "upper_bound": asked.upper, "step": asked.step}
        element = qti("slider-interaction", response_identifier=name, **scale)
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
            mapped_value=spell_points(_worth(asked, mpt)),
            case_sensitive=str(asked.case_sensitive).lower(),
        )
        for text, mpt in said
    ]
    best = [text for text, _ in sorted(said, key=lambda one: -_worth(asked, one[1]))[:1]]
    declared = declaration(
        name, "single", "string", best, *([qti("mapping", *entries, default_value="0")] if entries else [])
    )
    return Written(qti("text-entry-interaction", response_identifier=name), declared, by_mapping(name))


def _essay(asked: Essay, name: str) -> Written:
    element = qti(
        "extended-text-interaction",
        response_identifier=name,
        format="xhtml" if asked.format == "rich" else None,
    )
    return Written(element, declaration(name, "single", "string", []), [])


def _upload(asked: Upload, name: str) -> Written:
    element = qti("upload-interaction", response_identifier=name, type=" ".join(_KINDS[kind] for kind in asked.kinds))
    return Written(element, declaration(name, "single", "file", []), [])


def _worth(asked: Numeric | Slider | ShortText, mpt: int | None) -> int:
    return asked.points_mpt if mpt is None else mpt
