"""Whether an answer says anything."""

from collections.abc import Sequence

from protocol.messages.base import PartValue, Value
from protocol.seen import shows


def is_blank(value: Value) -> bool:
    """Whether the question counts as not answered: the value is nil, has no option, or shows nothing: it has white
    space and invisible characters alone. A record is blank where all of its parts are."""
    if not isinstance(value, str):
        return not value or (isinstance(value, dict) and all(map(is_blank, value.values())))
    # Nearly every answer begins with a character that is seen: asked first, since it costs a quarter.
    return not " " < value[:1] < "\x80" and not shows(value)


def count_answered(value: Value) -> int:
    """How many interactions of its question the answer says something to."""
    if isinstance(value, dict):
        return sum(not is_blank(part) for part in value.values())
    return 0 if is_blank(value) else 1


def parts_of(value: Value, response_ids: Sequence[str]) -> list[PartValue | None]:
    """The answers to a question's interactions, in the order of their response ids; nil: there is none."""
    if isinstance(value, dict):
        return [value.get(name) for name in response_ids] if len(response_ids) > 1 else [None] * len(response_ids)
    return [value] if len(response_ids) == 1 else [None] * len(response_ids)
