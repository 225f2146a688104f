"""Visits are packed, and none is lost by it."""

from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.attempt.visits import read_visits, with_visit

VISITS = st.lists(st.tuples(st.integers(0, limits.MAX_QUESTIONS), st.integers(0, 2**48 - 1)), max_size=300)


@given(VISITS)
def test_the_newest_come_back_as_they_were(visits: list[tuple[int, int]]) -> None:
    packed = b""
    for question_index, at_ms in visits:
        packed = with_visit(packed, question_index, at_ms)
    assert read_visits(packed) == visits[-limits.MAX_HISTORY :]
