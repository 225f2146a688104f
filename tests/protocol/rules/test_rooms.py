"""Which tests are sat in a span of time."""

import pytest

from protocol.rules.rooms import runs_within


@pytest.mark.parametrize(
    ("opens", "closes", "runs"),
    [
        (None, None, False),
        (10, 20, True),
        (5, 10, False),
        (5, 11, True),
        (20, 30, True),
        (21, 30, False),
        (1, 99, True),
        (15, None, True),
        (5, None, False),
        (None, 15, True),
        (None, 25, False),
        (None, 5, False),
    ],
)
def test_a_window_says_whether_a_test_is_of_a_day(opens: int | None, closes: int | None, runs: bool) -> None:
    assert runs_within(opens, closes, 10, 20) is runs
