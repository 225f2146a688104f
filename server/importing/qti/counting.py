"""Operators that give a number. One that is given nothing gives nothing."""

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Final

from server.importing.faults import ImportFault
from server.importing.qti.comparing import round_to_places
from server.importing.qti.values import Value, bounded, singles

_MAX_POWER: Final = 64


def _numbers(given: list[Value]) -> list[Fraction] | None:
    found: list[Fraction] = []
    for value in given:
        members = singles(value)
        if not members:
            return None
        for member in members:
            if not isinstance(member, Fraction):
                raise ImportFault("Its response processing counts with what is no number.")
            found.append(member)
    return found


def _of(work: Callable[[list[Fraction]], Fraction | None], count: int | None = None) -> Callable[[list[Value]], Value]:
    def operate(given: list[Value]) -> Value:
        numbers = _numbers(given)
        if numbers is None:
            return None
        if not numbers or (count is not None and len(numbers) != count):
            raise ImportFault("An operator of its response processing has too few or too many numbers.")
        found = work(numbers)
        return None if found is None else bounded(found)

    return operate


def _power(numbers: list[Fraction]) -> Fraction | None:
    base, power = numbers
    if power.denominator != 1 or abs(power) > _MAX_POWER:
        raise ImportFault("A power in its response processing can't be worked out exactly.")
    if base == 0 and power < 0:
        return None
    raised = Fraction(1)
    for _ in range(abs(int(power))):
        raised = bounded(raised * base)
    return raised if power >= 0 else 1 / raised


def _divided(numbers: list[Fraction]) -> Fraction | None:
    return numbers[0] / numbers[1] if numbers[1] else None


def _truncated(numbers: list[Fraction]) -> Fraction:
    return Fraction(int(numbers[0]))


def _rounded(numbers: list[Fraction]) -> Fraction:
    return round_to_places(numbers[0], 0)


OPERATORS: Final[dict[str, Callable[[list[Value]], Value]]] = {
    "sum": _of(lambda numbers: reduce(lambda one, other: bounded(one + other), numbers, Fraction(0))),
    "product": _of(lambda numbers: reduce(lambda one, other: bounded(one * other), numbers, Fraction(1))),
    "subtract": _of(lambda numbers: numbers[0] - numbers[1], 2),
    "divide": _of(_divided, 2),
    "power": _of(_power, 2),
    "integerDivide": _of(lambda numbers: Fraction(numbers[0] // numbers[1]) if numbers[1] else None, 2),
    "integerModulus": _of(lambda numbers: numbers[0] % numbers[1] if numbers[1] else None, 2),
    "truncate": _of(_truncated, 1),
    "round": _of(_rounded, 1),
    "min": _of(min),
    "max": _of(max),
    "integerToFloat": _of(lambda numbers: numbers[0], 1),
}
