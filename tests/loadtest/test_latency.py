from hypothesis import given
from hypothesis import strategies as st

from loadtest.latency import Latency


def test_without_measurements_there_is_nothing_to_tell() -> None:
    assert Latency().percentile_ms(99) == 0.0


@given(st.lists(st.floats(0.01, 3_600_000), min_size=1, max_size=300), st.sampled_from((1.0, 50.0, 99.0, 100.0)))
def test_percentiles_are_right_to_a_bucket(values: list[float], percent: float) -> None:
    latency = Latency()
    for value in values:
        latency.add(value)
    exact = sorted(values)[max(1, -(-len(values) * int(percent) // 100)) - 1]
    found = latency.percentile_ms(percent)
    assert exact * 0.98 - 0.001 <= found <= exact * 1.0205 + 0.001
    assert latency.max_ms == max(values)
    assert latency.count == len(values)


@given(st.floats(-1, 10**12))
def test_any_number_is_counted(value: float) -> None:
    latency = Latency()
    latency.add(value)
    assert latency.count == 1
