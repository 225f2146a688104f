"""What sets of options are worth, in QTI 3."""

from collections.abc import Sequence

from protocol.content import Hotspot, Hottext, InlineChoice, MultipleChoice, SingleChoice
from protocol.points import spell_points
from server.exporting.elements import Element, qti
from server.exporting.faults import CannotSay
from server.exporting.scoring import bounds, by_mapping, by_match, declaration


def write_set(
    asked: SingleChoice | InlineChoice | MultipleChoice | Hottext | Hotspot,
    name: str,
    ids: Sequence[str],
    *,
    is_one: bool,
) -> tuple[Element, list[Element]]:
    """The declaration and the conditions of what is chosen among these. Raises `CannotSay`."""
    cardinality = "single" if is_one else "multiple"
    correct = asked.right if isinstance(asked, SingleChoice | InlineChoice) else asked.correct
    if isinstance(asked, MultipleChoice | Hottext | Hotspot) and asked.partial:
        raise CannotSay("shares its points out among its options (`partial`): QTI has weights for that")
    if not asked.weights_mpt:
        declared = declaration(name, cardinality, "identifier", correct)
        return declared, by_match(name, asked.points_mpt, asked.wrong_mpt)
    worths = {name: asked.weights_mpt.get(name, 0) for name in ids}
    entries = [qti("map-entry", map_key=name, mapped_value=spell_points(worth)) for name, worth in worths.items()]
    kept = bounds(asked.points_mpt, asked.min_mpt, list(worths.values()))
    mapping = qti("mapping", *entries, default_value="0", **kept)
    return declaration(name, cardinality, "identifier", correct, mapping), by_mapping(name)
