"""Declarations of an item's variables: their types, right answers, and what answers are worth."""

from fractions import Fraction
from typing import Final, NamedTuple

import msgspec

from server.importing.faults import ImportFault
from server.importing.qti.names import children, text_of
from server.importing.qti.shapes import Shape, read_shape
from server.importing.qti.tables import Table, read_table
from server.importing.qti.values import Container, Point, Single, Value, contained, number, read_single, singles
from server.importing.xml import Element

_MAX_ENTRIES: Final = 2_000
_NUMERIC: Final = ("integer", "float")


class Entry(NamedTuple):
    """What a key is worth."""

    key: Single
    worth: Fraction
    has_case: bool


class Bounds(NamedTuple):
    """Between what a sum of worths is kept."""

    lower: Fraction | None
    upper: Fraction | None

    def keep(self, total: Fraction) -> Fraction:
        """The sum, within the bounds."""
        if self.lower is not None:
            total = max(total, self.lower)
        return total if self.upper is None else min(total, self.upper)


class Mapping(NamedTuple):
    """What each value of an answer is worth; others are worth the `default`."""

    entries: list[Entry]
    default: Fraction
    bounds: Bounds

    def worth(self, value: Single) -> Fraction:
        """What one value is worth, before the bounds."""
        for entry in self.entries:
            if entry.key == value:
                return entry.worth
        for entry in self.entries:
            is_text = isinstance(value, str) and isinstance(entry.key, str)
            if is_text and not entry.has_case and str(entry.key).casefold() == str(value).casefold():
                return entry.worth
        return self.default

    def total(self, value: Value) -> Fraction:
        """What an answer is worth: each of its values once."""
        return self.bounds.keep(sum(map(self.worth, dict.fromkeys(singles(value))), Fraction(0)))


class Areas(NamedTuple):
    """What each area of a picture is worth: an area counts once, points outside of all are worth the `default`."""

    entries: list[tuple[Shape, Fraction]]
    default: Fraction
    bounds: Bounds

    def total(self, value: Value) -> Fraction:
        """What the points of an answer are worth."""
        left = list(self.entries)
        total = Fraction(0)
        for point in singles(value):
            if not isinstance(point, Point):
                raise ImportFault("`mapResponsePoint` is for points alone.")
            found = next((entry for entry in left if entry[0].holds(point)), None)
            if found is not None:
                left.remove(found)
                total += found[1]
            elif not any(shape.holds(point) for shape, _ in self.entries):
                total += self.default
        return self.bounds.keep(total)


class Declaration(msgspec.Struct, frozen=True):
    """A variable. `default` is what it is before anything happens."""

    name: str
    cardinality: str
    base: str
    default: Value = None
    correct: Value = None
    mapping: Mapping | None = None
    areas: Areas | None = None
    table: Table | None = None

    def read(self, written: list[str]) -> Value:
        """Values as the variable has them."""
        found = [read_single(self.base, text) for text in written]
        if self.cardinality == "single":
            return found[0] if found else None
        return contained(found, is_ordered=self.cardinality == "ordered")


def read_declaration(element: Element) -> Declaration:
    """A `responseDeclaration` or `outcomeDeclaration`. Raises `ImportFault`."""
    cardinality, base = element.get("cardinality", "single"), element.get("baseType", "")
    if cardinality not in ("single", "multiple", "ordered"):
        raise ImportFault(f"An answer of the cardinality {cardinality[:40]!r} can't be marked.")
    plain = Declaration(element.get("identifier", ""), cardinality, base)
    default = plain.read(_values(element, "defaultValue"))
    if default is None and base in _NUMERIC and cardinality == "single" and element.tag == "outcomeDeclaration":
        default = Fraction(0)
    mapping = next(iter(children(element, "mapping")), None)
    areas = next(iter(children(element, "areaMapping")), None)
    return msgspec.structs.replace(
        plain,
        default=default,
        correct=plain.read(_values(element, "correctResponse")),
        mapping=None if mapping is None else _mapping(mapping, base),
        areas=None if areas is None else _areas(areas),
        table=read_table(element, base),
    )


def _values(element: Element, name: str) -> list[str]:
    found = [text_of(value) for one in children(element, name) for value in children(one, "value")]
    if len(found) > _MAX_ENTRIES:
        raise ImportFault(f"`{name}` has more than {_MAX_ENTRIES} values.")
    return [written for written in found if written]


def _mapping(element: Element, base: str) -> Mapping:
    entries = [
        Entry(
            read_single(base, entry.get("mapKey", "")),
            number(entry.get("mappedValue", "")),
            entry.get("caseSensitive", element.get("caseSensitive", "true")) != "false",
        )
        for entry in children(element, "mapEntry")[: _MAX_ENTRIES + 1]
    ]
    _check(len(entries))
    return Mapping(entries, number(element.get("defaultValue", "0")), _bounds(element))


def _areas(element: Element) -> Areas:
    entries = [
        (read_shape(entry.get("shape", "default"), entry.get("coords", "")), number(entry.get("mappedValue", "")))
        for entry in children(element, "areaMapEntry")[: _MAX_ENTRIES + 1]
    ]
    _check(len(entries))
    return Areas(entries, number(element.get("defaultValue", "0")), _bounds(element))


def _bounds(element: Element) -> Bounds:
    return Bounds(_bound(element.get("lowerBound")), _bound(element.get("upperBound")))


def _bound(written: str | None) -> Fraction | None:
    """A bound that is a number. Some deliveries have others, like "Max:3"."""
    try:
        return None if written is None else number(written)
    except ImportFault:
        return None


def strange_bounds(item: Element) -> list[str]:
    """The bounds in an item that are no numbers."""
    written = [one.get(name) for one in item.iter("mapping", "areaMapping") for name in ("lowerBound", "upperBound")]
    return [bound[:40] for bound in written if bound is not None and _bound(bound) is None]


def _check(count: int) -> None:
    if count > _MAX_ENTRIES:
        raise ImportFault(f"A mapping has more than {_MAX_ENTRIES} entries.")


def correct_values(declaration: Declaration) -> list[Single]:
    """The values of the right answer."""
    value = declaration.correct
    return list(value.items) if isinstance(value, Container) else singles(value)
