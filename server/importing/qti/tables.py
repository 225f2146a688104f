"""Tables of an outcome, by which `lookupOutcomeValue` makes one number of another: points of a raw score."""

from fractions import Fraction
from typing import NamedTuple

from server.importing.faults import ImportFault
from server.importing.qti.names import children
from server.importing.qti.values import Single, Value, number, read_single
from server.importing.xml import Element

_MAX_ENTRIES = 2_000


class TableEntry(NamedTuple):
    """What is set for a number: from `source` on, with it where it `includes` that, or for it alone."""

    source: Fraction
    includes: bool
    target: Single


class Table(NamedTuple):
    """The entries, of which the first that fits counts; with `is_steps` each of them goes on without an end. Where none
    fits, the `default`."""

    entries: list[TableEntry]
    default: Single | None
    is_steps: bool

    def look_up(self, value: Value) -> Value:
        """What stands for a number. Nothing stands for nothing."""
        if value is None:
            return self.default
        if not isinstance(value, Fraction):
            raise ImportFault("`lookupOutcomeValue` looks up what is no number.")
        for entry in self.entries:
            if (value == entry.source and entry.includes) or (self.is_steps and value > entry.source):
                return entry.target
        return self.default


def read_table(declaration: Element, base: str) -> Table | None:
    """The table of an `outcomeDeclaration` of a base type, if it has one. Raises `ImportFault`."""
    for found in children(declaration, "matchTable", "interpolationTable"):
        elements = children(found, f"{found.tag!s}Entry")
        if len(elements) > _MAX_ENTRIES:
            raise ImportFault(f"A table has more than {_MAX_ENTRIES} entries.")
        entries = [
            TableEntry(
                number(one.get("sourceValue", "")),
                one.get("includeBoundary", "true") != "false",
                read_single(base, one.get("targetValue", "")),
            )
            for one in elements
        ]
        default = found.get("defaultValue")
        is_steps = found.tag == "interpolationTable"
        return Table(entries, None if default is None else read_single(base, default), is_steps)
    return None
