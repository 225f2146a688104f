"""How many come, how fast, and how long they are waited for."""

from dataclasses import dataclass
from typing import Final

_END_S: Final = 40.0
_ANSWERS: Final = 3
"""That somebody thinks about at the end: two more answers, and handing in."""
_RETURNS_PER_S: Final = 50
"""At the least; fewer is no coming back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """`pace_s` is about how long a candidate thinks about an answer; `arriving_s` in which time all of them come."""

    clients: int
    pace_s: float
    arriving_s: float

    @property
    def collect_s(self) -> float:
        """After which staff collect what was not handed in, counted from the end of the fault."""
        return 8.0 + _ANSWERS * self.pace_s

    @property
    def patience_s(self) -> float:
        """In which everybody must be back, and every attempt must have come to its end."""
        return _END_S + self.collect_s + self.clients / _RETURNS_PER_S


def ordinary(clients: int) -> Attendance:
    """A room at work."""
    return Attendance(clients=clients, pace_s=0.7, arriving_s=max(1.0, clients / 60))


def crowd(clients: int) -> Attendance:
    """So many that the coming back is tried and not the answering: together they answer not much more often. They come
    as fast as they can be seated."""
    return Attendance(clients=clients, pace_s=max(1.5, clients / 200), arriving_s=clients / 80)
