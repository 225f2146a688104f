"""Whether a file can be named. Whether it was handed in is known where files are kept: the log has its name alone."""

import re
from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.messages.base import PartValue
from protocol.paper import PaperUpload

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def accept_file(_asked: PaperUpload, value: PartValue) -> PartValue | Refusal:
    """The hash of a file."""
    if not isinstance(value, str) or _HASH.fullmatch(value) is None:
        return refuse(Code.WRONG_ANSWER_TYPE)
    return value
