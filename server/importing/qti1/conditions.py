"""Response processing of QTI 1.2, made into functions of the answers. They serve to check that our marking says the
same, and mark nobody."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from server.importing.faults import ImportFault
from server.importing.qti.names import children, text_of
from server.importing.qti.values import Container, Single, Value, bounded, number, singles
from server.importing.xml import Element

Condition = Callable[[Mapping[str, Value], bool], bool]
"""Whether it holds for answers by their idents; the second says whether a condition before has held already."""

_COMPARED: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "vargt": lambda one, other: one > other,
    "vargte": lambda one, other: one >= other,
    "varlt": lambda one, other: one < other,
    "varlte": lambda one, other: one <= other,
}
_MAX_STEPS: Final = 300_000
_WHOLE: Final = Fraction(100)


class Judged(NamedTuple):
    """What processing gives: the score, and the idents of feedback that is shown."""

    score: Fraction
    shown: list[str]


class _Rule(NamedTuple):
    condition: Condition
    settings: list[tuple[str, Fraction]]
    shown: list[str]
    goes_on: bool


class Processing:
    """The rules of an item. With `exact` a list of several right ones is right only without any other."""

    def __init__(self, processing: Element | None, *, exact: bool = False) -> None:
        self._exact = exact
        self._left = _MAX_STEPS
        self._rules: list[_Rule] = []
        self.default = Fraction(0)
        self.highest: Fraction | None = None
        if processing is None:
            return
        names = [_name(one) for one in processing.iter("setvar")]
        self._name = "SCORE" if "SCORE" in names else next(iter(names), "SCORE")
        if len(set(names)) > 1:
            raise ImportFault("Its response processing sets more than one score.")
        for declared in processing.iter("decvar"):
            if (declared.get("varname") or "SCORE") == self._name:
                self.default = number(declared.get("defaultval") or "0")
                self.highest = number(declared.get("maxvalue", "")) if declared.get("maxvalue") else None
        self._rules = [self._rule(element) for element in children(processing, "respcondition")]

    @property
    def sets_points(self) -> bool:
        """Whether any answer gives points."""
        return any(rule.settings for rule in self._rules)

    def judge(self, values: Mapping[str, Value]) -> Judged:
        """Raises `ImportFault` where it takes too long."""
        score, shown, has_held = self.default, list[str](), False
        for rule in self._rules:
            self._left -= 1
            if self._left < 0:
                raise ImportFault("Its response processing takes too many steps to be checked.")
            if not rule.condition(values, has_held):
                continue
            has_held = has_held or bool(rule.settings)
            shown += rule.shown
            for action, amount in rule.settings:
                score = bounded(_set(score, action, amount))
            if not rule.goes_on:
                break
        return Judged(score, shown)

    def _rule(self, element: Element) -> _Rule:
        inside = [child for one in children(element, "conditionvar") for child in children(one)]
        return _Rule(
            self._all(inside),
            [(one.get("action", "Set"), self._amount(text_of(one))) for one in children(element, "setvar")],
            [one.get("linkrefid", "") for one in children(element, "displayfeedback")],
            element.get("continue", "Yes") != "No",
        )

    def _amount(self, written: str) -> Fraction:
        if written == "SCORE.max":
            # Blackboard: all of its points.
            return self.highest or _WHOLE
        return number(written)

    def _all(self, elements: list[Element]) -> Condition:
        """All hold. Of several right ones of a single answer any is: all at once it can't be."""
        names = {one.get("respident", "") for one in elements}
        if (len(elements) > 1 or self._exact) and len(names) == 1 and all(one.tag == "varequal" for one in elements):
            return self._several(names.pop(), elements)
        parts = [self._one(one) for one in elements]
        return lambda values, held: all(part(values, held) for part in parts)

    def _several(self, name: str, elements: list[Element]) -> Condition:
        parts = [self._one(one) for one in elements]
        wanted = [text_of(one) for one in elements]

        def judge(values: Mapping[str, Value], held: bool) -> bool:
            value = values.get(name)
            if isinstance(value, Container) and value.is_ordered:
                return [str(one) for one in value.items] == wanted
            if isinstance(value, Container):
                return all(part(values, held) for part in parts) and (
                    not self._exact or len(value.items) == len(wanted)
                )
            return any(part(values, held) for part in parts)

        return judge

    def _one(self, element: Element) -> Condition:
        name = element.get("respident", "")
        match element.tag:
            case "and":
                return self._all(children(element))
            case "or":
                options = [self._one(child) for child in children(element)]
                return lambda values, held: any(option(values, held) for option in options)
            case "not":
                inside = self._all(children(element))
                return lambda values, held: not inside(values, held)
            case "other":
                return lambda values, held: not held
            case "unanswered":
                return lambda values, held: values.get(name) is None
            case "varequal":
                wanted, has_case = text_of(element), element.get("case") == "Yes"
                return lambda values, held: any(_equal(one, wanted, has_case) for one in singles(values.get(name)))
            case "vargt" | "vargte" | "varlt" | "varlte":
                compare, bound = _COMPARED[str(element.tag)], number(text_of(element))
                return lambda values, held: any(
                    isinstance(one, Fraction) and compare(one, bound) for one in singles(values.get(name))
                )
            case _:
                raise ImportFault(f"`{str(element.tag)[:60]}` in its response processing is not known here.")


def _name(element: Element) -> str:
    return element.get("varname") or element.get("variablename") or "SCORE"


def _equal(value: Single, wanted: str, has_case: bool) -> bool:
    if isinstance(value, Fraction):
        try:
            return value == number(wanted)
        except ImportFault:
            return False
    said = str(value)
    return said == wanted if has_case else said.casefold() == wanted.casefold()


def _set(score: Fraction, action: str, amount: Fraction) -> Fraction:
    match action:
        case "Add":
            return score + amount
        case "Subtract":
            return score - amount
        case "Multiply":
            return score * amount
        case "Divide" if amount:
            return score / amount
        case _:
            return amount
