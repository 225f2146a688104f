"""What pictures and what is on them must be besides what their types say."""

from collections.abc import Sequence

from protocol.content import Area, GraphicOrder, Hotspot, Picture, Point, Spot
from protocol.content.checked_ids import check_ids
from protocol.marking.areas import check_area
from protocol.marking.checks import check_areas, check_weights
from protocol.mistakes import mistake


def check_on_picture(where: str, asked: Hotspot | Point | GraphicOrder) -> None:
    """Raises `Refused(invalid_test)`."""
    if isinstance(asked, Point):
        for number, area in enumerate(asked.areas, 1):
            _check_area(f"{where}, area {number}", asked.picture, area)
    else:
        check_spots(where, asked.picture, asked.spots)
    try:
        match asked:
            case Hotspot():
                _check_correct(asked)
                check_weights(asked)
            case Point():
                check_areas(asked)
            case GraphicOrder():
                if asked.correct and sorted(asked.correct) != sorted(spot.spot_id for spot in asked.spots):
                    raise ValueError("`correct` must name every spot once, in the right order")
    except ValueError as error:
        raise mistake(where, str(error)) from None
    if not isinstance(asked, GraphicOrder) and asked.min_choices > (asked.max_choices or asked.min_choices):
        raise mistake(where, "`max_choices` is less than `min_choices`")


def check_spots(where: str, picture: Picture, spots: Sequence[Spot]) -> None:
    """Raises `Refused(invalid_test)`."""
    check_ids(where, "spots", [spot.spot_id for spot in spots])
    for spot in spots:
        _check_area(f"{where}, spot {spot.spot_id!r}", picture, spot)


def _check_area(where: str, picture: Picture, area: Area) -> None:
    try:
        check_area(area, picture.width, picture.height)
    except ValueError as error:
        raise mistake(where, f"its `{area.shape}` {error}") from None


def _check_correct(asked: Hotspot) -> None:
    known = {spot.spot_id for spot in asked.spots}
    if len(set(asked.correct)) != len(asked.correct) or not known.issuperset(asked.correct):
        raise ValueError("`correct` must name spots of the picture, each once")
    if asked.max_choices is not None and 1 < asked.max_choices < len(asked.correct):
        raise ValueError(f"`correct` names more spots than the {asked.max_choices} that can be chosen")
