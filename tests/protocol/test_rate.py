"""The bucket lets a burst through, then its rate, and says how long to wait."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.rate import Bucket


def test_a_burst_and_then_the_rate() -> None:
    bucket = Bucket(2, 5)
    assert [bucket.charge(1_000) for _ in range(6)] == [0, 0, 0, 0, 0, 500]
    assert bucket.debt_ms(1_499) == 1
    assert bucket.debt_ms(1_500) == 0
    assert bucket.charge(1_500) == 500


def test_a_look_costs_nothing() -> None:
    bucket = Bucket(1, 1)
    bucket.charge(0)
    assert [bucket.debt_ms(at_ms) for at_ms in (0, 0, 999)] == [0, 0, 0]
    bucket.charge(0)
    assert [bucket.debt_ms(at_ms) for at_ms in (0, 0, 999, 1_000)] == [1_000, 1_000, 1, 0]


def test_it_never_holds_more_than_a_burst() -> None:
    bucket = Bucket(1_000, 3)
    assert [bucket.charge(10**9) for _ in range(5)] == [0, 0, 0, 1, 2]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1, 1)
    bucket.charge(10_000)
    bucket.charge(10_000)
    assert bucket.debt_ms(0) > bucket.debt_ms(10_000) == 1_000


def test_rates_by_the_minute_and_costs_of_any_size() -> None:
    strikes = Bucket(6, 2, per_s=60)
    assert [strikes.charge(0) for _ in range(4)] == [0, 0, 10_000, 20_000]
    octets = Bucket(1_000, 5_000)
    assert [octets.charge(0, 5_000), octets.charge(0, 250), octets.charge(0, 0)] == [0, 250, 250]


def test_a_full_one_is_like_a_new_one() -> None:
    bucket = Bucket(10, 10)
    assert bucket.is_full(0)
    bucket.charge(0, 5)
    assert [bucket.is_full(at_ms) for at_ms in (0, 499, 500)] == [False, False, True]


@given(
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(1, 5)), max_size=60),
    st.integers(1, 50),
    st.integers(1, 20),
)
def test_whoever_waits_as_told_keeps_to_the_rate(steps: list[tuple[int, int]], per_second: int, burst: int) -> None:
    bucket, now_ms, taken = Bucket(per_second, burst), 0, 0
    for gap_ms, cost in steps:
        now_ms += gap_ms
        now_ms += bucket.debt_ms(now_ms)
        # What was taken before now; the last cost may be a debt.
        assert taken <= burst + now_ms * per_second / 1_000 + 0.01
        bucket.charge(now_ms, cost)
        taken += cost
