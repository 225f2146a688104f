"""When a clock is not good enough to delete by."""

import pytest

from protocol.rules.ages import MOST_APART_MS, MOST_LEAP_MS, Doubt, doubt

NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(
    ("known_ms", "apart_ms", "expected"),
    [
        (None, 0, None),
        (NOW_MS, MOST_APART_MS, None),
        (NOW_MS, MOST_APART_MS + 1, Doubt.APART),
        (NOW_MS, -MOST_APART_MS - 1, Doubt.APART),
        (NOW_MS - MOST_LEAP_MS, 0, None),
        (NOW_MS - MOST_LEAP_MS - 1, 0, Doubt.LEAPT),
        # A clock that is behind deletes too little.
        (NOW_MS + 10 * MOST_LEAP_MS, 0, None),
    ],
)
def test_what_speaks_against_it(known_ms: int | None, apart_ms: int, expected: Doubt | None) -> None:
    assert doubt(NOW_MS, known_ms=known_ms, apart_ms=apart_ms) == expected
