"""What a question must be besides what its types say. Each mistake is named, with where it is."""

from collections.abc import Callable, Collection
from typing import Any

from msgspec.structs import replace

from protocol.content import (
    Associate,
    ByHand,
    Choice,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    OneOf,
    Option,
    Order,
    Pairing,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Slider,
    TrueFalse,
    WithOptions,
    WithSpots,
    has_key,
)
from protocol.content.checked_ids import check_ids
from protocol.content.text import gaps, hots, places, plain_text
from protocol.ids import find_twins, normalize_id
from protocol.marking.checks import check_accepted, check_scale, check_weights
from protocol.mistakes import mistake
from protocol.pair_checks import check_hottext, check_pairs, composed_pairs
from protocol.picture_checks import check_on_picture, check_spots
from protocol.points import spell_points
from protocol.texts import shows_nothing


def check_question(question: Question, passage_ids: Collection[str]) -> None:
    """Raises `Refused(invalid_test)`."""
    where = f"question {question.question_id!r}"
    names = [asked.response_id for asked in question.interactions]
    check_ids(where, "parts", names)
    placed = places(question.body)
    for name in placed:
        if name not in names:
            raise mistake(where, f"its body has a place for {name!r}, and it has no such part")
        if placed.count(name) > 1:
            raise mistake(where, f"its body has two places for the part {name!r}")
    if gaps(question.body) or hots(question.body):
        raise mistake(where, "its body has a gap or words to choose: they stand in the `text` of an interaction")
    if question.passage_id is not None and question.passage_id not in passage_ids:
        raise mistake(where, f"the test has no passage {question.passage_id!r}")
    if question.scoring == "all" and len(names) < 2:
        raise mistake(where, "`scoring` concerns several parts, and it has one")
    if not names:
        _check_information(where, question)
    boundaries = [one.from_permille for one in question.score_feedback]
    if len(set(boundaries)) != len(boundaries):
        raise mistake(where, "`score_feedback` has two texts from the same share on")
    for asked in question.interactions:
        there = where if len(names) == 1 else f"{where}, part {asked.response_id!r}"
        if question.scored and not isinstance(asked, ByHand) and not has_key(asked):
            raise mistake(there, f"`{_key_of(asked)}` is missing, which says what is right")
        _check_interaction(there, asked)
    if question.scored and question.unanswered_mpt > question.points_mpt:
        raise mistake(where, "`unanswered` is more than its points")
    check_rubric(where, question)


def check_rubric(where: str, question: Question) -> None:
    """Raises `Refused(invalid_test)`, whose sentence begins with `where`."""
    if not question.rubric:
        return
    if not question.needs_person:
        raise mistake(where, "nobody marks it by hand, so that it has no use for a `rubric`")
    twins = find_twins([criterion.name for criterion in question.rubric])
    if twins is not None:
        raise mistake(where, f"two criteria of its `rubric` are called {twins[0]!r}")
    for criterion in question.rubric:
        if shows_nothing(criterion.name):
            raise mistake(where, "a criterion of its `rubric` has no name")
        if any(shows_nothing(level.says) for level in criterion.levels):
            raise mistake(where, f"its `rubric` says nothing of a level of {criterion.name!r}")
        worth = [level.points_mpt for level in criterion.levels]
        if len(set(worth)) != len(worth):
            raise mistake(where, f"two levels of the criterion {criterion.name!r} are worth the same")
    most = sum(criterion.max_mpt for criterion in question.rubric)
    if most != question.points_mpt:
        raise mistake(
            where,
            f"the best levels of its `rubric` are worth {spell_points(most)} together, and the question"
            f" {spell_points(question.points_mpt)}",
        )


def _key_of(asked: Interaction) -> str:
    match asked:
        case Numeric() | Slider():
            return "correct` or `accepted"
        case ShortText():
            return "accepted"
        case Point():
            return "areas"
        case _:
            return "correct"


def _check_information(where: str, question: Question) -> None:
    if question.required:
        raise mistake(where, "nothing is asked in it, so that it can't be `required`")
    if not question.scored:
        raise mistake(where, "nothing is asked in it, so that it never counts: leave `scored` out")
    if question.unanswered_mpt:
        raise mistake(where, "nothing is asked in it, so that nothing can be left `unanswered`")
    if question.has_feedback:
        raise mistake(where, "nothing is asked in it, so that there is no feedback to an answer")
    if shows_nothing(plain_text(question.body)) and "<img" not in question.body and "<math" not in question.body:
        raise mistake(where, "it asks nothing and shows nothing")


def _check_interaction(where: str, asked: Interaction) -> None:
    match asked:
        case SingleChoice() | InlineChoice():
            _check_options(where, asked, asked.right)
        case MultipleChoice():
            _check_options(where, asked, asked.correct)
            if asked.max_choices is not None and len(asked.correct) > asked.max_choices and not asked.weights_mpt:
                raise mistake(where, "`max_choices` is less than what is `correct`")
            if asked.min_choices > min(asked.max_choices or len(asked.options), len(asked.options)):
                raise mistake(where, "`min_choices` is more than can be chosen")
            if 0 < len(asked.correct) < asked.min_choices and not asked.weights_mpt:
                raise mistake(where, "`min_choices` is more than what is `correct`")
        case TrueFalse():
            if not set(asked.option_feedback) <= {"true", "false"}:
                raise mistake(where, "`option_feedback` is for `true` and `false`")
        case Order():
            ids = [option.option_id for option in asked.options]
            check_ids(where, "options", ids)
            if asked.correct and sorted(asked.correct) != sorted(ids):
                raise mistake(where, "`correct` must name every option once, in the right order")
        case Match() | GapMatch() | Associate() | GraphicGapMatch() | GraphicAssociate():
            if isinstance(asked, GraphicGapMatch | GraphicAssociate):
                check_spots(where, asked.picture, asked.spots)
            check_pairs(where, asked)
        case Hottext():
            check_hottext(where, asked)
        case Slider():
            _named(where, check_accepted, asked)
            _named(where, check_scale, asked)
        case Hotspot() | Point() | GraphicOrder():
            check_on_picture(where, asked)
        case Essay():
            if asked.min_words is not None and asked.max_words is not None and asked.min_words > asked.max_words:
                raise mistake(where, "`min_words` is more than `max_words`")
        case Numeric() | ShortText():
            _named(where, check_accepted, asked)


def _check_options(where: str, asked: SingleChoice | InlineChoice | MultipleChoice, correct: list[str]) -> None:
    ids = [option.option_id for option in asked.options]
    check_ids(where, "options", ids)
    for field, named in (("correct", correct), ("pinned", asked.pinned)):
        if len(set(named)) != len(named) or not set(named) <= set(ids):
            raise mistake(where, f"`{field}` must name options of the question, each once")
    if not set(asked.option_feedback) <= set(ids):
        raise mistake(where, "`option_feedback` must name options of the question")
    _named(where, check_weights, asked)
    if asked.pinned and not asked.shuffle:
        raise mistake(where, "`pinned` options are those that keep their place with `shuffle`, which is missing")


def _named(where: str, check: Callable[[Any], None], given: Interaction) -> None:
    try:
        check(given)
    except ValueError as error:
        raise mistake(where, str(error)) from None


def composed_question(question: Question) -> Question:
    """The question with its ids in their one form."""
    return replace(
        question,
        question_id=normalize_id(question.question_id),
        tags=[normalize_id(tag) for tag in question.tags],
        passage_id=None if question.passage_id is None else normalize_id(question.passage_id),
        interactions=[_composed(asked) for asked in question.interactions],
    )


def _composed(asked: Interaction) -> Interaction:
    ids: dict[str, object] = {"response_id": normalize_id(asked.response_id)}
    if isinstance(asked, WithOptions):
        ids["options"] = [Option(normalize_id(option.option_id), option.body) for option in asked.options]
    if isinstance(asked, Pairing):
        ids |= composed_pairs(asked)
    if isinstance(asked, WithSpots | GraphicGapMatch | GraphicAssociate):
        ids["spots"] = [replace(spot, spot_id=normalize_id(spot.spot_id)) for spot in asked.spots]
    if isinstance(asked, Choice):
        ids["pinned"] = [normalize_id(name) for name in asked.pinned]
        ids["option_feedback"] = {normalize_id(name): body for name, body in asked.option_feedback.items()}
    if isinstance(asked, Choice | Hottext | Hotspot):
        ids["weights_mpt"] = {normalize_id(name): worth for name, worth in asked.weights_mpt.items()}
    if isinstance(asked, OneOf):
        ids["correct"] = None if asked.correct is None else normalize_id(asked.correct)
    if isinstance(asked, MultipleChoice | Hottext | Order | Hotspot | GraphicOrder):
        ids["correct"] = [normalize_id(name) for name in asked.correct]
    return replace(asked, **ids)
