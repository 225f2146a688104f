"""What a candidate may see of her result, and when."""

from typing import Final

from msgspec.structs import replace

from protocol.content import Rules
from protocol.rest import Result

_ASK_AGAIN_MS: Final = 60_000


def window_ends_ms(rules: Rules) -> int | None:
    """When the last paper that is on time has come in; None: the test has no window."""
    return None if rules.closes_at_ms is None else rules.closes_at_ms + rules.grace_ms


def marks_from_ms(rules: Rules, now_ms: int, sat_until_ms: int | None) -> int | None:
    """When to ask again for the marks of single questions, which tell the answers; None: they are shown now. A test
    with a window is over when its window is, and when nobody sits it any more: staff may have given somebody more time.
    `sat_until_ms`: the latest deadline of those who sit it, 0 where there is none; None: nobody sits it."""
    ends_ms = window_ends_ms(rules)
    if ends_ms is None:
        return None
    if now_ms < ends_ms:
        return ends_ms
    return None if sat_until_ms is None else max(sat_until_ms + rules.grace_ms, now_ms + _ASK_AGAIN_MS)


def for_candidate(result: Result, from_ms: int | None) -> Result:
    """The part of a complete result that its candidate may see: never the marker's name, and no marks of single
    questions before `from_ms` (None: all of them)."""
    if from_ms is not None:
        return replace(result, marks=[], marks_from_ms=from_ms)
    return replace(result, marks=[replace(mark, marked_by=None) for mark in result.marks])
