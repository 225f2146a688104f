"""One figure of a benchmark, beside what it should be."""

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`ratio`: to a bare server in the same run, where the value is compared with one. `met`: whether the value is as
    good as its goal."""

    name: str
    value: float
    unit: str
    ratio: float | None
    goal: float
    met: bool

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, goal: float) -> "Figure":
        """One that needs no other server beside it."""
        return cls(name, value, unit, None, goal, value <= goal)
