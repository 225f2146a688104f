"""All invariants over one history and one database."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from loadtest.checker import (
    acceptance,
    admission,
    chains,
    durability,
    endings,
    isolation,
    many,
    noticing,
    numbering,
    ownership,
    punctuality,
    recovery,
    regrading,
    time_left,
    views,
)
from loadtest.checker.database import Database
from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Event
from loadtest.checker.violations import Violation

INVARIANTS: Final[tuple[Callable[[Evidence], Iterator[Violation]], ...]] = (
    durability.check,
    acceptance.check,
    endings.check,
    numbering.check,
    ownership.check,
    punctuality.check,
    views.check,
    isolation.check,
    chains.check,
    recovery.check,
    admission.check,
    time_left.check,
    many.check,
    regrading.check,
    noticing.check,
)
"""I1 to I9 and I11 to I16; I10 compares two runs (`clocks.same_decisions`)."""


def check(history: Sequence[Event], database: Database) -> list[Violation]:
    """Every violation, in the order of the invariants."""
    evidence = Evidence(history, database)
    return sorted({violation for invariant in INVARIANTS for violation in invariant(evidence)})
