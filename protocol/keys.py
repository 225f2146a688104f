"""The keys of questions as people read them."""

from collections.abc import Iterator, Mapping

from protocol.content import (
    AcceptedNumber,
    Associate,
    ByHand,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    Interaction,
    Marked,
    Match,
    MultipleChoice,
    Numeric,
    OneOf,
    Order,
    Point,
    Question,
    ShortText,
    Slider,
    TrueFalse,
    Upload,
)
from protocol.content.interactions import Pairing
from protocol.content.text import escaped, hots
from protocol.marking.best import right_answer
from protocol.marking.near import sign_of
from protocol.marking.numbers import read_key
from protocol.marking.text import accepted_text
from protocol.rest.preview import InteractionKey, KeyLine, QuestionKey, ScoreLine


def key_of(question: Question) -> QuestionKey:
    """What is right, what it is worth, and what is said of it."""
    return QuestionKey(
        question_id=question.question_id,
        right=right_answer(question),
        interactions=[
            InteractionKey(
                response_id=asked.response_id,
                points_mpt=asked.points_mpt,
                lines=list(_lines(asked)),
                wrong_mpt=asked.wrong_mpt if isinstance(asked, Marked) else 0,
                guidance=asked.guidance if isinstance(asked, ByHand) else None,
            )
            for asked in question.interactions
        ],
        feedback=question.feedback,
        score_feedback=[
            ScoreLine(from_permille=one.from_permille, body=one.body) for one in question.score_feedback if one.body
        ],
        rubric=question.rubric,
    )


def _lines(asked: Interaction) -> Iterator[KeyLine]:
    match asked:
        case OneOf() | MultipleChoice():
            said = {option.option_id: option.body for option in asked.options}
            correct = asked.right if isinstance(asked, OneOf) else asked.correct
            yield from _of_choice(said, correct, asked.weights_mpt, asked.option_feedback)
        case Hottext():
            yield from _of_choice(dict(hots(asked.text)), asked.correct, asked.weights_mpt, {})
        case TrueFalse():
            for name, body in asked.option_feedback.items():
                worth = asked.points_mpt if (name == "true") is asked.correct else 0
                yield KeyLine(says=name.capitalize(), is_markup=False, points_mpt=worth, feedback=body)
        case Match() | GapMatch() | Associate() | GraphicGapMatch() | GraphicAssociate():
            yield from _of_pairs(asked)
        case Hotspot():
            labels = {spot.spot_id: escaped(spot.label or spot.spot_id) for spot in asked.spots}
            yield from _of_choice(labels, asked.correct, asked.weights_mpt, {})
        case Point():
            for place, area in enumerate(asked.areas, 1):
                says = f"{place}: {area.shape} {', '.join(map(str, area.coords))}"
                yield KeyLine(says=says, is_markup=False, points_mpt=area.worth_mpt, feedback=None)
        case Numeric() | Slider():
            for number in asked.accepted:
                worth = asked.points_mpt if number.points_mpt is None else number.points_mpt
                says = _number(number, asked)
                yield KeyLine(says=says, is_markup=False, points_mpt=worth, feedback=number.feedback)
        case ShortText():
            for text in map(accepted_text, asked.accepted):
                worth = asked.points_mpt if text.points_mpt is None else text.points_mpt
                yield KeyLine(says=text.text, is_markup=False, points_mpt=worth, feedback=text.feedback)
        case Order() | GraphicOrder() | Essay() | Upload():
            pass


def _of_choice(
    said: Mapping[str, str], correct: list[str], weights: Mapping[str, int], feedback: Mapping[str, str]
) -> Iterator[KeyLine]:
    for name, body in said.items():
        if name in correct or name in weights or name in feedback:
            worth = weights.get(name, 0) if weights else None if name in correct else 0
            yield KeyLine(says=body, is_markup=True, points_mpt=worth, feedback=feedback.get(name))


def _of_pairs(asked: Pairing) -> Iterator[KeyLine]:
    sides = asked.sides
    one = {option.option_id: option.body for option in sides.sources}
    # A gap shows nothing: it is told by its place in the text.
    other = {
        option.option_id: f"({place})" if isinstance(asked, GapMatch) else option.body
        for place, option in enumerate(sides.targets, 1)
    }
    worth = {tuple(weight.pair): weight.worth_mpt for weight in asked.weights}
    for pair in dict.fromkeys([*map(tuple, asked.correct), *worth]):
        says = f"{one[pair[0]]} {'↔' if sides.is_one else '→'} {other[pair[1]]}"
        points_mpt = worth.get(pair, asked.default_mpt) if worth else None
        yield KeyLine(says=says, is_markup=True, points_mpt=points_mpt, feedback=None)


def _number(accepted: AcceptedNumber, asked: Numeric | Slider) -> str:
    unit = f" {asked.unit}" if asked.unit else ""
    tolerance = read_key(accepted.tolerance, sign_of(asked))
    match accepted.within:
        case "significant":
            return f"{accepted.value}{unit}, to {tolerance} significant figures"
        case "relative":
            return f"{accepted.value}{unit} ± {float(tolerance * 100):g} %"
        case "absolute":
            return f"{accepted.value}{unit}" + (f" ± {accepted.tolerance}" if tolerance else "")
