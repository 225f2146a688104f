"""Whether options were chosen that an interaction has."""

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperMultipleChoice, PaperOptions


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
    return chosen if chosen == value else refuse(Code.UNKNOWN_OPTION)


def own_ids(asked: PaperOptions, value: PartValue) -> PartValue:
    """The same value, its options as the paper's own objects: a thousand candidates then share one text of each."""
    if isinstance(value, list):
        return [option.option_id for option_id in value for option in asked.options if option.option_id == option_id]
    for option in asked.options:
        if option.option_id == value:
            return option.option_id
    return value
