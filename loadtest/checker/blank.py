"""Whether an answer counts as none: the checker's own reading of PROTOCOL.md."""

import re
from typing import Any, Final

_NOTHING: Final = re.compile(
    "[\t-\r \x85\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def is_blank(value: Any) -> bool:
    """Not answered, as PROTOCOL.md says it: nothing, no option, nothing that shows, or a record of such parts."""
    return answered(value) == 0


def answered(value: Any) -> int:
    """How many parts of the answer say something."""
    if isinstance(value, dict):
        return sum(map(answered, value.values()))
    return int(_NOTHING.fullmatch(value) is None if isinstance(value, str) else bool(value))
