"""Plausible answers to any question, by somebody who knows nothing. Pure: the random source is passed in."""

from random import Random
from typing import Final

from protocol.messages.base import Value
from protocol.paper import PaperQuestion

_WORDS: Final = (
    "because", "the", "first", "law", "says", "that", "energy", "is", "kept", "and", "therefore", "a", "system",
    "in", "balance", "will", "remain", "so", "unless", "something", "from", "outside", "acts", "on", "it",
)  # fmt: skip
_LONGEST_GUESS_CHARS: Final = 400


def guess(question: PaperQuestion, chance: Random) -> Value:
    """An answer that the question accepts, right or wrong."""
    match question.type:
        case "single_choice" | "true_false":
            return chance.choice(question.options).option_id
        case "multiple_choice":
            ids = [option.option_id for option in question.options]
            return sorted(chance.sample(ids, chance.randint(1, len(ids))))
        case "numeric":
            return str(chance.randint(-100, 1_000))
        case _:
            longest = min(question.max_chars or _LONGEST_GUESS_CHARS, _LONGEST_GUESS_CHARS)
            words = " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, longest // 4)))
            return words[:longest].strip()


def drafts(value: Value, chance: Random) -> list[Value]:
    """How an answer comes about: typed text grows in a few pieces, anything else is there at once."""
    if not isinstance(value, str) or len(value) < 20:
        return [value]
    cuts = sorted(chance.sample(range(5, len(value)), min(3, len(value) - 5)))
    return [*(value[:cut] for cut in cuts), value]
