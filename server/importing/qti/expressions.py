"""Expressions of response processing, made into functions of a state. They serve to check that our marking says the
same, and mark nobody."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from server.importing.faults import ImportFault
from server.importing.qti import comparing, counting
from server.importing.qti.declarations import Declaration
from server.importing.qti.names import children, text_of
from server.importing.qti.shapes import read_shape
from server.importing.qti.values import Container, Point, Value, contained, read_single, same, singles
from server.importing.xml import Element

MAX_STEPS: Final = 300_000
"""Expressions that may be evaluated for one item: with a few elements for each of a thousand answers it has enough."""
_BY_CHANCE: Final = ("random", "randomFloat", "randomInteger")


class State:
    """Values of variables while an answer is judged. `left` is a budget for all answers of an item."""

    def __init__(self, values: dict[str, Value], left: list[int]) -> None:
        self.values = values
        self.left = left


Expression = Callable[[State], Value]
Operator = Callable[[list[Value]], Value]


def compiled(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    """Raises `ImportFault` for what is unknown, or is not the same each time."""
    made = _made(element, declared)

    def counted(state: State) -> Value:
        state.left[0] -= 1
        if state.left[0] < 0:
            raise ImportFault("Its response processing takes too many steps to be checked.")
        value = made(state)
        if isinstance(value, Container):
            state.left[0] -= len(value.items)
        return value

    return counted


def _made(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    name = str(element.tag)
    if name in _LEAVES:
        return _LEAVES[name](element, declared)
    if name in _BY_CHANCE:
        raise ImportFault(f"`{name}` in its response processing gives points by chance.")
    operator = _operator(element)
    given = [compiled(child, declared) for child in children(element)]
    return lambda state: operator([one(state) for one in given])


def _operator(element: Element) -> Operator:
    name = str(element.tag)
    if name in comparing.OPERATORS:
        return comparing.OPERATORS[name](element)
    if name in counting.OPERATORS:
        return counting.OPERATORS[name]
    match name:
        case "multiple" | "ordered":
            return lambda given: contained(
                [one for value in given for one in singles(value)], is_ordered=name == "ordered"
            )
        case "containerSize":
            return lambda given: Fraction(sum(len(singles(value)) for value in given))
        case "index":
            place = _whole(element, "n")
            return lambda given: next(iter(singles(given[0])[place - 1 :]), None)
        case "delete":
            return lambda given: _without(given[1], given[0])
        case "inside":
            shape = read_shape(element.get("shape", ""), element.get("coords", ""))
            return lambda given: any(isinstance(one, Point) and shape.holds(one) for one in singles(given[0]))
        case _:
            raise ImportFault(f"`{name[:60]}` in its response processing is not known here.")


def _without(value: Value, out: Value) -> Value:
    is_ordered = isinstance(value, Container) and value.is_ordered
    return contained([one for one in singles(value) if not same(one, out)], is_ordered=is_ordered)


def _whole(element: Element, name: str) -> int:
    written = element.get(name, "")
    if not written.isascii() or not written.isdigit() or len(written) > 5 or not 1 <= int(written) <= 10_000:
        raise ImportFault(f"`{name}` of an operator is {written[:40]!r}.")
    return int(written)


def _variable(element: Element, declared: Mapping[str, Declaration]) -> Declaration:
    name = element.get("identifier", "")
    if name not in declared:
        raise ImportFault(f"Its response processing names {name[:60]!r}, which is not declared.")
    return declared[name]


def _value_of(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    name = _variable(element, declared).name
    return lambda state: state.values.get(name)


def _constant(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    value = read_single(element.get("baseType", ""), text_of(element))
    return lambda state: value


def _correct(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    value = _variable(element, declared).correct
    return lambda state: value


def _default(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    value = _variable(element, declared).default
    return lambda state: value


def _mapped(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    variable = _variable(element, declared)
    mapping = variable.mapping
    if mapping is None:
        raise ImportFault(f"`{element.tag!s}` names {variable.name[:60]!r}, which has no mapping.")
    return lambda state: mapping.total(state.values.get(variable.name))


def _mapped_point(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    variable = _variable(element, declared)
    areas = variable.areas
    if areas is None:
        raise ImportFault(f"`mapResponsePoint` names {variable.name[:60]!r}, which has no areas.")
    return lambda state: areas.total(state.values.get(variable.name))


def _nothing(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    return lambda state: None


def _constant_of_mathematics(element: Element, declared: Mapping[str, Declaration]) -> Expression:
    name = element.get("name", "")
    if name not in _OF_MATHEMATICS:
        raise ImportFault(f"`mathConstant` is {name[:40]!r}, which is not known here.")
    value = Fraction(repr(_OF_MATHEMATICS[name]))
    return lambda state: value


_OF_MATHEMATICS: Final = {"pi": math.pi, "e": math.e}
_LEAVES: Final[dict[str, Callable[[Element, Mapping[str, Declaration]], Expression]]] = {
    "variable": _value_of,
    "baseValue": _constant,
    "correct": _correct,
    "default": _default,
    "mapResponse": _mapped,
    "mapOutcome": _mapped,
    "mapResponsePoint": _mapped_point,
    "null": _nothing,
    "mathConstant": _constant_of_mathematics,
}
