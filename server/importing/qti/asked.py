"""What an interaction of QTI is for an importer: answers that can be tried, and a key that is found by trying them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any, ClassVar, Final, NamedTuple

from msgspec import NODEFAULT
from msgspec.structs import fields, replace

from protocol.content import Interaction
from protocol.marking.interaction import mark_interaction
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.declarations import Declaration
from server.importing.qti.values import Value, contained, read_single

Worth = Callable[[PartValue], Fraction]
"""What an answer to one interaction is worth, in points, as the item's response processing says."""

MAX_TRIED: Final = 600
"""Answers to one interaction that are tried. Sets of nine options are tried all."""
_KEY: Final = frozenset(
    (
        "points_mpt",
        "correct",
        "accepted",
        "areas",
        "weights_mpt",
        "weights",
        "default_mpt",
        "elsewhere_mpt",
        "wrong_mpt",
        "min_mpt",
        "partial",
    )
)
"""The fields of interactions that say what is right, and what it is worth."""
_MPT: Final = 1_000
_MOST: Final = 1_000_000_000


class Hints(NamedTuple):
    """Constants of an item's response processing: near them its judgement changes. `roundings` say to what is rounded,
    "significantFigures" or "decimalPlaces", and to how many."""

    texts: list[str]
    numbers: list[Fraction]
    tolerances: list[Fraction]
    roundings: list[tuple[str, int]]


class Asked(ABC):
    """One interaction. `worth` is asked for each of `tried`, and a key is made that says the same."""

    needs_person: ClassVar[bool] = False

    def __init__(self, response_id: str, declared: Declaration) -> None:
        self.response_id = response_id
        self.declared = declared

    @property
    def tries_all(self) -> bool:
        """Whether no other answer is possible than those that are tried."""
        return False

    @abstractmethod
    def tried(self) -> list[PartValue]:
        """Answers by which another key than the right one would be found out."""

    @abstractmethod
    def right(self) -> list[PartValue]:
        """Answers that the item declares to be right."""

    @abstractmethod
    def value(self, part: PartValue) -> Value:
        """An answer of ours as QTI's."""

    def values(self, part: PartValue) -> dict[str, Value]:
        """The same by the variables that it sets."""
        return {self.declared.name: self.value(part)}

    @abstractmethod
    def keyed(self, worth: Worth) -> Interaction:
        """The interaction with its key. Raises `ImportFault` where no key says the same as `worth`."""

    def unkeyed(self) -> Interaction:
        """The interaction without a key. Raises `ImportFault`."""
        first = next((self.values(part) for part in self.tried()), None)
        made = self.keyed(lambda part: Fraction(self.values(part) == first))
        usual: dict[str, Any] = {}
        for field in fields(made):
            if field.name in _KEY:
                usual[field.name] = field.default if field.default_factory is NODEFAULT else field.default_factory()
        return replace(made, **usual)

    def read(self, names: list[str]) -> Value:
        """Identifiers as the declared variable has them."""
        if self.declared.cardinality == "single":
            return read_single(self.declared.base, names[0]) if names else None
        found = [read_single(self.declared.base, name) for name in names]
        return contained(found, is_ordered=self.declared.cardinality == "ordered")


def mpt(points: Fraction) -> int:
    """Thousandths of a point, rounded."""
    found = round(points * _MPT)
    if abs(found) > _MOST:
        raise ImportFault("Its answers are worth more points than a question can have.")
    return found


def says_the_same(made: Interaction, worths: list[tuple[PartValue, Fraction]]) -> bool:
    """Whether our marking of the interaction gives these points. Each of several chosen options may be rounded."""
    return all(is_near(mark_interaction(made, part), worth, part) for part, worth in worths)


def by_chance(count: int) -> Random:
    """Chance that is the same each time."""
    return Random(count)  # noqa: S311 (no secret: which answers are tried)


def is_near(mark: int | None, worth: Fraction, value: object) -> bool:
    """Whether a mark is the worth, but for a thousandth of a point for each part of an answer: thirds are rounded."""
    pieces = len(value) if isinstance(value, list) else 1
    return mark is not None and abs(mark - worth * _MPT) < max(1, pieces)


def best_of(worths: list[tuple[PartValue, Fraction]]) -> Fraction:
    """What the best answer is worth. Raises `ImportFault` where none is worth anything."""
    best = max((worth for _, worth in worths), default=Fraction(0))
    if best <= 0:
        raise ImportFault("No answer is right.")
    return best
