"""Figures meet their goals, and medians are taken of them."""

from loadtest.bench.figure import Figure, medians


def test_a_figure_with_a_ratio_is_judged_by_it() -> None:
    good = Figure.times("cost", 90.0, "µs", bare=100.0, goal=1.0)
    assert (good.value, good.ratio, good.goal, good.met) == (90.0, 0.9, 1.0, True)
    assert Figure.times("cost", 101.0, "µs", bare=100.0, goal=1.0).met is False


def test_a_figure_without_a_ratio_is_judged_by_its_value() -> None:
    assert Figure.at_most("wait", 10.0, "ms", 10.0).met is True
    assert Figure.at_most("wait", 10.1, "ms", 10.0).met is False


def test_what_is_only_told_is_not_judged() -> None:
    assert Figure.told("rate", 5.0, "/s").met is None


def test_of_each_figure_the_median_counts_and_of_ratios_that_of_the_ratios() -> None:
    """Each round has its own bare server: in the slow round both were slow."""
    rounds = [
        [Figure.times("cost", value, "µs", bare, 1.0), Figure.told("rate", value, "/s")]
        for value, bare in ((90.0, 100.0), (300.0, 250.0), (95.0, 100.0))
    ]
    cost, rate = medians(rounds)
    assert (cost.value, cost.ratio, cost.met) == (95.0, 0.95, True)
    assert (rate.value, rate.ratio, rate.met) == (95.0, None, None)


def test_of_some_figures_the_goal_is_the_least() -> None:
    fast = Figure.times_at_least("rate", 400.0, "/s", bare=100.0, goal=4.0)
    slow = Figure.times_at_least("rate", 399.0, "/s", bare=100.0, goal=4.0)
    assert (fast.ratio, fast.met, slow.met) == (4.0, True, False)
    assert [one.met for one in medians([[slow], [fast], [fast]])] == [True]
