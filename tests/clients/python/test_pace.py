from hypothesis import given
from hypothesis import strategies as st

from clients.python.pace import Pace
from protocol import limits


def test_a_burst_goes_at_once_then_one_after_another() -> None:
    pace = Pace(per_second=10, burst=3)
    assert [pace.take(0) for _ in range(4)] == [True, True, True, False]
    assert pace.wait_ms() == 100
    assert not pace.take(99)
    assert pace.take(100)


@given(st.lists(st.integers(0, 400), max_size=300))
def test_the_wait_is_exact(steps: list[int]) -> None:
    pace = Pace(per_second=7, burst=2)
    now = 0
    for step in steps:
        now += step
        if not pace.take(now):
            wait = pace.wait_ms()
            assert wait >= 1
            assert pace.take(now + wait)
            now += wait


@given(st.lists(st.integers(0, 200), min_size=1, max_size=400))
def test_no_second_has_more_than_the_server_allows(steps: list[int]) -> None:
    pace = Pace()
    now, sent = 0, []
    for step in steps:
        now += step
        while pace.take(now):
            sent.append(now)
    for instant in sent:
        in_a_second = sum(instant <= other < instant + 1_000 for other in sent)
        assert in_a_second < limits.RATE_BURST + limits.RATE_PER_SECOND
