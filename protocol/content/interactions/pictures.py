"""A picture, and where something is on it. Coordinates are whole numbers in the picture's own units, from its upper
left corner: `width` and `height` say how many it has, however large it is shown."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.interactions.base import Marked
from protocol.messages.base import NO_NUL, Id

Side = Annotated[int, Meta(ge=1, le=limits.MAX_PICTURE_SIDE)]
Coordinate = Annotated[int, Meta(ge=-limits.MAX_PICTURE_SIDE, le=limits.MAX_PICTURE_SIDE)]
Said = Annotated[str, Meta(max_length=1_000, pattern=NO_NUL)]
"""Plain text for those who do not see the picture."""


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stored file, named by `media:` and its hash; `alt` says what is seen."""

    src: Annotated[str, Meta(pattern=r"^media:[0-9a-f]{64}$")]
    width: Side
    height: Side
    alt: Said = ""


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a picture, with its border. `coords` of a "rect" are left, top, right and bottom; of a "circle" its
    centre and its radius; of an "ellipse" its centre and both radii; of a "poly" the corners one after the other."""

    shape: Literal["rect", "circle", "ellipse", "poly"]
    coords: Annotated[list[Coordinate], Meta(min_length=3, max_length=400)]


class Spot(Area, frozen=True, kw_only=True):
    """An area with a name. The `label` is read out, and need not give away what is there."""

    spot_id: Id
    label: Said = ""


LeastChoices = Annotated[int, Meta(ge=0, le=limits.MAX_ANSWER_OPTIONS)]
MostChoices = Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_OPTIONS)] | None
"""Nil: any number."""


class OnPicture(Marked, frozen=True, kw_only=True):
    """What interactions have that stand on a picture."""

    picture: Picture


class WithSpots(OnPicture, frozen=True, kw_only=True):
    """What interactions have that show spots on a picture."""

    spots: Annotated[list[Spot], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]
