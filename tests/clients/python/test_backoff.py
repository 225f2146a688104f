from hypothesis import given
from hypothesis import strategies as st

from clients.python.backoff import Backoff


def test_bounds_double_up_to_the_cap() -> None:
    backoff = Backoff(lambda: 0.5, base_ms=100, cap_ms=1_000)
    assert [backoff.next_ms() for _ in range(6)] == [50, 100, 200, 400, 500, 500]


def test_a_success_starts_again_from_the_base() -> None:
    backoff = Backoff(lambda: 0.5, base_ms=100, cap_ms=1_000)
    for _ in range(4):
        backoff.next_ms()
    backoff.reset()
    assert backoff.next_ms() == 50


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 60_000), st.integers(1, 600_000), st.integers(0, 200))
def test_no_wait_is_longer_than_the_cap(chance: float, base_ms: int, cap_ms: int, tries: int) -> None:
    backoff = Backoff(lambda: chance, base_ms, cap_ms)
    assert all(0 <= backoff.next_ms() <= cap_ms for _ in range(tries))
