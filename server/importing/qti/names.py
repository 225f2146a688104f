"""One set of names for all versions of QTI: those of QTI 2, without namespaces."""

from typing import Final

from lxml import etree

from server.importing.faults import ImportFault
from server.importing.xml import Element, local

LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_PREFIX: Final = "qti-"
_TYPES: Final = ("base-type", "rounding-mode", "tolerance-mode", "view")
"""Attributes whose values are names of QTI too: some write `directed-pair`."""


def in_one_form(root: Element) -> Element:
    """The same tree, changed: `qti-choice-interaction` with `max-choices` becomes `choiceInteraction` with
    `maxChoices`. Elements of HTML and MathML lose their namespaces, and attributes of other namespaces are dropped.
    Raises `ImportFault`."""
    try:
        _rename(root)
    except ValueError:
        raise ImportFault("It has an element or attribute whose name is none of QTI's.") from None
    return root


def _rename(root: Element) -> None:
    for element in root.iter(etree.Element):
        name = local(element)
        is_ours = name.startswith(_PREFIX)
        element.tag = _camel(name.removeprefix(_PREFIX)) if is_ours else name
        for key, value in list(element.attrib.items()):
            if key == LANGUAGE or (not key.startswith("{") and not is_ours):
                continue
            del element.attrib[key]
            if not key.startswith("{"):
                is_type = key in _TYPES and not value[:1].isdigit()
                element.set(_camel(str(key)), _camel(str(value)) if is_type else value)


def _camel(name: str) -> str:
    if name.startswith(("data-", "aria-")):
        return name
    first, *others = name.split("-")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def children(element: Element | None, *names: str) -> list[Element]:
    """The elements right inside of one; of these names, where some are given."""
    found = [] if element is None else [child for child in element if isinstance(child.tag, str)]
    return [child for child in found if child.tag in names] if names else found


def text_of(element: Element | None) -> str:
    """All text in an element, without white space around it."""
    return "" if element is None else "".join(element.itertext()).strip()
