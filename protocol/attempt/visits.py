"""The newest visited questions, eight bytes each: as objects they took most of what an attempt takes of memory."""

from struct import Struct
from typing import Final

from protocol import limits

_VISIT: Final = Struct(">HHI")
"""The question's index (below 2^16), and the instant's upper 16 and lower 32 bits: 48 bits of milliseconds last until
the year 10889."""


def with_visit(visits: bytes, question_index: int, at_ms: int) -> bytes:
    """The newest `MAX_HISTORY` of them, with one more."""
    packed = _VISIT.pack(question_index, at_ms >> 32, at_ms & 0xFFFF_FFFF)
    return visits[-_VISIT.size * (limits.MAX_HISTORY - 1) :] + packed


def read_visits(visits: bytes) -> list[tuple[int, int]]:
    """(question index, instant), in order."""
    return [(index, upper << 32 | lower) for index, upper, lower in _VISIT.iter_unpack(visits)]
