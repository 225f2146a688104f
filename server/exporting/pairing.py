"""Putting together, in QTI 3: matching, gaps and associations, in lists, in texts and on pictures."""

from collections.abc import Sequence

from protocol.content import (
    Associate,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    Match,
    Pairing,
    PairOption,
    PairSpot,
)
from protocol.points import spell_points
from server.exporting.elements import Element, Words, qti
from server.exporting.faults import CannotSay
from server.exporting.pictures import spot_attributes
from server.exporting.scoring import Written, bounds, by_mapping, by_match, declaration


def write_pairs(asked: Pairing, name: str, words: Words) -> Written:
    """The interaction. Raises `CannotSay`."""
    if asked.partial != "none":
        raise CannotSay("shares its points out among pairs (`partial`): QTI has weights for that")
    if not asked.sides.is_one and _ids(asked.sides.sources) & _ids(asked.sides.targets):
        raise CannotSay("has the same id on both sides of its pairs, which are one list of ids in QTI")
    element = _element(asked, words)
    limits = {"min-associations": asked.min_pairs or None, "max-associations": asked.max_pairs or 0}
    for key, value in {"response-identifier": name, **limits}.items():
        if value is not None:
            element.set(key, str(value))
    base = "pair" if asked.sides.is_one else "directedPair"
    correct = [" ".join(pair) for pair in asked.correct]
    if not asked.weights:
        declared = declaration(name, "multiple", base, correct)
        return Written(element, declared, by_match(name, asked.points_mpt, asked.wrong_mpt))
    entries = [
        qti("map-entry", map_key=" ".join(one.pair), mapped_value=spell_points(one.worth_mpt)) for one in asked.weights
    ]
    worths = [asked.default_mpt, *(one.worth_mpt for one in asked.weights)]
    kept = bounds(asked.points_mpt, asked.min_mpt, worths)
    mapping = qti("mapping", *entries, default_value=spell_points(asked.default_mpt), **kept)
    return Written(element, declaration(name, "multiple", base, correct, mapping), by_mapping(name))


def _ids(options: Sequence[PairOption]) -> set[str]:
    return {option.option_id for option in options}


def _element(asked: Pairing, words: Words) -> Element:
    match asked:
        case Match():
            if asked.shuffle_rows != asked.shuffle_columns:
                raise CannotSay("shuffles its rows or its columns alone: QTI shuffles both or none")
            sets = [_choices("simple-associable-choice", one, words) for one in (asked.rows, asked.columns)]
            inside = [qti("simple-match-set", *one) for one in sets]
            return qti("match-interaction", *inside, shuffle=str(asked.shuffle_rows).lower())
        case Associate():
            choices = _choices("simple-associable-choice", asked.choices, words)
            return qti("associate-interaction", *choices, shuffle=str(asked.shuffle).lower())
        case GapMatch():
            element = words.fill(qti("gap-match-interaction", shuffle=str(asked.shuffle).lower()), asked.text)
            for place, choice in enumerate(_movable(asked.choices, words)):
                element.insert(place, choice)
            # What is written before the first element stands behind the choices there.
            element[len(asked.choices) - 1].tail, element.text = element.text, None
            return element
        case GraphicGapMatch():
            if asked.shuffle:
                raise CannotSay("shuffles what is put on its picture, which QTI does not")
            inside = [*_movable(asked.choices, words), *_spots(asked.spots)]
            return qti("graphic-gap-match-interaction", words.picture(asked.picture), *inside)
        case GraphicAssociate():
            return qti("graphic-associate-interaction", words.picture(asked.picture), *_spots(asked.spots))


def _choices(tag: str, options: Sequence[PairOption], words: Words) -> list[Element]:
    return [words.fill(qti(tag, identifier=one.option_id, match_max=one.max_uses or 0), one.body) for one in options]


def _movable(options: Sequence[PairOption], words: Words) -> list[Element]:
    tags = ["gap-img" if "<img" in one.body else "gap-text" for one in options]
    return [found for tag, one in zip(tags, options, strict=True) for found in _choices(tag, [one], words)]


def _spots(spots: Sequence[PairSpot]) -> list[Element]:
    return [qti("associable-hotspot", **spot_attributes(one), match_max=one.max_uses or 0) for one in spots]
