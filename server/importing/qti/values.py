"""Values of QTI's variables. Null is None; numbers are fractions, so that nothing is rounded."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, NamedTuple

from server.importing.faults import ImportFault

_MOST_MAGNITUDE: Final = 100
_MAX_BITS: Final = 4_096
"""Of a number that is counted with: a square of a square of a square… soon fills any memory."""
MAX_MEMBERS: Final = 1_000
"""Of a container: one that is joined with itself again and again doubles each time."""


class Pair(NamedTuple):
    """Two identifiers. Where no direction is meant they are in the order of the alphabet."""

    first: str
    second: str


class Point(NamedTuple):
    """A place on a picture, in pixels from its left upper corner."""

    x: Fraction
    y: Fraction


Single = bool | Fraction | str | Pair | Point


class Container(NamedTuple):
    """Several values, in an order or as a set that may have one twice. There is no empty one: that is null."""

    items: tuple[Single, ...]
    is_ordered: bool = False


Value = Single | Container | None


def contained(items: list[Single], *, is_ordered: bool = False) -> Value:
    """A container of these; null where there are none. Raises `ImportFault` where they are too many."""
    if len(items) > MAX_MEMBERS:
        raise ImportFault(f"An answer or a variable has more than {MAX_MEMBERS} values.")
    return Container(tuple(items), is_ordered) if items else None


def singles(value: Value) -> list[Single]:
    """The members of a value, whatever its cardinality."""
    if value is None:
        return []
    return list(value.items) if isinstance(value, Container) else [value]


def number(written: str) -> Fraction:
    """A number as QTI writes it."""
    try:
        found = Decimal(written.strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > _MOST_MAGNITUDE:
        raise ImportFault(f"{written[:40]!r} is no number.")
    return Fraction(found)


def bounded(number: Fraction) -> Fraction:
    """The number itself. Raises `ImportFault` where it has too many digits to be counted with."""
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > _MAX_BITS:
        raise ImportFault("A number in its response processing has too many digits.")
    return number


def read_single(base: str, written: str) -> Single:
    """A value of a base type. Raises `ImportFault`."""
    match base:
        case "identifier" | "uri":
            return " ".join(written.split())
        case "string":
            return written.strip()
        case "boolean":
            return written.strip().lower() in ("true", "1")
        case "integer" | "float":
            return number(written)
        case "directedPair" | "pair":
            return as_pair(written.split(), is_directed=base == "directedPair")
        case "point":
            return as_point(written.replace(",", " ").split())
        case _:
            raise ImportFault(f"A value of the type {base[:40]!r} can't be marked.")


def as_pair(names: list[str], *, is_directed: bool) -> Pair:
    """Two identifiers as a pair."""
    if len(names) != 2:
        raise ImportFault(f"{' '.join(names)[:80]!r} is no pair.")
    return Pair(*names) if is_directed else Pair(*sorted(names))


def as_point(numbers: list[str]) -> Point:
    """Two numbers as a point."""
    if len(numbers) != 2:
        raise ImportFault(f"{' '.join(numbers)[:80]!r} is no point.")
    return Point(number(numbers[0]), number(numbers[1]))


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal. Sets don't mind the order."""
    if isinstance(one, Container) and isinstance(other, Container):
        if one.is_ordered or other.is_ordered:
            return one.items == other.items
        return sorted(map(repr, one.items)) == sorted(map(repr, other.items))
    # A truth value is no number, though Python compares them.
    return type(one) is type(other) and one == other
