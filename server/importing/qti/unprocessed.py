"""Items without response processing: their mappings and right answers say what is worth what."""

from collections.abc import Mapping
from fractions import Fraction

from server.importing.qti.declarations import Declaration
from server.importing.qti.processing import Scores
from server.importing.qti.values import Value, same


def scores_by_keys(responses: Mapping[str, Declaration]) -> Scores:
    """Each answer is worth what its mapping says, where that gives anything, and else a point if it is the right
    one."""

    def score(values: Mapping[str, Value]) -> Fraction:
        return sum((_worth(one, values.get(name)) for name, one in responses.items()), Fraction(0))

    return score


def has_key(declared: Declaration) -> bool:
    """Whether it says of any answer that it is right, or what it is worth."""
    mapping, areas = declared.mapping, declared.areas
    worths = [one.worth for one in mapping.entries] if mapping is not None else []
    worths += [worth for _, worth in areas.entries] if areas is not None else []
    beside = [one.default for one in (mapping, areas) if one is not None]
    return declared.correct is not None or any(worths) or any(beside)


def _worth(declared: Declaration, value: Value) -> Fraction:
    if value is None:
        return Fraction(0)
    mapping, areas = declared.mapping, declared.areas
    if mapping is not None and any(entry.worth for entry in mapping.entries):
        return mapping.total(value)
    if areas is not None and any(worth for _, worth in areas.entries):
        return areas.total(value)
    return Fraction(declared.correct is not None and same(value, declared.correct))
