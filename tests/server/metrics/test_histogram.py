"""Buckets hold what is at most their bound, and add up."""

from server.metrics.histogram import Histogram


def test_a_value_counts_in_the_first_bucket_that_holds_it_and_in_all_above() -> None:
    histogram = Histogram((1, 2.5, 5))
    for value in (0.5, 1, 2, 5, 7):
        histogram.observe(value)
    assert histogram.buckets() == [("1", 2), ("2.5", 3), ("5", 4), ("+Inf", 5)]
    assert (histogram.count, histogram.total) == (5, 15.5)


def test_an_unused_one_is_all_zero() -> None:
    assert Histogram((1,)).buckets() == [("1", 0), ("+Inf", 0)]
