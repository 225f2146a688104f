"""Choosing, pointing, ordering and pairing on a picture."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Weight
from protocol.content.interactions.pairs import MaxPairs, PairOption, PairOptions, Pairs, Sides
from protocol.content.interactions.pictures import (
    Area,
    LeastChoices,
    MostChoices,
    OnPicture,
    Picture,
    Spot,
    WithSpots,
)
from protocol.content.text import escaped
from protocol.messages.base import Id


class Hotspot(WithSpots, frozen=True, tag="hotspot", kw_only=True):
    """Spots of a picture are chosen: one, and any of those in `correct` is right; or with another `max_choices`
    several, and only the set `correct` is right. `min_choices` is shown and refuses nothing. `partial`, `weights_mpt`
    and `wrong_mpt` are as in a multiple choice."""

    correct: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    min_choices: LeastChoices = 0
    max_choices: MostChoices = 1
    partial: bool = False
    weights_mpt: Annotated[dict[Id, Weight], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(
        default_factory=dict
    )


class WorthArea(Area, frozen=True, kw_only=True):
    """An area that is right. `worth_mpt` is what a point in it gives, or, below zero, takes away."""

    worth_mpt: Weight | None = None


class Point(OnPicture, frozen=True, tag="point", kw_only=True):
    """Points are set on a picture. Each area counts once, however many points are in it; a point that is in several
    counts in the first. Where no area says what it is worth, each that is found gives an equal share: of `max_choices`
    areas, if there are more. A point in no area is worth `elsewhere_mpt`, and takes `wrong_mpt` away. `min_choices` is
    shown and refuses nothing."""

    areas: Annotated[list[WorthArea], Meta(max_length=200)] = msgspec.field(default_factory=list)
    min_choices: LeastChoices = 0
    max_choices: MostChoices = 1
    elsewhere_mpt: Weight = 0


class GraphicOrder(WithSpots, frozen=True, tag="graphic_order", kw_only=True):
    """Spots of a picture are put in order; an answer may have some of them only. `correct` has the right order of all.
    `partial` is as in an `Order`."""

    correct: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    partial: Literal["none", "places", "pairs"] = "none"


class PairSpot(Spot, frozen=True, kw_only=True):
    """A spot of which pairs are made. It stands in `max_uses` pairs at most; nil: in any number."""

    max_uses: MaxPairs = None


PairSpots = Annotated[list[PairSpot], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]


class GraphicGapMatch(Pairs, frozen=True, tag="graphic_gap_match", kw_only=True):
    """Choices, which may be small pictures, are put on spots of a picture: a pair is a choice and a spot. `partial` is
    as in a `GapMatch`."""

    picture: Picture
    spots: PairSpots
    choices: PairOptions
    partial: Literal["none", "gaps", "pairs"] = "none"
    shuffle: bool = False

    @property
    def sides(self) -> Sides:
        """Choices and spots."""
        return Sides(self.choices, as_options(self.spots))


class GraphicAssociate(Pairs, frozen=True, tag="graphic_associate", kw_only=True):
    """Spots of a picture are joined by lines, in no direction. `partial` is as in an `Associate`."""

    picture: Picture
    spots: PairSpots
    partial: Literal["none", "pairs"] = "none"

    @property
    def sides(self) -> Sides:
        """The spots, on both sides."""
        spots = as_options(self.spots)
        return Sides(spots, spots, is_one=True)


def as_options(spots: list[PairSpot]) -> list[PairOption]:
    """Spots as what is paired; one without a label is called by its id."""
    return [PairOption(spot.spot_id, escaped(spot.label or spot.spot_id), spot.max_uses) for spot in spots]
