"""Courses as they are kept."""

import zlib
from hashlib import sha256
from typing import Final

import msgspec

from protocol.analytics.course import AtQuestion, Course
from protocol.limits import IDLE_AFTER_MS

_FOLD: Final = 1
"""Raise this when the fold changes the meaning of what it keeps: courses that were kept before are made anew."""
_LEVEL: Final = 1

SHAPE: Final = sha256(
    repr((_FOLD, IDLE_AFTER_MS, Course.__struct_fields__, AtQuestion.__struct_fields__)).encode()
).digest()[:8]
"""Stands for the fold and its types: a course of another shape is not read."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Course).decode


def pack(course: Course) -> bytes:
    """A course of 180 questions takes some three kilobytes."""
    return zlib.compress(_encode(course), _LEVEL)


def unpack(packed: bytes) -> Course:
    """The course that was packed in this shape."""
    return _decode(zlib.decompress(packed))
