"""Whether an answer fits its question. `marking` judges whether it is right."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from protocol.answering.choosing import accept_hot, accept_one, accept_several
from protocol.answering.handing import accept_file
from protocol.answering.ordering import accept_order
from protocol.answering.pairing import accept_pairs
from protocol.answering.pointing import accept_points, accept_spot_order, accept_spots
from protocol.answering.sliding import accept_scaled
from protocol.answering.typing import accept_essay, accept_text
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue, Value
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
    PaperPoint,
    PaperQuestion,
    PaperShortText,
    PaperSingleChoice,
    PaperSlider,
    PaperTrueFalse,
    PaperUpload,
)

_ACCEPTS: Final[dict[type[PaperInteraction], Callable[[Any, Any], PartValue | Refusal]]] = {
    PaperSingleChoice: accept_one,
    PaperInlineChoice: accept_one,
    PaperMultipleChoice: accept_several,
    PaperTrueFalse: accept_one,
    PaperHottext: accept_hot,
    PaperOrder: accept_order,
    PaperMatch: accept_pairs,
    PaperGapMatch: accept_pairs,
    PaperAssociate: accept_pairs,
    PaperNumeric: accept_text,
    PaperShortText: accept_text,
    PaperEssay: accept_essay,
    PaperSlider: accept_scaled,
    PaperHotspot: accept_spots,
    PaperPoint: accept_points,
    PaperGraphicOrder: accept_spot_order,
    PaperGraphicGapMatch: accept_pairs,
    PaperGraphicAssociate: accept_pairs,
    PaperUpload: accept_file,
}


def accept(question: PaperQuestion, value: Value) -> Value | Refusal:
    """The answer as it is kept, in words of the question (`in_words_of`), or why it does not fit. Nil, which takes an
    answer back, always fits."""
    if value is None:
        return None
    interactions = question.interactions
    if len(interactions) == 1:
        one = interactions[0]
        return _ACCEPTS[type(one)](one, value)
    if not interactions:
        return refuse(Code.WRONG_ANSWER_TYPE, "Nothing is asked here.")
    if not isinstance(value, dict):
        return refuse(Code.WRONG_ANSWER_TYPE, "This question has several parts: its answer names each of them.")
    known = {interaction.response_id: interaction for interaction in interactions}
    record: dict[str, PartValue] = {}
    for response_id, part in value.items():
        asked = known.get(response_id)
        if asked is None:
            return refuse(Code.UNKNOWN_PART)
        found = _ACCEPTS[type(asked)](asked, part)
        if isinstance(found, Refusal):
            return found
        record[asked.response_id] = found
    return record


def in_words_of(words: Mapping[str, str], value: Value) -> Value:
    """The same value, its ids as the objects of a paper's index: a thousand candidates then share one text of each."""
    if isinstance(value, dict):
        return {words.get(response_id, response_id): _in_words_of(words, part) for response_id, part in value.items()}
    return value if value is None else _in_words_of(words, value)


def _in_words_of(words: Mapping[str, str], part: PartValue) -> PartValue:
    if isinstance(part, str):
        return words.get(part, part)
    return [
        words.get(one, one) if isinstance(one, str) else tuple([words.get(end, end) for end in one]) for one in part
    ]
