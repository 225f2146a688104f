"""What a node says of itself, as a drill reads it."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from loadtest.drill.metrics import JOURNAL_QUEUE, LOOP_LAG, Figures
from server.metrics.histogram import Histogram


class Lag(Collector):
    """As the server tells the lag of its loop."""

    def __init__(self) -> None:
        self.histogram = Histogram((0.001, 0.01, 0.1, 1.0))

    def collect(self) -> list[HistogramMetricFamily]:
        family = HistogramMetricFamily("pencilsdown_loop_lag_seconds", "How late the event loop was.")
        family.add_metric((), self.histogram.buckets(), self.histogram.total)
        return [family]

    @property
    def page(self) -> str:
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry).decode()


def test_the_worst_lag_since_the_last_look() -> None:
    lag, figures = Lag(), Figures()
    for late_s, told_ms in ((0.0005, 1), (0.05, 100), (0.002, 10)):
        lag.histogram.observe(0.0002)
        lag.histogram.observe(late_s)
        assert figures.read(lag.page)[LOOP_LAG] == told_ms


def test_a_lag_beyond_every_bucket_is_all_the_time_that_was_lost() -> None:
    lag, figures = Lag(), Figures()
    lag.histogram.observe(0.5)
    figures.read(lag.page)
    lag.histogram.observe(7.25)
    assert figures.read(lag.page)[LOOP_LAG] == 7_250


def test_without_a_new_measurement_there_is_none() -> None:
    lag, figures = Lag(), Figures()
    lag.histogram.observe(0.5)
    assert LOOP_LAG in figures.read(lag.page)
    assert LOOP_LAG not in figures.read(lag.page)


def test_a_node_that_was_started_anew_counts_from_nothing() -> None:
    lag, figures = Lag(), Figures()
    for _ in range(5):
        lag.histogram.observe(5.0)
    figures.read(lag.page)
    lag.histogram = Histogram((0.001, 0.01, 0.1, 1.0))
    lag.histogram.observe(0.05)
    assert figures.read(lag.page)[LOOP_LAG] == 100


def test_queues_are_read_and_what_is_not_watched_is_not() -> None:
    page = "pencilsdown_journal_queue_records 17.0\npencilsdown_draining 1.0\n"
    assert Figures().read(page) == {JOURNAL_QUEUE: 17}
