from typing import Any

import pytest

from protocol.content import AcceptedNumber, AcceptedText, Associate, Match, Numeric, PairOption, PairWorth, ShortText
from protocol.lint.points import correct_is_not_best, key_never_counts, unreachable_points
from tests.protocol.lint.made import content, q

ROWS = [PairOption("r", "R", 1), PairOption("s", "S", 1)]
COLUMNS = [PairOption("k", "K"), PairOption("l", "L")]


def weighed(worth: dict[tuple[str, str], int], **more: Any) -> Match:
    weights = [PairWorth(pair, mpt) for pair, mpt in worth.items()]
    fields = {"rows": ROWS, "columns": COLUMNS, "correct": [next(iter(worth))], "weights": weights, **more}
    return Match(points_mpt=2_000, **fields)


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        (weighed({("r", "k"): 1_000, ("s", "l"): 1_000}), None),
        # Each row takes one column alone.
        (weighed({("r", "k"): 1_000, ("r", "l"): 1_000}), "1"),
        (weighed({("r", "k"): 1_000, ("s", "l"): 1_000}, max_pairs=1), "1"),
        (weighed({("r", "k"): 500, ("s", "l"): 1_500}, columns=[PairOption("k", "K", 1), PairOption("l", "L")]), None),
        (weighed({("r", "k"): 500}, default_mpt=500), "1"),
        (weighed({("r", "k"): 500}, default_mpt=1_500), None),
    ],
)
def test_points_that_no_answer_gives_are_found(asked: Match, most: str | None) -> None:
    says = [one.says for one in unreachable_points(content(q(asked)))]
    assert says == ([] if most is None else [f"The best answer gives {most} of 2 points."])


def test_pairs_in_no_direction_are_counted_once() -> None:
    choices = [PairOption(name, name, 1) for name in "abc"]
    weights = [PairWorth(("a", "b"), 1_000), PairWorth(("b", "c"), 1_000)]
    asked = Associate(choices=choices, correct=[("a", "b")], weights=weights, points_mpt=2_000)
    [found] = unreachable_points(content(q(asked)))
    assert found.says == "The best answer gives 1 of 2 points."


def test_a_right_answer_that_is_not_the_best_is_found() -> None:
    asked = weighed({("r", "k"): 500, ("s", "l"): 1_500, ("s", "k"): 500})
    [found] = correct_is_not_best(content(q(asked)))
    assert found.says == "What is `correct` gives 0.5 of 2 points."
    whole = weighed({("r", "k"): 500, ("s", "l"): 1_500}, correct=[("r", "k"), ("s", "l")])
    assert not list(correct_is_not_best(content(q(whole))))


def test_texts_that_a_better_one_hides_are_found() -> None:
    asked = ShortText(
        accepted=[
            "Paris",
            AcceptedText(text="paris", points_mpt=500),
            AcceptedText(text="Lutetia", points_mpt=500),
            AcceptedText(text="Lut*", pattern=True, points_mpt=700),
        ]
    )
    assert [one.says[:17] for one in key_never_counts(content(q(asked)))] == ["Accepted answer 2", "Accepted answer 3"]


@pytest.mark.parametrize(
    ("own", "other", "hidden"),
    [
        (("10", "0", "absolute"), ("10", "1", "absolute"), True),
        (("10", "1", "absolute"), ("10", "1", "absolute"), True),
        (("10", "2", "absolute"), ("10", "1", "absolute"), False),
        (("10", "0.1", "relative"), ("10", "1", "absolute"), True),
        (("9.8", "0", "absolute"), ("9.81", "2", "significant"), True),
        (("9.81", "2", "significant"), ("9.81", "5", "absolute"), False),
    ],
)
def test_numbers_that_a_better_one_hides_are_found(own: tuple[str, str, Any], other: Any, hidden: bool) -> None:
    accepted = [
        AcceptedNumber(value=value, tolerance=tolerance, within=within, points_mpt=points)
        for (value, tolerance, within), points in ((own, 500), (other, 1_000))
    ]
    assert len(list(key_never_counts(content(q(Numeric(accepted=accepted)))))) == hidden
