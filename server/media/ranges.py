"""Which bytes of a file a `Range` header asks for (RFC 9110, 14)."""

import re
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Part(NamedTuple):
    """From `start` on, `size` bytes."""

    start: int
    size: int


class Unsatisfiable(Exception):
    """None of the bytes that are asked for exist: the file has `size`."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def part_of(header: str | None, size: int) -> Part | None:
    """None: all of it, as for a header that is not understood, or that asks for several parts."""
    found = _RANGE.fullmatch(header.strip()) if header is not None else None
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise Unsatisfiable(size)
    return Part(start, end - start)
