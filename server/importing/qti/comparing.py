"""Operators that give a truth value. One that is given nothing where it needs something gives nothing."""

import re
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from protocol.marking.near import round_to_figures
from server.importing.faults import ImportFault
from server.importing.qti.values import Value, number, same, singles
from server.importing.xml import Element

Operator = Callable[[list[Value]], Value]
_MAX_PATTERN_CHARS: Final = 200
_TOKEN: Final = re.compile(r"\\.|\.\*|[^\\]", re.DOTALL)
_PLAIN_PATTERN: Final = re.compile(r"(?:[^\\.^$*+?()\[\]{}|]|\\[^A-Za-z0-9]|\.\*)*")


def truth(value: Value) -> bool | None:
    """A truth value, or none. Raises `ImportFault` for what is neither."""
    if value is None or isinstance(value, bool):
        return value
    raise ImportFault("Its response processing takes a value for true that is neither true nor false.")


def _and(given: list[Value]) -> Value:
    found = [truth(value) for value in given]
    return False if False in found else None if None in found else True


def _or(given: list[Value]) -> Value:
    found = [truth(value) for value in given]
    return True if True in found else None if None in found else False


def _not(given: list[Value]) -> Value:
    found = truth(_only(given))
    return None if found is None else not found


def _any_n(element: Element) -> Operator:
    least, most = number(element.get("min", "")), number(element.get("max", ""))

    def judge(given: list[Value]) -> Value:
        found = [truth(value) for value in given]
        right, open_ = found.count(True), found.count(None)
        if right > most or right + open_ < least:
            return False
        return True if least <= right and right + open_ <= most else None

    return judge


def _match(given: list[Value]) -> Value:
    one, other = _two(given)
    return None if one is None or other is None else same(one, other)


def _member(given: list[Value]) -> Value:
    one, several = _two(given)
    return None if one is None or several is None else any(same(one, other) for other in singles(several))


def _contains(given: list[Value]) -> Value:
    several, part = _two(given)
    if several is None or part is None:
        return None
    return not Counter(map(repr, singles(part))) - Counter(map(repr, singles(several)))


def _compare(judge: Callable[[Fraction, Fraction], bool]) -> Callable[[Element], Operator]:
    def compare(given: list[Value]) -> Value:
        one, other = _two(given)
        if not isinstance(one, Fraction) or not isinstance(other, Fraction):
            return None
        return judge(one, other)

    return lambda element: compare


def _equal(element: Element) -> Operator:
    mode = element.get("toleranceMode", "exact")
    said = element.get("tolerance", "0").split()
    if len(said) > 2:
        raise ImportFault("`equal` has more than two tolerances.")
    given = [number(part) for part in said] or [Fraction(0)]
    below, above = given[0], given[-1]
    has_lower = element.get("includeLowerBound", "true") != "false"
    has_upper = element.get("includeUpperBound", "true") != "false"
    if mode not in ("exact", "absolute", "relative"):
        raise ImportFault(f"`equal` has the tolerance mode {mode[:40]!r}.")

    def judge(given: list[Value]) -> Value:
        one, other = _two(given)
        if not isinstance(one, Fraction) or not isinstance(other, Fraction):
            return None
        if mode == "exact":
            return one == other
        if mode == "absolute":
            bounds = (one - below, one + above)
        else:
            bounds = (one * (1 - below / 100), one * (1 + above / 100))
        low, high = min(bounds), max(bounds)
        return (low < other or (has_lower and low == other)) and (other < high or (has_upper and other == high))

    return judge


def _rounding(element: Element) -> Callable[[Fraction], Fraction]:
    mode = element.get("roundingMode", "significantFigures")
    figures = number(element.get("figures", ""))
    if mode not in ("significantFigures", "decimalPlaces") or figures.denominator != 1 or not 0 <= figures <= 30:
        raise ImportFault(f"`{element.tag!s}` does not say how it rounds.")

    def rounded(value: Fraction) -> Fraction:
        if mode == "significantFigures":
            return round_to_figures(value, max(1, int(figures)))
        return round_to_places(value, int(figures))

    return rounded


def _round_to(element: Element) -> Operator:
    rounded = _rounding(element)

    def work(given: list[Value]) -> Value:
        [value] = given if len(given) == 1 else [None]
        return rounded(value) if isinstance(value, Fraction) else None

    return work


def _equal_rounded(element: Element) -> Operator:
    rounded = _rounding(element)

    def judge(given: list[Value]) -> Value:
        one, other = _two(given)
        if not isinstance(one, Fraction) or not isinstance(other, Fraction):
            return None
        return rounded(one) == rounded(other)

    return judge


def round_to_places(value: Fraction, places: int) -> Fraction:
    """The number with so many decimal places, halves away from zero."""
    shifted = value * 10**places
    whole = (Decimal(shifted.numerator) / Decimal(shifted.denominator)).to_integral_value(ROUND_HALF_UP)
    return Fraction(int(whole), 10**places)


def _string_match(element: Element) -> Operator:
    has_case = element.get("caseSensitive", "true") != "false"
    is_part = element.get("substring", "false") == "true"
    return lambda given: _texts(given, has_case, lambda one, other: other in one if is_part else one == other)


def _substring(element: Element) -> Operator:
    has_case = element.get("caseSensitive", "true") != "false"
    return lambda given: _texts(given, has_case, lambda one, other: one in other)


def _texts(given: list[Value], has_case: bool, judge: Callable[[str, str], bool]) -> Value:
    one, other = _two(given)
    if one is None or other is None:
        return None
    if not isinstance(one, str) or not isinstance(other, str):
        raise ImportFault("Its response processing compares as texts what is none.")
    return judge(one, other) if has_case else judge(one.casefold(), other.casefold())


def _pattern_match(element: Element) -> Operator:
    pattern = element.get("pattern")
    has_case = element.get("caseSensitive", "true") != "false"

    def judge(given: list[Value]) -> Value:
        value, *rest = given or [None]
        wanted = pattern if pattern is not None else rest[0] if rest else None
        if value is None or wanted is None:
            return None
        if not isinstance(value, str) or not isinstance(wanted, str):
            raise ImportFault("`patternMatch` is for texts alone.")
        return _fits(wanted, value, has_case)

    return judge


def _fits(pattern: str, value: str, has_case: bool) -> bool:
    # Only patterns that our own marking has: a regular expression of others could take for ever.
    if len(pattern) > _MAX_PATTERN_CHARS or not _PLAIN_PATTERN.fullmatch(pattern):
        raise ImportFault(f"The pattern {pattern[:60]!r} is more than a text with `.*` in it.")
    pieces = [""]
    for token in _TOKEN.findall(pattern):
        if token == ".*":
            pieces.append("")
        else:
            pieces[-1] += token.removeprefix("\\")
    if not has_case:
        pieces, value = [piece.casefold() for piece in pieces], value.casefold()
    return _follow_one_another(pieces, value)


def _follow_one_another(pieces: list[str], value: str) -> bool:
    """Whether a text begins with the first piece, ends with the last, and has the others between them in their order.
    Each is looked for once: an expression with several `.*` would try all ways to share out the text among them."""
    first, *others = pieces
    if not others:
        return value == first
    at, end = len(first), len(value) - len(others[-1])
    if at > end or not value.startswith(first) or not value.endswith(others[-1]):
        return False
    for piece in others[:-1]:
        at = value.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _only(given: list[Value]) -> Value:
    if len(given) != 1:
        raise ImportFault("An operator of its response processing needs one value.")
    return given[0]


def _two(given: list[Value]) -> tuple[Value, Value]:
    if len(given) != 2:
        raise ImportFault("An operator of its response processing needs two values.")
    return given[0], given[1]


def _always(operator: Operator) -> Callable[[Element], Operator]:
    return lambda element: operator


OPERATORS: Final[dict[str, Callable[[Element], Operator]]] = {
    "and": _always(_and),
    "or": _always(_or),
    "not": _always(_not),
    "anyN": _any_n,
    "isNull": _always(lambda given: _only(given) is None or _only(given) == ""),
    "match": _always(_match),
    "member": _always(_member),
    "contains": _always(_contains),
    "equal": _equal,
    "equalRounded": _equal_rounded,
    "roundTo": _round_to,
    "stringMatch": _string_match,
    "substring": _substring,
    "patternMatch": _pattern_match,
    "gt": _compare(lambda one, other: one > other),
    "gte": _compare(lambda one, other: one >= other),
    "lt": _compare(lambda one, other: one < other),
    "lte": _compare(lambda one, other: one <= other),
}
