"""Pictures from the candidate's camera: what a test asks for, and what she has agreed to."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One picture every `every_ms` while the test is sat, deleted after `keep_days`. `asks` "required": nobody begins
    without having agreed; "offered": who does not agree begins all the same."""

    asks: Literal["offered", "required"]
    every_ms: Annotated[int, Meta(ge=limits.CAMERA_EVERY_LEAST_MS, le=limits.CAMERA_EVERY_MOST_MS)]
    keep_days: Annotated[int, Meta(ge=1, le=limits.MAX_CAMERA_DAYS)]


class CameraSaid(msgspec.Struct, frozen=True, gc=False):
    """What the candidate has said last: that she agrees to so many pictures, kept for so long, or that she does not."""

    agreed: bool
    every_ms: int
    keep_days: int
    at_ms: int


def kept_days(camera: Camera, most: int | None) -> int:
    """For how many days a picture is kept where the operator allows `most`; None: any number."""
    return camera.keep_days if most is None else min(camera.keep_days, most)


def stands(said: CameraSaid | None, camera: Camera | None) -> bool:
    """Whether pictures may be taken: she has agreed to what the test asks for now."""
    return camera is not None and said is not None and said.agreed and fits(camera, said.every_ms, said.keep_days)


def fits(camera: Camera | None, every_ms: int, keep_days: int) -> bool:
    """Whether this is what the test asks for."""
    return camera is not None and (camera.every_ms, camera.keep_days) == (every_ms, keep_days)


def lacks(said: CameraSaid | None, camera: Camera | None) -> bool:
    """Whether the test can't begin before she has agreed."""
    return camera is not None and camera.asks == "required" and not stands(said, camera)
