"""The bucket lets a burst through, then its rate, and forgives a clock that goes back."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.rate import Bucket


def test_a_burst_and_then_the_rate() -> None:
    bucket = Bucket(2, 5, 1_000)
    assert [bucket.take(1_000) for _ in range(6)] == [True] * 5 + [False]
    assert not bucket.take(1_499)
    assert bucket.take(1_500)
    assert not bucket.take(1_999)
    assert bucket.take(2_000)


def test_what_is_refused_costs_nothing() -> None:
    bucket = Bucket(1, 1, 0)
    assert bucket.take(0)
    assert not any(bucket.take(at_ms) for at_ms in range(1, 1_000))
    assert bucket.take(1_000)


def test_it_never_holds_more_than_a_burst() -> None:
    bucket = Bucket(1_000, 3, 0)
    assert sum(bucket.take(10**9) for _ in range(10)) == 3


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1, 1, 10_000)
    assert bucket.take(10_000)
    assert not bucket.take(0)
    assert not bucket.take(10_999)
    assert bucket.take(11_000)


@given(st.lists(st.integers(0, 2_000), max_size=60), st.integers(1, 50), st.integers(1, 20))
def test_nobody_gets_more_than_the_burst_and_the_rate(gaps: list[int], per_second: int, burst: int) -> None:
    bucket, now_ms, passed = Bucket(per_second, burst, 0), 0, 0
    for gap_ms in gaps:
        now_ms += gap_ms
        passed += bucket.take(now_ms)
    assert passed <= burst + now_ms * per_second / 1_000
