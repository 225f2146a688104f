"""Plausible answers to any question, by somebody who knows nothing. Pure: the random source is passed in."""

from decimal import Decimal
from random import Random
from typing import Final

from protocol.answering.pairing import pairing_fault
from protocol.content.text import hots
from protocol.messages.base import Pair, PartValue, Value
from protocol.paper import (
    PaperAssociate,
    PaperEssay,
    PaperGapMatch,
    PaperGraphicAssociate,
    PaperGraphicGapMatch,
    PaperGraphicOrder,
    PaperHotspot,
    PaperHottext,
    PaperInlineChoice,
    PaperInteraction,
    PaperMatch,
    PaperMultipleChoice,
    PaperNumeric,
    PaperOrder,
    PaperPairing,
    PaperPoint,
    PaperQuestion,
    PaperShortText,
    PaperSingleChoice,
    PaperSlider,
    PaperTrueFalse,
    PaperUpload,
)
from protocol.rich import from_text, text_of

_WORDS: Final = (
    "because", "the", "first", "law", "says", "that", "energy", "is", "kept", "and", "therefore", "a", "system",
    "in", "balance", "will", "remain", "so", "unless", "something", "from", "outside", "acts", "on", "it",
)  # fmt: skip
_LONGEST_GUESS_CHARS: Final = 400


def guess(question: PaperQuestion, chance: Random) -> Value:
    """An answer that the question accepts, right or wrong."""
    parts = {asked.response_id: _guess(asked, chance) for asked in question.interactions}
    return parts if len(parts) > 1 else next(iter(parts.values()))


def _guess(asked: PaperInteraction, chance: Random) -> PartValue:
    match asked:
        case PaperSingleChoice() | PaperInlineChoice() | PaperTrueFalse():
            return chance.choice(asked.options).option_id
        case PaperMultipleChoice():
            ids = [option.option_id for option in asked.options]
            return sorted(chance.sample(ids, chance.randint(1, min(len(ids), asked.max_choices or len(ids)))))
        case PaperHottext():
            ids = [name for name, _ in hots(asked.text)]
            return chance.sample(ids, chance.randint(1, min(len(ids), asked.max_choices or len(ids))))
        case PaperMatch() | PaperGapMatch() | PaperAssociate() | PaperGraphicGapMatch() | PaperGraphicAssociate():
            return _pairs(asked, chance)
        case PaperOrder():
            return list(chance.sample([option.option_id for option in asked.options], len(asked.options)))
        case PaperSlider():
            lower, step = Decimal(asked.lower), Decimal(asked.step)
            return f"{lower + step * chance.randint(0, int((Decimal(asked.upper) - lower) // step)):f}"
        case PaperHotspot():
            names = [spot.spot_id for spot in asked.spots]
            return chance.sample(names, chance.randint(1, min(len(names), asked.max_choices or len(names))))
        case PaperGraphicOrder():
            return list(chance.sample([spot.spot_id for spot in asked.spots], len(asked.spots)))
        case PaperPoint():
            picture = asked.picture
            return [(str(chance.randint(0, picture.width)), str(chance.randint(0, picture.height)))]
        case PaperUpload():
            return f"{chance.getrandbits(256):064x}"
        case PaperNumeric():
            return str(chance.randint(-100, 1_000))
        case PaperShortText() | PaperEssay():
            longest = min(asked.max_chars, _LONGEST_GUESS_CHARS)
            words = " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, max(1, longest // 4))))
            text = words[:longest].strip()
            return from_text(text) if isinstance(asked, PaperEssay) and asked.format == "rich" else text


def _pairs(asked: PaperPairing, chance: Random) -> PartValue:
    """Pairs one after the other, for as long as there may be another one."""
    sides = asked.sides
    possible = [(one.option_id, other.option_id) for one in sides.sources for other in sides.targets]
    made: list[Pair] = []
    for pair in chance.sample(possible, len(possible)):
        if pairing_fault(sides, [*made, pair], asked.max_pairs) is None:
            made.append(pair)
    return list(made[: chance.randint(1, len(made))])


def drafts(value: Value, chance: Random) -> list[Value]:
    """How an answer comes about: typed text grows in a few pieces, a record part by part, anything else is there at
    once: a choice, a file's hash."""
    if isinstance(value, dict):
        names = list(value)
        return [{name: value[name] for name in names[:count]} for count in range(1, len(names) + 1)]
    if not isinstance(value, str) or len(value) < 20 or " " not in value:
        return [value]
    if value.startswith("<p>"):
        # No word of a guess does: it is rich text, of which each draft is.
        return [from_text(str(draft)) for draft in drafts(text_of(value), chance)]
    cuts = sorted(chance.sample(range(5, len(value)), min(3, len(value) - 5)))
    return [*(value[:cut] for cut in cuts), value]
