"""Whether options were chosen that an interaction has."""

from protocol.codes import Code
from protocol.content.text import hots
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperHottext, PaperMultipleChoice, PaperOptions


def accept_one(asked: PaperOptions, value: PartValue) -> PartValue | Refusal:
    """One option, as the paper's own object."""
    if not isinstance(value, str):
        return refuse(Code.WRONG_ANSWER_TYPE)
    for option in asked.options:
        if option.option_id == value:
            return option.option_id
    return refuse(Code.UNKNOWN_OPTION)


def accept_several(asked: PaperMultipleChoice, value: PartValue) -> PartValue | Refusal:
    """A set of options, as the paper's own objects."""
    if not isinstance(value, list):
        return refuse(Code.WRONG_ANSWER_TYPE)
    if len(set(value)) != len(value):
        return refuse(Code.WRONG_ANSWER_TYPE, "An option is named twice.")
    chosen = own_ids(asked, value)
    if chosen != value:
        return refuse(Code.UNKNOWN_OPTION)
    return _too_many(chosen, asked.max_choices) or chosen


def accept_hot(asked: PaperHottext, value: PartValue) -> PartValue | Refusal:
    """Words of a text, by their ids."""
    if not isinstance(value, list):
        return refuse(Code.WRONG_ANSWER_TYPE)
    if len(set(value)) != len(value):
        return refuse(Code.WRONG_ANSWER_TYPE, "An option is named twice.")
    known = {name for name, _ in hots(asked.text)}
    if not known.issuperset(value):
        return refuse(Code.UNKNOWN_OPTION)
    return _too_many(value, asked.max_choices) or value


def _too_many(chosen: PartValue, most: int | None) -> Refusal | None:
    if most is None or len(chosen) <= most:
        return None
    return refuse(Code.TOO_MANY_CHOICES, f"At most {most} can be chosen.")


def own_ids(asked: PaperOptions, value: PartValue) -> PartValue:
    """The same value, its options as the paper's own objects: a thousand candidates then share one text of each."""
    if isinstance(value, list):
        return [option.option_id for option_id in value for option in asked.options if option.option_id == option_id]
    for option in asked.options:
        if option.option_id == value:
            return option.option_id
    return value
