from hypothesis import given
from hypothesis import strategies as st

from clients.python.clock import Clock


def test_nothing_is_known_before_the_first_beat() -> None:
    assert Clock().server_ms(1_000) is None


def test_an_even_round_trip_gives_the_exact_offset() -> None:
    clock = Clock()
    clock.add(1_000, 51_020, 51_022, 1_042)
    assert clock.server_ms(2_000) == 52_000


def test_the_best_round_trip_wins_over_newer_ones() -> None:
    clock = Clock()
    clock.add(1_000, 51_005, 51_005, 1_010)
    clock.add(2_000, 52_150, 52_150, 2_200)
    assert clock.best is not None
    assert clock.best.round_trip_ms == 10
    assert clock.server_ms(0) == 50_000


def test_an_old_sample_leaves() -> None:
    clock = Clock()
    clock.add(1_000, 51_005, 51_005, 1_010)
    for t0 in range(2_000, 10_000, 1_000):
        clock.add(t0, t0 + 50_050, t0 + 50_050, t0 + 100)
    assert clock.best is not None
    assert clock.best.round_trip_ms == 100


def test_a_reply_from_before_the_question_is_dropped() -> None:
    clock = Clock()
    clock.add(1_000, 51_000, 51_000, 999)
    clock.add(1_000, 51_000, 51_500, 1_100)
    assert clock.best is None


def test_a_machine_that_slept_starts_to_measure_anew() -> None:
    clock = Clock()
    clock.add(1_000, 51_005, 51_005, 1_010)
    clock.add(2_000, 3_652_050, 3_652_050, 2_100)
    assert clock.server_ms(2_100) == 3_652_100


@given(
    offset=st.integers(-(10**9), 10**9),
    trips=st.lists(
        st.tuples(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 200)), min_size=1, max_size=8
    ),
)
def test_the_error_is_at_most_half_the_best_round_trip(offset: int, trips: list[tuple[int, int, int]]) -> None:
    clock = Clock()
    now = 10**10
    for there, back, work in trips:
        arrived = now + there
        clock.add(now, arrived + offset, arrived + work + offset, arrived + work + back)
        now += 10_000
    best = min(there + back for there, back, _ in trips)
    found = clock.server_ms(now)
    assert found is not None
    assert abs(found - (now + offset)) <= best / 2 + 1
