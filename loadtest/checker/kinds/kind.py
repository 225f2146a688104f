"""What there is to say about one kind of record: the columns of the tables beside this module."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from loadtest.checker.database import Record
from loadtest.checker.state import State

Changes: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[State, Record, dict[str, Any]], Changes]

OPEN: Final = frozenset({"initiated", "in_progress", "paused"})
SITTING: Final = frozenset({"in_progress", "paused"})
UNMARKED: Final = frozenset({"submitted", "expired"})
SAT: Final = UNMARKED | {"completed"}


class Kind(NamedTuple):
    """`asked` is the tag of the message that asks for it. It may follow the statuses `origins`; None: the checker does
    not look at that here. `step` says what it changes in the state. `told`: the rest of the platform hears of it.
    `act`: staff do it to an attempt, and see that of each other; `gives` is its field with the milliseconds that it
    gives."""

    asked: str | None
    origins: frozenset[str] | None
    step: Step
    told: bool
    act: bool = False
    gives: str | None = None


def nothing(state: State, record: Record, fact: dict[str, Any]) -> Changes:
    """Nothing that anybody is shown."""
    return {}


def shows(state: State, **said: object) -> Changes:
    """Candidates and staff are shown this from now on, by its name there."""
    return {"shown": {**state.shown, **said}}
