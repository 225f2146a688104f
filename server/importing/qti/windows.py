"""Between which numbers an answer is right, found from what single numbers are worth."""

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

from protocol.content import AcceptedNumber
from protocol.marking.near import round_to_figures
from server.importing.faults import ImportFault
from server.importing.qti.asked import Hints, mpt
from server.importing.qti.comparing import round_to_places

_MAX_CONSTANTS: Final = 24
_DIGITS: Final = 40
_NEAR: Final = Fraction(1, 10**9)
"""How close to a bound that does not belong to a window the window ends: nobody answers between."""


def stretches(constants: Iterable[Fraction], hints: Hints, *, is_whole: bool) -> list[list[Fraction]]:
    """Numbers by which a judgement is found out: those at which it could change, by these constants and what the hints
    say of tolerances, each alone, and some of each stretch between them. All of a stretch must be worth the same. The
    first and the last stretch lie outside of all."""
    known = list(dict.fromkeys(constants))
    if len(known) > _MAX_CONSTANTS:
        raise ImportFault(f"Its response processing has more than {_MAX_CONSTANTS} numbers.")
    exact = set(known)
    for constant in known:
        for tolerance in list(dict.fromkeys(hints.tolerances))[:_MAX_CONSTANTS]:
            exact |= {constant - tolerance, constant + tolerance}
            exact |= {constant * (1 - tolerance / 100), constant * (1 + tolerance / 100)}
            exact |= {constant / (1 + share / 100) for share in (tolerance, -tolerance) if share != -100}
        for mode, figures in list(dict.fromkeys(hints.roundings))[:_MAX_CONSTANTS]:
            exact |= set(_rounded_window(constant, mode, figures))
    near = Fraction(1) if is_whole else _near(sorted(exact))
    # An edge that can't be written lies between two numbers that can.
    edges = sorted({number for edge in exact for number in _written_beside(edge, near, is_whole=is_whole)})
    far = Fraction(10 * (int(max((abs(edge) for edge in edges), default=Fraction(1))) + 7))
    found = [[edge] for edge in edges]
    for low, high in pairwise([-far, *edges, far]):
        inside = [low + near, high - near, Fraction(written((low + high) / 2)), Fraction(written((2 * low + high) / 3))]
        if is_whole:
            inside = [Fraction(int(number)) for number in inside]
        found.append([number for number in inside if low < number < high])
    return [stretch for stretch in found if stretch]


def _written_beside(edge: Fraction, near: Fraction, *, is_whole: bool) -> list[Fraction]:
    if not is_whole and _is_written(edge):
        return [edge]
    steps = edge // near
    return [edge] if steps * near == edge else [steps * near, (steps + 1) * near]


def _near(edges: list[Fraction]) -> Fraction:
    """A step that is small beside all edges and all that lies between them."""
    sizes = [abs(edge) for edge in edges if edge] + [high - low for low, high in pairwise(edges)]
    near = _NEAR
    while any(size <= near * 1_000 for size in sizes):
        near /= 10
    return near


def _rounded_window(number: Fraction, mode: str, figures: int) -> tuple[Fraction, Fraction]:
    """Between what numbers are rounded as this one is."""
    if mode == "decimalPlaces":
        unit, middle = Fraction(1, 10**figures), round_to_places(number, figures)
    else:
        middle = round_to_figures(number, max(1, figures))
        unit = Fraction(10) ** (len(str(abs(int(middle)))) - figures) if abs(middle) >= 1 else _unit(middle, figures)
    return middle - unit / 2, middle + unit / 2


def _unit(number: Fraction, figures: int) -> Fraction:
    power = 0
    while number and abs(number) * Fraction(10) ** power < 1:
        power += 1
    return Fraction(1, 10 ** (power + figures - 1))


def _is_written(number: Fraction) -> bool:
    return Fraction(written(number)) == number


def written(number: Fraction) -> str:
    """The number as a candidate would write it, with a point."""
    context = Context(prec=_DIGITS)
    found = context.divide(Decimal(number.numerator), Decimal(number.denominator))
    return f"{found:f}".rstrip("0").rstrip(".") if "." in f"{found:f}" else f"{found:f}"


def accepted_numbers(worths: list[tuple[Fraction, Fraction]], best: Fraction, rest: Fraction) -> list[AcceptedNumber]:
    """The windows that are worth more than the `rest`, for numbers in their order with what each is worth. Raises
    `ImportFault` where they have no end."""
    if rest > 0 or worths[0][1] != worths[-1][1]:
        raise ImportFault("It accepts numbers without a bound.")
    found: list[AcceptedNumber] = []
    for level in sorted({worth for _, worth in worths if worth > rest}, reverse=True):
        start: Fraction | None = None
        last = worths[0][0]
        for number, worth in [*worths, (worths[-1][0], rest)]:
            if worth >= level and start is None:
                start = number
            elif worth < level and start is not None:
                found.append(_window(start, last, mpt(level) if level != best else None))
                start = None
            last = number
    if len(found) > 100:
        raise ImportFault("It accepts too many numbers.")
    return found


def _window(low: Fraction, high: Fraction, points_mpt: int | None) -> AcceptedNumber:
    middle, tolerance = (low + high) / 2, (high - low) / 2
    return AcceptedNumber(value=written(middle), tolerance=written(tolerance), points_mpt=points_mpt)
