"""How many come, how fast, and how long they are waited for."""

from dataclasses import dataclass
from typing import Final

_END_S: Final = 40.0
_ANSWERS: Final = 3
"""Pauses at the end of an attempt: before two more answers and before handing in."""
_RETURNS_PER_S: Final = 50
"""The smallest crowd: fewer clients would test nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """`pace_s` is about how long a candidate thinks about an answer; `arriving_s` in which time all of them come."""

    clients: int
    pace_s: float
    arriving_s: float

    @property
    def collect_s(self) -> float:
        """When staff collect the remaining papers, counted from the end of the fault."""
        return 8.0 + _ANSWERS * self.pace_s

    @property
    def patience_s(self) -> float:
        """The time within which everybody must be back, and every attempt must have ended."""
        return _END_S + self.collect_s + self.clients / _RETURNS_PER_S


def ordinary(clients: int) -> Attendance:
    """A room at work."""
    return Attendance(clients=clients, pace_s=0.7, arriving_s=max(1.0, clients / 60))


def crowd(clients: int) -> Attendance:
    """A crowd that tests reconnecting and not answering, so that together they answer little more often. They arrive as
    fast as they can connect."""
    return Attendance(clients=clients, pace_s=max(1.5, clients / 200), arriving_s=clients / 80)
