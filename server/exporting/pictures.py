"""What is chosen, put in order or pointed at on a picture, and chosen among words, in QTI 3."""

from typing import Any

from protocol.content import GraphicOrder, Hotspot, Hottext, Point, Spot
from protocol.content.interactions import Area
from protocol.points import spell_points
from server.exporting.elements import Words, qti
from server.exporting.faults import CannotSay
from server.exporting.scoring import Written, by_mapping, by_match, declaration
from server.exporting.weights import write_set


def spot_attributes(spot: Spot) -> dict[str, Any]:
    """Where a spot is, and what it is called."""
    return {"identifier": spot.spot_id, **_area(spot), "hotspot_label": spot.label or None}


def _area(area: Area) -> dict[str, str]:
    return {"shape": area.shape, "coords": ",".join(map(str, area.coords))}


def write_hottext(asked: Hottext, name: str, words: Words) -> Written:
    """Words of a text that are chosen."""
    element = words.fill(qti("hottext-interaction", response_identifier=name), asked.text)
    element.set("min-choices", str(asked.min_choices))
    element.set("max-choices", str(asked.max_choices or 0))
    ids = [one.get("identifier", "") for one in element.iter("{*}qti-hottext")]
    return Written(element, *write_set(asked, name, ids, is_one=False))


def write_hotspot(asked: Hotspot, name: str, words: Words) -> Written:
    """Spots that are chosen."""
    is_one = asked.max_choices == 1
    if is_one and len(asked.correct) > 1 and not asked.weights_mpt:
        raise CannotSay("has several right spots, each of which is enough: QTI has weights for that")
    element = qti(
        "hotspot-interaction",
        words.picture(asked.picture),
        *(qti("hotspot-choice", **spot_attributes(spot)) for spot in asked.spots),
        response_identifier=name,
        min_choices=asked.min_choices,
        max_choices=asked.max_choices or 0,
    )
    return Written(element, *write_set(asked, name, [spot.spot_id for spot in asked.spots], is_one=is_one))


def write_graphic_order(asked: GraphicOrder, name: str, words: Words) -> Written:
    """Spots that are put in order."""
    if asked.partial != "none":
        raise CannotSay("shares its points out among places or pairs (`partial`), which no template of QTI does")
    element = qti(
        "graphic-order-interaction",
        words.picture(asked.picture),
        *(qti("hotspot-choice", **spot_attributes(spot)) for spot in asked.spots),
        response_identifier=name,
    )
    declared = declaration(name, "ordered", "identifier", asked.correct)
    return Written(element, declared, by_match(name, asked.points_mpt, asked.wrong_mpt))


def write_points(asked: Point, name: str, words: Words) -> Written:
    """Points that are set."""
    if asked.wrong_mpt:
        raise CannotSay("takes points away for a point elsewhere by `wrong`: QTI has what a point elsewhere is worth")
    share = asked.points_mpt // max(1, min(len(asked.areas), asked.max_choices or len(asked.areas)))
    entries = [
        qti(
            "area-map-entry", **_area(one), mapped_value=spell_points(share if one.worth_mpt is None else one.worth_mpt)
        )
        for one in asked.areas
    ]
    mapping = qti(
        "area-mapping",
        *entries,
        default_value=spell_points(asked.elsewhere_mpt),
        lower_bound=spell_points(asked.min_mpt or 0),
        upper_bound=spell_points(asked.points_mpt),
    )
    element = qti(
        "select-point-interaction",
        words.picture(asked.picture),
        response_identifier=name,
        min_choices=asked.min_choices,
        max_choices=asked.max_choices or 0,
    )
    declared = declaration(name, "single" if asked.max_choices == 1 else "multiple", "point", [], mapping)
    return Written(element, declared, by_mapping(name, "map-response-point"))
