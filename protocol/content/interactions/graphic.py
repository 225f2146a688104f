"""Choosing and pointing on a picture."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Weight
from protocol.content.interactions.pictures import Area, LeastChoices, MostChoices, OnPicture, WithSpots
from protocol.messages.base import Id


class Hotspot(WithSpots, frozen=True, tag="hotspot", kw_only=True):
    """Spots of a picture are chosen: one, and any of those in `correct` is right; or with another `max_choices`
    several, and only the set `correct` is right. `min_choices` is shown and refuses nothing. `partial`, `weights_mpt`
    and `wrong_mpt` are as in a multiple choice."""

    correct: Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]
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

    areas: Annotated[list[WorthArea], Meta(min_length=1, max_length=200)]
    min_choices: LeastChoices = 0
    max_choices: MostChoices = 1
    elsewhere_mpt: Weight = 0
