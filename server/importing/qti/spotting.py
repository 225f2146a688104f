"""Reads interactions on a picture, and words of a text that are chosen."""

from collections.abc import Sequence

from protocol.content import (
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    PairSpot,
    Picture,
    Spot,
)
from protocol.content.interactions import Sides
from protocol.content.interactions.graphic import as_options
from server.importing.faults import ImportFault
from server.importing.qti.areas import as_area, shape_of
from server.importing.qti.asked import Asked
from server.importing.qti.bodies import medium_of
from server.importing.qti.choosing import AskedSome, SetKey
from server.importing.qti.joining import max_uses, read_sides
from server.importing.qti.names import children, text_of
from server.importing.qti.options import own_ids
from server.importing.qti.ordering import AskedOrder, Partial
from server.importing.qti.pairing import AskedPairs, PairKey
from server.importing.qti.pointing import AskedPoints
from server.importing.qti.reading import Reading
from server.importing.xml import Element


def read_hottext(reading: Reading) -> Asked:
    """Words of a text."""
    theirs = [hot.get("identifier", "") for hot in reading.element.iter("hottext")]
    own = own_ids(theirs)
    ours = dict(zip(theirs, own, strict=True))

    def placed(element: Element) -> str | None:
        if element.tag == "prompt":
            return ""
        if element.tag != "hottext":
            return None
        return f'<pd-hot id="{ours[element.get("identifier", "")]}">{reading.texts.html(element).strip()}</pd-hot>'

    text = reading.texts.body(reading.element, placed)
    limit = reading.choices_limit()

    def make(key: SetKey) -> Interaction:
        return Hottext(
            response_id=reading.response_id,
            text=text,
            min_choices=reading.least("minChoices", limit),
            max_choices=limit,
            **key._asdict(),
        )

    return AskedSome(reading.response_id, reading.declared, dict(zip(own, theirs, strict=True)), limit, make)


def read_hotspot(reading: Reading) -> Asked:
    """Spots of a picture."""
    picture, spots, names = _spots(reading, "hotspotChoice")
    limit = reading.choices_limit()

    def make(key: SetKey) -> Interaction:
        return Hotspot(
            response_id=reading.response_id,
            picture=picture,
            spots=spots,
            min_choices=reading.least("minChoices", limit),
            max_choices=limit,
            **key._asdict(),
        )

    return AskedSome(reading.response_id, reading.declared, names, limit, make)


def read_graphic_order(reading: Reading) -> Asked:
    """Spots of a picture in an order."""
    picture, spots, names = _spots(reading, "hotspotChoice")
    for name in ("maxChoices", "minChoices"):
        if 0 < reading.count(name, 0) < len(spots):
            raise ImportFault("Only some of its spots are put in order.")

    def make(points_mpt: int, correct: list[str], partial: Partial) -> Interaction:
        return GraphicOrder(
            response_id=reading.response_id,
            picture=picture,
            spots=spots,
            points_mpt=points_mpt,
            correct=correct,
            partial=partial,
        )

    return AskedOrder(reading.response_id, reading.declared, names, make)


def read_graphic_gap_match(reading: Reading) -> Asked:
    """Choices that are put on spots of a picture."""
    picture = _picture(reading)
    choices, names = read_sides(reading, children(reading.element, "gapText", "gapImg"))
    spots, spot_names = _pair_spots(reading, picture)
    limit = reading.pairs_limit()

    def make(key: PairKey) -> Interaction:
        return GraphicGapMatch(
            response_id=reading.response_id,
            picture=picture,
            spots=spots,
            choices=choices,
            min_pairs=reading.least("minAssociations", limit),
            max_pairs=limit,
            **key._asdict(),
        )

    sides = Sides(choices, as_options(spots))
    return AskedPairs(reading.response_id, reading.declared, sides, (names, spot_names), limit, make)


def read_graphic_associate(reading: Reading) -> Asked:
    """Spots of a picture that are joined."""
    picture = _picture(reading)
    spots, names = _pair_spots(reading, picture)
    limit = reading.limit("maxAssociations")

    def make(key: PairKey) -> Interaction:
        return GraphicAssociate(
            response_id=reading.response_id,
            picture=picture,
            spots=spots,
            min_pairs=reading.least("minAssociations", limit),
            max_pairs=limit,
            **key._asdict(),
        )

    options = as_options(spots)
    sides = Sides(options, options, is_one=True)
    return AskedPairs(reading.response_id, reading.declared, sides, (names, names), limit, make)


def read_points(reading: Reading) -> Asked:
    """Points on a picture."""
    limit = reading.choices_limit()
    least = reading.least("minChoices", limit)
    return AskedPoints(reading.response_id, reading.declared, _picture(reading), limit, least)


def _picture(reading: Reading) -> Picture:
    found = [one for one in children(reading.element, "object", "img") if medium_of(one)[1] == "img"]
    if len(found) != 1:
        raise ImportFault("It has no picture on which anything could be chosen.")
    [element] = found
    address, _ = medium_of(element)
    try:
        name, looked = reading.texts.find(address)
    except ImportFault as fault:
        raise ImportFault(f"Its picture can't be shown: {fault}.") from None
    width, height = reading.side(element, "width", looked.width), reading.side(element, "height", looked.height)
    said = element.get("alt") or text_of(element)
    return Picture(src=name, width=width, height=height, alt=said[:1_000])


def _spots(reading: Reading, name: str) -> tuple[Picture, list[Spot], dict[str, str]]:
    picture = _picture(reading)
    elements = children(reading.element, name)
    own, theirs = _named(elements)
    spots = [
        Spot(spot_id=spot_id, label=_label(element), shape=shape, coords=coords)
        for spot_id, element in zip(own, elements, strict=True)
        for shape, coords in [as_area(shape_of(element), picture)]
    ]
    return picture, spots, dict(zip(own, theirs, strict=True))


def _pair_spots(reading: Reading, picture: Picture) -> tuple[list[PairSpot], dict[str, str]]:
    elements = children(reading.element, "associableHotspot")
    own, theirs = _named(elements)
    spots = [
        PairSpot(spot_id=spot_id, label=_label(element), max_uses=max_uses(element), shape=shape, coords=coords)
        for spot_id, element in zip(own, elements, strict=True)
        for shape, coords in [as_area(shape_of(element), picture)]
    ]
    return spots, dict(zip(own, theirs, strict=True))


def _named(elements: Sequence[Element]) -> tuple[list[str], list[str]]:
    theirs = [element.get("identifier", "") for element in elements]
    return own_ids(theirs), theirs


def _label(element: Element) -> str:
    return element.get("hotspotLabel", "")[:1_000]
