"""One figure of a benchmark, beside what it should be."""

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`met`: whether the value is as good as its goal."""

    name: str
    value: float
    unit: str
    goal: float
    met: bool

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, goal: float) -> "Figure":
        return cls(name, value, unit, goal, value <= goal)
