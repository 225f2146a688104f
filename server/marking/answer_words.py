"""Answers in words, for those who mark them."""

from protocol.content import (
    Associate,
    Choice,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    Order,
    Pairing,
    Point,
    Upload,
)
from protocol.content.text import hots, plain_text
from protocol.messages.base import Pair, PartValue
from protocol.rich import text_of


def in_words(asked: Interaction, part: PartValue | None) -> str:
    """The answer as a person reads it: options by their texts."""
    if isinstance(asked, Choice):
        chosen = part if isinstance(part, list) else [part]
        return "\n".join(plain_text(option.body) for option in asked.options if option.option_id in chosen)
    if isinstance(asked, Order) and isinstance(part, list):
        texts = {option.option_id: plain_text(option.body) for option in asked.options}
        return "\n".join(f"{place}. {texts[str(option_id)]}" for place, option_id in enumerate(part, 1))
    if isinstance(asked, Hottext) and isinstance(part, list):
        return "\n".join(plain_text(words) for name, words in hots(asked.text) if name in part)
    if isinstance(asked, Pairing) and isinstance(part, list):
        return "\n".join(_pair_in_words(asked, pair) for pair in part if isinstance(pair, tuple))
    if isinstance(asked, Hotspot) and isinstance(part, list):
        return "\n".join(spot.label or spot.spot_id for spot in asked.spots if spot.spot_id in part)
    if isinstance(asked, GraphicOrder) and isinstance(part, list):
        labels = {spot.spot_id: spot.label or spot.spot_id for spot in asked.spots}
        return "\n".join(f"{place}. {labels[str(spot_id)]}" for place, spot_id in enumerate(part, 1))
    if isinstance(asked, Point) and isinstance(part, list):
        return "\n".join(f"({', '.join(point)})" for point in part)
    if is_rich(asked) and isinstance(part, str):
        return text_of(part)
    if isinstance(asked, Upload):
        return "A file was handed in."
    return "" if part is None else str(part)


def is_rich(asked: Interaction) -> bool:
    """Whether its answer is rich text."""
    return isinstance(asked, Essay) and asked.format == "rich"


def _pair_in_words(asked: Pairing, pair: Pair) -> str:
    """A gap by its id: its text is empty."""
    if isinstance(asked, GapMatch):
        texts = {choice.option_id: plain_text(choice.body) for choice in asked.choices}
        return f"{pair[1]}: {texts[pair[0]]}"
    ends = zip(pair, asked.sides[:2], strict=True)
    found = [next(plain_text(option.body) for option in side if option.option_id == name) for name, side in ends]
    return (" – " if isinstance(asked, Associate | GraphicAssociate) else " → ").join(found)
