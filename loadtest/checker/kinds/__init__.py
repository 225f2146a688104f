"""The checker's own table of the kinds of records, written from PROTOCOL.md: one row each, beside what it changes."""

from typing import Final

from loadtest.checker.kinds import beginning, clock, ends, marks, noticing, telling, terms, work
from loadtest.checker.kinds.kind import Kind, nothing

KINDS: Final[dict[str, Kind]] = {
    kind: row
    for module in (beginning, work, clock, ends, terms, marks, telling, noticing)
    for kind, row in module.KINDS.items()
}

STRANGE: Final = Kind(None, None, nothing, told=False)
"""What there is to say of a kind that nobody knows: nothing."""

LATER: Final[set[str]] = set()
"""Kinds that only a version made for a drill writes: its log has them, and no state changes by them."""


def kind_of(tag: str) -> Kind:
    """The row of a record; of one that nobody knows it asks nothing: that it can't be folded is said elsewhere."""
    return KINDS.get(tag, STRANGE)
