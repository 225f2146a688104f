"""Whether an order has every option once."""

from protocol.answering.choosing import own_ids
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperOrder


def accept_order(asked: PaperOrder, value: PartValue) -> PartValue | Refusal:
    """All options, each once, as the paper's own objects; or none, which is no answer."""
    if not isinstance(value, list):
        return refuse(Code.WRONG_ANSWER_TYPE)
    order = own_ids(asked, value)
    if order != value:
        return refuse(Code.UNKNOWN_OPTION)
    if value and (len(value) != len(asked.options) or len(set(value)) != len(value)):
        return refuse(Code.WRONG_ANSWER_TYPE, "Every option must stand in the order, each once.")
    return order
