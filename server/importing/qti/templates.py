"""Template processing: it gives an item's template variables their values, by chance, and through them its right
answers."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from fractions import Fraction
from random import Random
from typing import Final

import msgspec

from server.importing.faults import ImportFault
from server.importing.qti.comparing import truth
from server.importing.qti.declarations import Declaration, read_declaration
from server.importing.qti.expressions import State, compiled
from server.importing.qti.literals import literal, put_in
from server.importing.qti.names import children
from server.importing.qti.values import Value, number, singles
from server.importing.xml import Element

_MAX_TRIES: Final = 200
"""Draws until a `templateConstraint` holds."""
_MAX_NUMBERS: Final = 10**12
_BRANCHES: Final = ("templateIf", "templateElseIf", "templateElse")


class _Exit(Exception):
    """`exitTemplate`: what follows is not done."""


class _Again(Exception):
    """A `templateConstraint` does not hold."""


class Instance(msgspec.Struct):
    """What one run has given: template variables, and the answers and defaults of other variables that it has set."""

    values: dict[str, Value]
    correct: dict[str, Value]
    defaults: dict[str, Value]


BY_CHANCE: Final = ("random", "randomInteger", "randomFloat")


def run(item: Element, seed: str, left: list[int]) -> Instance:
    """Draws until all constraints hold; the same seed gives the same. `left` is a budget of steps, for all runs of an
    item. Raises `ImportFault`."""
    declared = {one.name: one for one in map(read_declaration, children(item, "templateDeclaration"))}
    others = {
        element.get("identifier", ""): element
        for element in children(item, "responseDeclaration", "outcomeDeclaration")
    }
    for attempt in range(_MAX_TRIES):
        dice = Random(f"{seed}/{attempt}")  # noqa: S311 (no secret: the variants stand in the test)
        runner = _Runner(declared, others, dice, left)
        try:
            for processing in children(item, "templateProcessing"):
                runner.follow(children(deepcopy(processing)))
        except _Exit:
            pass
        except _Again:
            continue
        return runner.instance
    raise ImportFault(f"In {_MAX_TRIES} tries its `templateConstraint` did not hold.")


class _Runner:
    def __init__(
        self, declared: Mapping[str, Declaration], others: Mapping[str, Element], dice: Random, left: list[int]
    ) -> None:
        self.instance = Instance({name: one.default for name, one in declared.items()}, {}, {})
        self._declared = declared
        self._others = others
        self._dice = dice
        self._left = left

    def follow(self, rules: list[Element]) -> None:
        for rule in rules:
            self._left[0] -= 1
            if self._left[0] < 0:
                raise ImportFault("Its template processing takes too many steps.")
            match rule.tag:
                case "setTemplateValue":
                    self.instance.values[self._named(rule, self._declared)] = self._value(rule)
                case "setCorrectResponse":
                    self.instance.correct[self._named(rule, self._others)] = self._value(rule)
                case "setDefaultValue":
                    self.instance.defaults[self._named(rule, self._others)] = self._value(rule)
                case "templateCondition":
                    self._choose(rule)
                case "templateConstraint":
                    if truth(self._value(rule)) is not True:
                        raise _Again
                case "exitTemplate":
                    raise _Exit
                case _:
                    raise ImportFault(f"`{str(rule.tag)[:60]}` in its template processing is not known here.")

    def _named(self, rule: Element, known: Mapping[str, object]) -> str:
        name = rule.get("identifier", "")
        if name not in known:
            raise ImportFault(f"Its template processing sets {name[:60]!r}, which is not declared.")
        return name

    def _choose(self, rule: Element) -> None:
        for branch in children(rule):
            if branch.tag not in _BRANCHES:
                raise ImportFault(f"`{str(branch.tag)[:60]}` of its template processing stands where it can't.")
            inside = children(branch)
            if branch.tag == "templateElse":
                self.follow(inside)
                return
            if not inside:
                raise ImportFault(f"`{branch.tag}` of its template processing has no condition.")
            if truth(self._evaluated(inside[0])):
                self.follow(inside[1:])
                return

    def _value(self, rule: Element) -> Value:
        inside = children(rule)
        if len(inside) != 1:
            raise ImportFault(f"`{rule.tag!s}` of its template processing has no one value.")
        return self._evaluated(inside[0])

    def _evaluated(self, expression: Element) -> Value:
        for drawn in [*_innermost_first(expression)]:
            if drawn is expression:
                return self._drawn(drawn)
            put_in(drawn, literal(self._drawn(drawn)))
        state = State(dict(self.instance.values), self._left)
        return compiled(expression, self._declared)(state)

    def _drawn(self, element: Element) -> Value:
        match element.tag:
            case "randomInteger":
                least, most = self._bound(element, "min"), self._bound(element, "max")
                step = self._bound(element, "step", "1")
                if step <= 0 or most < least or (most - least) / step > _MAX_NUMBERS:
                    raise ImportFault("`randomInteger` has nothing to draw from, or too much.")
                return least + step * self._dice.randrange(int((most - least) // step) + 1)
            case "randomFloat":
                least, most = self._bound(element, "min"), self._bound(element, "max")
                return number(repr(self._dice.uniform(float(least), float(most))))
            case _:
                members = [one for inside in children(element) for one in singles(self._evaluated(inside))]
                if not members:
                    raise ImportFault("`random` has nothing to draw from.")
                return self._dice.choice(members)

    def _bound(self, element: Element, name: str, default: str = "0") -> Fraction:
        written = element.get(name, default)
        found = self.instance.values.get(written) if written in self._declared else number(written)
        if not isinstance(found, Fraction):
            raise ImportFault(f"`{name}` of `{element.tag!s}` is no number.")
        return found


def _innermost_first(expression: Element) -> Iterator[Element]:
    yield from reversed(list(expression.iter(*BY_CHANCE)))
