"""An item with a template as items without one: each with its own values, as if its author had written them."""

from copy import deepcopy
from fractions import Fraction
from typing import Final

from lxml import etree

from server.importing.faults import ImportFault
from server.importing.qti.expressions import MAX_STEPS
from server.importing.qti.literals import as_text, literal, printed, put_in, values_in
from server.importing.qti.names import children, text_of
from server.importing.qti.templates import BY_CHANCE, Instance, run
from server.importing.qti.values import Container, Value, singles
from server.importing.xml import Element

VARIANTS: Final = 10
"""Of one item: enough that neighbours seldom have the same, and so few that an author can look at all."""
_TEMPLATE: Final = ("templateDeclaration", "templateProcessing")


def variants_of(item: Element) -> list[Element]:
    """The items that a template makes, each once, by the seeds 1, 2, 3 and so on; the item alone where it has none.
    Raises `ImportFault`."""
    if not children(item, *_TEMPLATE):
        return [item]
    left = [MAX_STEPS]
    is_by_chance = any(True for one in children(item, "templateProcessing") for _ in one.iter(*BY_CHANCE))
    found: dict[bytes, Element] = {}
    for seed in range(1, 2 * VARIANTS + 1 if is_by_chance else 2):
        made = _made(item, str(seed), left)
        found.setdefault(etree.tostring(made), made)
        if len(found) == VARIANTS:
            break
    return list(found.values())


def _made(item: Element, seed: str, left: list[int]) -> Element:
    made = deepcopy(item)
    instance = run(made, seed, left)
    shown_in_formulas = {
        one.get("identifier", "") for one in children(made, "templateDeclaration") if one.get("mathVariable") == "true"
    }
    for element in children(made, *_TEMPLATE):
        made.remove(element)
    _declare(made, instance)
    _judge(made, instance)
    _show(made, instance)
    _print(made, instance.values)
    _print_in_formulas(made, {name: instance.values[name] for name in shown_in_formulas})
    return made


def _declare(item: Element, instance: Instance) -> None:
    for name, values in (("correctResponse", instance.correct), ("defaultValue", instance.defaults)):
        for variable in children(item, "responseDeclaration", "outcomeDeclaration"):
            if variable.get("identifier") in values:
                for old in children(variable, name):
                    variable.remove(old)
                said = etree.Element(name)
                said.extend(values_in(values[variable.get("identifier", "")]))
                variable.insert(0, said)


def _judge(item: Element, instance: Instance) -> None:
    """In response processing a template variable is its value."""
    for processing in children(item, "responseProcessing"):
        for element in list(processing.iter("variable")):
            if element.get("identifier") in instance.values:
                put_in(element, literal(instance.values[element.get("identifier", "")]))


def _show(item: Element, instance: Instance) -> None:
    """What is shown by the value of a variable is there or not, texts as well as choices."""
    for element in list(item.iter(etree.Element)):
        name = element.get("templateIdentifier")
        if name is None:
            continue
        if name not in instance.values:
            raise ImportFault(f"A part of it is shown by {name[:60]!r}, which is not declared.")
        is_named = element.get("identifier", "") in map(as_text, singles(instance.values[name]))
        del element.attrib["templateIdentifier"]
        if is_named == (element.get("showHide", "show") == "show"):
            element.attrib.pop("showHide", None)
            if element.tag in ("templateBlock", "templateInline"):
                element.tag = "div" if element.tag == "templateBlock" else "span"
                element.attrib.pop("identifier", None)
        else:
            _remove(element)


def _remove(element: Element) -> None:
    hidden = etree.Element("span")
    put_in(element, hidden)
    parent = hidden.getparent()
    assert parent is not None
    if not (hidden.tail or "").strip():
        parent.remove(hidden)


def _print(item: Element, values: dict[str, Value]) -> None:
    for element in list(item.iter("printedVariable")):
        name = element.get("identifier", "")
        if name in values:
            shown = etree.Element("span")
            shown.text = printed(values[name], element.get("format"))
            put_in(element, shown)


def _print_in_formulas(item: Element, values: dict[str, Value]) -> None:
    for element in item.iter("mi", "ci"):
        name = text_of(element)
        if name in values:
            element.tag = "mn" if element.tag == "mi" else "cn"
            element.text = printed(values[name], None)
        elif name.partition("[")[0] in values:
            # Words of a list: no number, and no name of one.
            element.tag = "mtext" if element.tag == "mi" else "cn"
            element.text = printed(_at_place(name, values), None)


def _at_place(name: str, values: dict[str, Value]) -> Value:
    """The value of `list[i]`: counted from 0, as in the languages that write so. Raises `ImportFault`."""
    listed, _, written = name.partition("[")
    index = values.get(written.removesuffix("]"))
    one = values[listed]
    if isinstance(one, Container) and isinstance(index, Fraction) and written.endswith("]"):
        found = [value for place, value in enumerate(one.items) if place == index]
        if found:
            return found[0]
    raise ImportFault(f"A formula in it shows {name[:40]!r}, which is no variable.")
