"""Whether a file can be named. Whether it was handed in is known where files are kept: the log has its name alone."""

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.media import HASH
from protocol.messages.base import PartValue
from protocol.paper import PaperUpload


def accept_file(_asked: PaperUpload, value: PartValue) -> PartValue | Refusal:
    """The hash of a file."""
    if not isinstance(value, str) or HASH.fullmatch(value) is None:
        return refuse(Code.WRONG_ANSWER_TYPE)
    return value
