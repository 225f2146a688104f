"""Values as elements of QTI, and as text on a page."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from lxml import etree

from server.importing.faults import ImportFault
from server.importing.qti.comparing import round_to_places
from server.importing.qti.values import Container, Pair, Point, Single, Value, singles
from server.importing.qti.windows import written
from server.importing.xml import Element

_MAX_PLACES: Final = 15


def literal(value: Value) -> Element:
    """The expression that has this value."""
    if value is None:
        return etree.Element("null")
    if isinstance(value, Container):
        several = etree.Element("ordered" if value.is_ordered else "multiple")
        several.extend([literal(one) for one in value.items])
        return several
    made = etree.Element("baseValue", baseType=_base_of(value))
    made.text = as_text(value)
    return made


def _base_of(value: Single) -> str:
    match value:
        case bool():
            return "boolean"
        case Fraction():
            return "float"
        case Pair():
            return "directedPair"
        case Point():
            return "point"
        case _:
            return "string"


def values_in(value: Value) -> Sequence[Element]:
    """The members as `<value>`s."""
    found: list[Element] = []
    for one in singles(value):
        made = etree.Element("value")
        made.text = as_text(one)
        found.append(made)
    return found


def as_text(value: Single) -> str:
    """As it stands in a file, and is read by people."""
    match value:
        case bool():
            return str(value).lower()
        case Fraction():
            return written(value)
        case Pair() | Point():
            return " ".join(map(as_text, value))
        case _:
            return str(value)


def printed(value: Value, form: str | None) -> str:
    """What a `printedVariable` shows. Raises `ImportFault` for a `format` that is not known."""
    if not form:
        return ", ".join(map(_shown, singles(value)))
    one = value if not isinstance(value, Container) else None
    places = form.removeprefix("%").lstrip("0").lstrip(".").removesuffix("f")
    if form in ("%d", "%i") and isinstance(one, Fraction):
        return written(Fraction(int(one)))
    if form == "%s" and one is not None:
        return _shown(one)
    is_fixed = form.startswith("%") and form.endswith("f") and "." in form and places.isascii() and places.isdigit()
    if not is_fixed or int(places) > _MAX_PLACES or not isinstance(one, Fraction):
        raise ImportFault(f"A number in its text is written by the format {form[:20]!r}, which is not known here.")
    rounded = written(round_to_places(one, int(places)))
    whole, _, behind = rounded.partition(".")
    return f"{whole}.{behind.ljust(int(places), '0')}" if int(places) else whole


def _shown(value: Single) -> str:
    """Numbers with as many digits as a double has."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return written(Fraction(f"{float(value):.15g}"))
    return as_text(value)


def put_in(old: Element, new: Element) -> None:
    """Puts an element in the place of another one, which has a parent; what stands behind it stays."""
    new.tail = old.tail
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, new)
