"""Response processing: from the answers to the score, as the item says it."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from lxml import etree

from server.importing.faults import ImportFault
from server.importing.qti.comparing import truth
from server.importing.qti.declarations import Declaration
from server.importing.qti.expressions import MAX_STEPS, Expression, State, compiled
from server.importing.qti.names import children
from server.importing.qti.values import Value
from server.importing.xml import Element

Rule = Callable[[State], None]
Outcomes = Callable[[Mapping[str, Value]], Mapping[str, Value]]
"""Gives all variables for the values of the response variables."""
Scores = Callable[[Mapping[str, Value]], Fraction]
"""Gives the score for the values of the response variables."""

_BRANCHES: Final = ("responseIf", "responseElseIf", "responseElse")
_MATCH_CORRECT: Final = """<r><responseCondition>
<responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>
<responseElse><setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue>
</responseElse></responseCondition></r>"""
_MAP: Final = """<r><responseCondition>
<responseIf><isNull><variable identifier="RESPONSE"/></isNull>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue></responseIf>
<responseElse><setOutcomeValue identifier="SCORE"><{0} identifier="RESPONSE"/></setOutcomeValue></responseElse>
</responseCondition></r>"""
_TEMPLATES: Final = {
    "match_correct": _MATCH_CORRECT,
    "map_response": _MAP.format("mapResponse"),
    "map_response_point": _MAP.format("mapResponsePoint"),
}
"""The three of the specification, by the last part of their addresses."""


class _Exit(Exception):
    """`exitResponse`: what follows is not done."""


def outcomes_of(element: Element, declared: Mapping[str, Declaration]) -> Outcomes:
    """What `<responseProcessing>` does. Raises `ImportFault`, and what it returns does."""
    rules = [_rule(child, declared) for child in children(_inlined(element))]
    left = [MAX_STEPS]

    def process(responses: Mapping[str, Value]) -> Mapping[str, Value]:
        state = State({name: one.default for name, one in declared.items()} | dict(responses), left)
        try:
            for rule in rules:
                rule(state)
        except _Exit:
            pass
        return state.values

    return process


def scores_of(outcomes: Outcomes, name: str) -> Scores:
    """The values of the outcome of this name. What it returns raises `ImportFault` where they are no numbers."""

    def score(responses: Mapping[str, Value]) -> Fraction:
        found = outcomes(responses).get(name)
        if found is not None and not isinstance(found, Fraction):
            raise ImportFault(f"`{name}` is no number.")
        return Fraction(0) if found is None else found

    return score


def _inlined(element: Element) -> Element:
    named = element.get("template")
    if named is None or children(element):
        return element
    name = named.rstrip("/").rsplit("/", 1)[-1].removesuffix(".xml")
    if name not in _TEMPLATES:
        raise ImportFault(f"The template {named[-80:]!r} of its response processing is none of the three known ones.")
    return etree.fromstring(_TEMPLATES[name])


def _rule(element: Element, declared: Mapping[str, Declaration]) -> Rule:
    match element.tag:
        case "responseCondition":
            return _condition(element, declared)
        case "setOutcomeValue":
            return _setting(element, declared)
        case "lookupOutcomeValue":
            return _looking_up(element, declared)
        case "responseProcessingFragment":
            return _all([_rule(child, declared) for child in children(element)])
        case "exitResponse":
            return _leave
        case _:
            raise ImportFault(f"`{str(element.tag)[:60]}` in its response processing is not known here.")


def _condition(element: Element, declared: Mapping[str, Declaration]) -> Rule:
    branches: list[tuple[Expression | None, Rule]] = []
    for position, branch in enumerate(children(element)):
        expected = ("responseIf",) if position == 0 else _BRANCHES[1:]
        if branch.tag not in expected or (branches and branches[-1][0] is None):
            raise ImportFault(f"`{str(branch.tag)[:60]}` of its response processing stands where it can't.")
        inside = children(branch)
        if branch.tag == "responseElse":
            branches.append((None, _all([_rule(child, declared) for child in inside])))
        elif not inside:
            raise ImportFault(f"`{str(branch.tag)[:60]}` of its response processing has no condition.")
        else:
            rules = [_rule(child, declared) for child in inside[1:]]
            branches.append((compiled(inside[0], declared), _all(rules)))

    def choose(state: State) -> None:
        for condition, rule in branches:
            if condition is None or truth(condition(state)):
                rule(state)
                return

    return choose


def _looking_up(element: Element, declared: Mapping[str, Declaration]) -> Rule:
    name, expression = _what_is_set(element, declared)
    table = declared[name].table
    if table is None:
        raise ImportFault(f"`lookupOutcomeValue` names {name[:60]!r}, which has no table.")

    def look_up(state: State) -> None:
        state.values[name] = table.look_up(expression(state))

    return look_up


def _what_is_set(element: Element, declared: Mapping[str, Declaration]) -> tuple[str, Expression]:
    name = element.get("identifier", "")
    inside = children(element)
    if name not in declared:
        raise ImportFault(f"Its response processing sets {name[:60]!r}, which is not declared.")
    if len(inside) != 1:
        raise ImportFault(f"Its response processing sets {name[:60]!r} to no one value.")
    return name, compiled(inside[0], declared)


def _setting(element: Element, declared: Mapping[str, Declaration]) -> Rule:
    name, expression = _what_is_set(element, declared)

    def set_value(state: State) -> None:
        state.values[name] = expression(state)

    return set_value


def _all(rules: list[Rule]) -> Rule:
    def follow(state: State) -> None:
        for rule in rules:
            rule(state)

    return follow


def _leave(state: State) -> None:
    raise _Exit
