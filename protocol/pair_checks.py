"""What pairs and texts to choose from must be besides what their types say."""

from msgspec.structs import replace

from protocol import limits
from protocol.answering.pairing import pairing_fault
from protocol.content import (
    Associate,
    GapMatch,
    GraphicGapMatch,
    Hottext,
    Match,
    Pairing,
    PairOption,
    PairWorth,
)
from protocol.content.checked_ids import check_ids
from protocol.content.interactions import Sides, most_pairs, undirected
from protocol.content.text import gaps, hots, places
from protocol.ids import normalize_id
from protocol.marking.checks import check_weights
from protocol.messages.base import Pair
from protocol.mistakes import mistake


def check_pairs(where: str, asked: Pairing) -> None:
    """Raises `Refused(invalid_test)`."""
    _check_sides(where, asked)
    sides = asked.sides
    most = most_pairs(sides, asked.max_pairs)
    if most > limits.MAX_ANSWER_OPTIONS:
        raise mistake(
            where, f"an answer could have {most} pairs, and {limits.MAX_ANSWER_OPTIONS} is the most: set `max_pairs`"
        )
    if asked.min_pairs > most:
        raise mistake(where, f"`min_pairs` is {asked.min_pairs}, and no answer can have more than {most}")
    weighed = [one.pair for one in asked.weights]
    for field, pairs in (("correct", asked.correct), ("weights", weighed)):
        for pair in pairs:
            if (named := _unknown(sides, pair)) is not None:
                raise mistake(where, f"`{field}` has a pair with {named!r}, which it does not have on that side")
        if len(set(undirected(pairs, sides))) != len(pairs):
            raise mistake(where, f"`{field}` has a pair twice")
    if pairing_fault(sides, asked.correct, asked.max_pairs) is not None:
        raise mistake(where, "what is `correct` is more than may be paired, or pairs something with itself")
    _check_worth(where, asked)


def _check_sides(where: str, asked: Pairing) -> None:
    match asked:
        case Match():
            check_ids(where, "rows", [option.option_id for option in asked.rows])
            check_ids(where, "columns", [option.option_id for option in asked.columns])
        case GapMatch():
            check_ids(where, "choices", [option.option_id for option in asked.choices])
            names = gaps(asked.text)
            if not names:
                raise mistake(where, "its `text` has no gap")
            check_ids(where, "gaps", names)
            if hots(asked.text) or places(asked.text):
                raise mistake(where, "its `text` has a place for something else than a gap")
        case Associate() | GraphicGapMatch():
            check_ids(where, "choices", [option.option_id for option in asked.choices])


def _unknown(sides: Sides, pair: Pair) -> str | None:
    for name, options in zip(pair, (sides.sources, sides.targets), strict=True):
        if name not in {option.option_id for option in options}:
            return name
    return None


def _check_worth(where: str, asked: Pairing) -> None:
    if not asked.weights:
        if asked.default_mpt:
            raise mistake(where, "`default_mpt` is the worth of pairs that `weights` do not name, and there are none")
        return
    if asked.wrong_mpt or asked.partial != "none":
        raise mistake(where, "`weights` say what each pair is worth: leave `wrong` and `partial` out")
    best = sum(one.worth_mpt for one in asked.weights if one.worth_mpt > 0)
    if best < asked.points_mpt and asked.default_mpt <= 0:
        raise mistake(where, f"`weights` give {best} thousandths at most, and the question has {asked.points_mpt}")


def check_hottext(where: str, asked: Hottext) -> None:
    """Raises `Refused(invalid_test)`."""
    found = hots(asked.text)
    ids = [name for name, _ in found]
    if not ids:
        raise mistake(where, "its `text` has nothing to choose")
    check_ids(where, "texts to choose", ids)
    if any("<pd-" in words for _, words in found) or gaps(asked.text) or places(asked.text):
        raise mistake(where, "its `text` has a place for something else than words to choose")
    if len(ids) > limits.MAX_ANSWER_OPTIONS:
        raise mistake(where, f"its `text` has {len(ids)} words to choose, and {limits.MAX_ANSWER_OPTIONS} is the most")
    if len(set(asked.correct)) != len(asked.correct) or not set(asked.correct) <= set(ids):
        raise mistake(where, "`correct` must name words to choose of its text, each once")
    if asked.max_choices is not None and not max(len(asked.correct), asked.min_choices) <= asked.max_choices:
        raise mistake(where, "`max_choices` is less than what is `correct`, or than `min_choices`")
    try:
        check_weights(asked)
    except ValueError as error:
        raise mistake(where, str(error)) from None


def composed_pairs(asked: Pairing) -> dict[str, object]:
    """Its ids in their one form, by field."""
    ids: dict[str, object] = {
        "correct": [_composed_pair(pair) for pair in asked.correct],
        "weights": [PairWorth(_composed_pair(one.pair), one.worth_mpt) for one in asked.weights],
    }
    if isinstance(asked, Match):
        ids |= {"rows": _composed_options(asked.rows), "columns": _composed_options(asked.columns)}
    elif isinstance(asked, GapMatch | Associate | GraphicGapMatch):
        ids["choices"] = _composed_options(asked.choices)
    return ids


def _composed_options(options: list[PairOption]) -> list[PairOption]:
    return [replace(option, option_id=normalize_id(option.option_id)) for option in options]


def _composed_pair(pair: Pair) -> Pair:
    return tuple(normalize_id(name) for name in pair)
