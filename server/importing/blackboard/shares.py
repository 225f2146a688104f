"""Conditions of an item and the points that they give: of all that must be right together, or each its share."""

from copy import deepcopy
from decimal import Decimal, InvalidOperation

from lxml import etree

from server.importing.faults import ImportFault
from server.importing.qti.names import children
from server.importing.xml import Element


def by_part(item: Element, is_partial: bool) -> None:
    """Blanks and menus of a text: with points for parts, each counts by itself."""
    if not is_partial:
        return
    for rule in rules_of(item):
        together = [both for condition in children(rule, "conditionvar") for both in children(condition, "and")]
        parts = [part for both in together for part in both]
        if len(parts) < 2:
            continue
        rules: list[Element] = []
        for part in parts:
            own = etree.Element("respcondition")
            etree.SubElement(own, "conditionvar").append(part)
            rule.addprevious(own)
            rules.append(own)
        remove(rule)
        share(item, rules, is_partial=True)
        return


def share(item: Element, rules: list[Element], is_partial: bool) -> None:
    """Gives each of these conditions its share of all points; without points for parts, all of them must hold."""
    if not rules:
        raise ImportFault("No answer is right.")
    begin_with_nothing(rules[0])
    in_per_cent(item)
    all_hold = etree.Element("and")
    for rule in rules:
        all_hold.extend(deepcopy(one) for condition in children(rule, "conditionvar") for one in condition)
        for one in children(rule, "setvar", "displayfeedback"):
            rule.remove(one)
        if is_partial:
            set_score(rule, "Add", str(Decimal(100) / len(rules)))
    for other in [one for rule in rules_of(item) for one in rule.iter("other")]:
        denied = etree.Element("not")
        denied.append(deepcopy(all_hold))
        other.addprevious(denied)
        remove(other)
        for setting in denied.xpath("ancestor::respcondition/setvar"):
            remove(setting)
    both = etree.Element("respcondition", title="correct")
    etree.SubElement(both, "conditionvar").append(all_hold)
    if not is_partial:
        set_score(both, "Set", "100")
    etree.SubElement(both, "displayfeedback", linkrefid="correct")
    rules[-1].addnext(both)


def begin_with_nothing(rule: Element) -> None:
    """Before a rule, whatever was said of the score is forgotten."""
    first = etree.Element("respcondition")
    etree.SubElement(first, "conditionvar")
    set_score(first, "Set", "0")
    rule.addprevious(first)


def in_per_cent(item: Element) -> None:
    """Says that a hundred is all: how many points that are stands in the item's metadata."""
    for declared in item.iter("decvar"):
        worth = declared.get("maxvalue", "")
        if next(item.iter("qmd_absolutescore_max"), None) is None and _is_number(worth):
            etree.SubElement(item, "qmd_absolutescore_max").text = worth
        declared.set("maxvalue", "100")


def _is_number(written: str) -> bool:
    try:
        return Decimal(written) > 0
    except InvalidOperation:
        return False


def set_score(rule: Element, action: str, amount: str) -> None:
    etree.SubElement(rule, "setvar", variablename="SCORE", action=action).text = amount


def rules_of(item: Element) -> list[Element]:
    return [rule for processing in children(item, "resprocessing") for rule in children(processing, "respcondition")]


def remove(element: Element) -> None:
    above = element.getparent()
    if above is not None:
        above.remove(element)
