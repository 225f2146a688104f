"""What is asked for in items of Blackboard, in the words that other systems use."""

from copy import deepcopy

from lxml import etree

from server.importing.blackboard.shares import (
    begin_with_nothing,
    by_part,
    in_per_cent,
    remove,
    rules_of,
    set_score,
    share,
)
from server.importing.faults import ImportFault
from server.importing.qti.names import children, text_of
from server.importing.xml import Element


def choice(item: Element, is_partial: bool) -> None:
    """Each option has a condition of its own, with its feedback, and its share in per cent where shares count."""
    response = next(item.iter("response_lid"), None)
    if response is None:
        return
    ident, is_one = response.get("ident", ""), response.get("rcardinality", "Single") == "Single"
    options = {one.get("ident", "") for one in response.iter("response_label")}
    shares: list[Element] = []
    for rule in rules_of(item):
        for one in rule.iter("varequal"):
            if one.get("respident") in options and not text_of(one):
                one.text = one.get("respident")
                one.set("respident", ident)
                shares.append(rule)
    for rule in shares:
        for setting in children(rule, "setvar"):
            if not is_partial:
                rule.remove(setting)
            elif not is_one:
                setting.set("action", "Add")
    if is_partial and shares:
        begin_with_nothing(shares[0])
        in_per_cent(item)


def matching(item: Element, is_partial: bool) -> None:
    """The rows' texts stand before their responses, and those of the choices in a block of their own, in the order in
    which each row has names for them."""
    rights = [one for block in _flows(item, "RIGHT_MATCH_BLOCK") for one in children(block, "flow")]
    rows = [one for block in _flows(item, "RESPONSE_BLOCK") for one in block.iter("response_lid")]
    if not rows:
        raise ImportFault("There is nothing to answer in it.")
    names: dict[tuple[str, str], str] = {}
    for row in rows:
        labels = list(row.iter("response_label"))
        if len(labels) != len(rights):
            raise ImportFault("Its rows have other choices than it shows.")
        above = row.getparent()
        texts = [] if above is None else [one for one in children(above) if one is not row]
        for text in reversed(texts):
            material = etree.Element("material")
            material.append(text)
            row.insert(0, material)
        for place, (label, right) in enumerate(zip(labels, rights, strict=True)):
            names[row.get("ident", ""), label.get("ident", "")] = f"c{place}"
            label.set("ident", f"c{place}")
            label.extend(deepcopy(one) for one in right)
    for block in _flows(item, "RIGHT_MATCH_BLOCK"):
        remove(block)
    right_rules = [rule for rule in rules_of(item) if any(one.get("respident") for one in rule.iter("varequal"))]
    for rule in right_rules:
        for one in rule.iter("varequal"):
            one.text = names.get((one.get("respident", ""), text_of(one)), "")
    share(item, right_rules, is_partial)


def blanks(item: Element, is_partial: bool) -> None:
    """Each blank is named in brackets in the text, and any of the texts that its conditions name is right in it."""
    for response in item.iter("response_str"):
        ident = response.get("ident", "")
        for one in list(item.iter("varequal")):
            if one.get("respident") == ident:
                label = etree.SubElement(response, "response_label", ident=ident)
                label.text = text_of(one)
    by_part(item, is_partial)


def typed(item: Element, is_partial: bool) -> None:
    """Each text that is right has a condition of its own, some of which set no score."""
    for rule in rules_of(item):
        if next(rule.iter("varequal"), None) is not None and not children(rule, "setvar"):
            set_score(rule, "Set", "SCORE.max")


def numeric(item: Element, is_partial: bool) -> None:
    """The bounds say what is right; the number between them is there for people."""
    for condition in item.iter("conditionvar"):
        if children(condition, "vargte") and children(condition, "varlte"):
            for one in children(condition, "varequal"):
                condition.remove(one)


def _flows(item: Element, kind: str) -> list[Element]:
    return [one for one in item.iter("flow") if one.get("class") == kind]
