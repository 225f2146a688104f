"""A fault: its name, the arrangements before the nodes start, the action, and the healing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from loadtest.drill.day import Day
from loadtest.drill.stage import Stage


def _nothing(stage: Stage, chance: Random) -> None:
    """Most faults need no arrangement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`inflict` returns when the fault has been healed. `prepare` raises `Impossible` where the fault is not possible
    on this machine. `embedded`: on one node with SQLite. `crowd`: with as many clients as the machine carries."""

    name: str
    inflict: Callable[[Day], Awaitable[None]]
    prepare: Callable[[Stage, Random], None] = _nothing
    embedded: bool = False
    crowd: bool = False
