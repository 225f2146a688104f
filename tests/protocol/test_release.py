"""When a candidate sees the marks of single questions."""

import pytest

from protocol.content import Rules
from protocol.release import marks_from_ms

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("closes_at_ms", "sat_until_ms", "from_ms"),
    [
        (None, None, None),
        (None, NOW + 5, None),
        (NOW, None, NOW + 2_000),
        (NOW - 2_000, None, None),
        (NOW - 2_000, NOW + 3_600_000, NOW + 3_602_000),
        # Whoever is paused or has no limit may sit for long; whoever is being collected is done in a moment.
        (NOW - 2_000, 0, NOW + 60_000),
        (NOW - 2_000, NOW - 1, NOW + 60_000),
    ],
    ids=["no window", "no window, sat", "open", "over", "more time", "no deadline", "just ended"],
)
def test_when_the_marks_of_questions_are_shown(
    closes_at_ms: int | None, sat_until_ms: int | None, from_ms: int | None
) -> None:
    rules = Rules(closes_at_ms=closes_at_ms, grace_ms=2_000)
    assert marks_from_ms(rules, NOW, sat_until_ms) == from_ms
