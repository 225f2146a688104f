"""Folds logs in a process of its own, for `server.analysis.analyst`: python -m server.analysis.folding

It reads from its standard input a line of JSON, the order, and then for each attempt its id and its log, as
`cohort.frame` makes of them. At the end of the input it writes the packed courses. Logs that say something that this
version does not know are left out.
"""

import os
import sys
from typing import BinaryIO, Final

import msgspec

from protocol.analytics.packing import pack
from server.analysis.cohort import Newer, follow, frames

_NICE: Final = 15
"""Those who sit go first, and whoever waits for a report."""


class Order(msgspec.Struct, frozen=True):
    """The questions whose answers are typed, by version of the test."""

    typed: dict[int, list[str]]


class Folded(msgspec.Struct, frozen=True):
    """One attempt with its packed course."""

    attempt_id: str
    course: bytes


def fold_all(source: BinaryIO) -> list[Folded]:
    """The courses of what `source` has."""
    order = msgspec.json.decode(source.readline(), type=Order)
    typed = {version: frozenset(names) for version, names in order.typed.items()}
    found: list[Folded] = []
    for attempt_id, lines in frames(source):
        try:
            found.append(Folded(attempt_id, pack(follow(lines, typed, 0))))
        except Newer:
            continue
    return found


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(msgspec.msgpack.encode(fold_all(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
