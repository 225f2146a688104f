"""The right answer to an interaction, and the most that one can give."""

from collections.abc import Iterable

from protocol.content import (
    Associate,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    OneOf,
    Order,
    Point,
    Question,
    ShortText,
    Slider,
    TrueFalse,
    Upload,
    WorthArea,
    has_key,
)
from protocol.content.interactions import Pairing, most_pairs, undirected
from protocol.marking.areas import is_inside
from protocol.marking.text import accepted_text
from protocol.messages.base import Pair, PartValue, Value


def right_part(asked: Interaction) -> PartValue | None:
    """What the author says is right, as a candidate would answer it; None: a person judges, or nobody
    does. Of several accepted answers, the first that is worth most; in a pattern, "…" stands for each `*`."""
    if not has_key(asked):
        return None
    match asked:
        case OneOf():
            return asked.correct
        case Hottext() | Order() | GraphicOrder():
            return list(asked.correct)
        case TrueFalse():
            return "true" if asked.correct else "false"
        case Match() | GapMatch() | Associate() | GraphicGapMatch() | GraphicAssociate():
            return list(asked.correct)
        case MultipleChoice() | Hotspot():
            by_worth = sorted(asked.correct, key=lambda name: asked.weights_mpt.get(name, 0), reverse=True)
            return list(by_worth[: asked.max_choices])
        case Point():
            found = [area for area in asked.areas if area.worth_mpt is None or area.worth_mpt > 0]
            found.sort(key=lambda area: area.worth_mpt or 0, reverse=True)
            return [_point_in(area) for area in found[: asked.max_choices]]
        case Numeric() | Slider():
            worth = [asked.points_mpt if one.points_mpt is None else one.points_mpt for one in asked.accepted]
            return asked.accepted[worth.index(max(worth))].value
        case ShortText():
            texts = [accepted_text(one) for one in asked.accepted]
            worth = [asked.points_mpt if one.points_mpt is None else one.points_mpt for one in texts]
            best = texts[worth.index(max(worth))]
            return best.text.replace("*", "…") if best.pattern else best.text
        case Essay() | Upload():
            return None


def _point_in(area: WorthArea) -> Pair:
    """A point of the area: its middle, or its first corner where the middle lies outside of it."""
    coords = area.coords
    if area.shape in ("circle", "ellipse"):
        x, y = coords[0], coords[1]
    else:
        x, y = ((min(coords[at::2]) + max(coords[at::2])) // 2 for at in (0, 1))
        if not is_inside(area, x, y):
            x, y = coords[0], coords[1]
    return str(max(0, x)), str(max(0, y))


def right_answer(question: Question) -> Value:
    """What the author says is right, as a candidate would answer the question; nil: persons judge all of it, or nobody
    does."""
    parts = {asked.response_id: right_part(asked) for asked in question.interactions}
    if len(parts) == 1:
        return next(iter(parts.values()))
    return {name: part for name, part in parts.items() if part is not None} or None


def highest_of(asked: Interaction) -> int:
    """No answer is worth more than this, in thousandths of a point. Of pairs with weights it is a bound: each side
    alone may give as much."""
    if not isinstance(asked, Pairing) or not asked.weights:
        return asked.points_mpt
    sides = asked.sides
    most = most_pairs(sides, asked.max_pairs)
    named = dict(zip(undirected((one.pair for one in asked.weights), sides), asked.weights, strict=True))
    pairs = {
        pair: named[pair].worth_mpt if pair in named else asked.default_mpt
        for pair in undirected(
            (
                (source.option_id, target.option_id)
                for source in sides.sources
                for target in sides.targets
                if not (sides.is_one and source.option_id == target.option_id)
            ),
            sides,
        )
    }
    bounds = [_best(pairs.values(), most)]
    if not sides.is_one:
        for side, options in enumerate((sides.sources, sides.targets)):
            bounds.append(
                sum(
                    _best((worth for pair, worth in pairs.items() if pair[side] == one.option_id), one.max_uses or most)
                    for one in options
                )
            )
    return min(asked.points_mpt, *bounds)


def _best(worth: Iterable[int], most: int) -> int:
    return sum(sorted((one for one in worth if one > 0), reverse=True)[:most])
