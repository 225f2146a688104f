"""What a benchmark is asked to do, and what one round of it finds."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from loadtest.bench.figure import Figure

DATABASES: Final = ("sqlite", "postgresql")

Say = Callable[[str], None]
"""Tells the user how far it has come."""


class Plan(msgspec.Struct, frozen=True):
    """`rate`: answers a second of all candidates together; nil: each candidate answers as soon as her last answer is
    acknowledged. `seconds`: of a measurement. `trace`: the folder of a recorded exam day, `speed`: at which that is sat
    first."""

    candidates: int
    databases: Sequence[str]
    rate: float | None = None
    seconds: float = 10.0
    trace: Path | None = None
    speed: float | None = None


class Round(msgspec.Struct, frozen=True):
    """`generator_utilisation`: the largest share of a core that the load generator has used in this round; nil: the
    benchmark has none that could hold the server up."""

    figures: Sequence[Figure]
    generator_utilisation: float | None = None


def together(parts: Sequence[Round]) -> Round:
    """One round of these parts."""
    busy = [part.generator_utilisation for part in parts if part.generator_utilisation is not None]
    return Round([figure for part in parts for figure in part.figures], max(busy, default=None))


Run = Callable[[Plan, Say], Coroutine[Any, Any, Round]]
"""Runs one round. Raises `StageError` where it can't, and `Lost` where the server has lost an answer."""


class Bench(msgspec.Struct, frozen=True):
    """`candidates`, `rounds` and `databases`: unless it is told otherwise. `paced`: it can be run at a rate."""

    run: Run
    candidates: int
    rounds: int
    paced: bool = False
    databases: Sequence[str] = DATABASES


class Lost(Exception):
    """An answer was lost, refused or late: what is measured of such a server means nothing."""
