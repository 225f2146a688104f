"""Whether pairs can be made, and are no more than may be made."""

from collections import Counter
from collections.abc import Sequence

from protocol.codes import Code
from protocol.content.interactions import Sides, undirected
from protocol.errors import Refusal, refuse
from protocol.messages.base import Pair, PartValue
from protocol.paper import PaperPairing


def accept_pairs(asked: PaperPairing, value: PartValue) -> PartValue | Refusal:
    """Pairs, each once, as the paper's own objects."""
    pairs = [pair for pair in value if isinstance(pair, tuple)]
    if not isinstance(value, list) or len(pairs) != len(value):
        return refuse(Code.WRONG_ANSWER_TYPE)
    sides = asked.sides
    own = own_pairs(sides, value)
    if own != value:
        return refuse(Code.UNKNOWN_OPTION)
    return pairing_fault(sides, pairs, asked.max_pairs) or own


def pairing_fault(sides: Sides, pairs: Sequence[Pair], max_pairs: int | None) -> Refusal | None:
    """Why pairs of what is there can't be made together; None: they can."""
    if len(set(undirected(pairs, sides))) != len(pairs):
        return refuse(Code.WRONG_ANSWER_TYPE, "A pair is named twice.")
    if sides.is_one and any(one == other for one, other in pairs):
        return refuse(Code.WRONG_ANSWER_TYPE, "Something is paired with itself.")
    if max_pairs is not None and len(pairs) > max_pairs:
        return refuse(Code.TOO_MANY_CHOICES)
    used = Counter((0, one) for one, _ in pairs) + Counter((0 if sides.is_one else 1, other) for _, other in pairs)
    for side, options in enumerate((sides.sources, sides.targets)):
        for option in options:
            if option.max_uses is not None and used[side, option.option_id] > option.max_uses:
                return refuse(Code.TOO_MANY_CHOICES)
    return None


def own_pairs(sides: Sides, value: PartValue) -> PartValue:
    """The same pairs, their ends as the paper's own objects; without those that it does not have."""
    sources = {option.option_id: option.option_id for option in sides.sources}
    targets = {option.option_id: option.option_id for option in sides.targets}
    return [
        (sources[pair[0]], targets[pair[1]])
        for pair in value
        if isinstance(pair, tuple) and pair[0] in sources and pair[1] in targets
    ]
