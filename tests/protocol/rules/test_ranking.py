"""Ranks on a leaderboard: ties share one, and as many behind it are left out."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.ranking import Contender, ranked

TIMES = st.none() | st.integers(0, 3)
SCORES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([4, 8]), TIMES), max_size=12)


def contenders(scores: list[tuple[int, int, int | None]]) -> list[Contender]:
    return [
        Contender(f"user-{number}", number, None, None, score, most, time_ms)
        for number, (score, most, time_ms) in enumerate(scores, 1)
    ]


def ranks(scores: list[tuple[int, int, int | None]], *, by_time: bool = False) -> list[tuple[int, int]]:
    """Rank and number, as they are shown."""
    return [(rank, one.number) for rank, one in ranked(contenders(scores), by_time=by_time)]


def beats(one: Contender, other: Contender, *, by_time: bool) -> bool:
    mine, hers = one.score_mpt * (other.max_mpt or 1), other.score_mpt * (one.max_mpt or 1)
    if mine != hers or not by_time:
        return mine > hers
    if one.time_ms is None or other.time_ms is None:
        return one.time_ms is not None and other.time_ms is None
    return one.time_ms < other.time_ms


def test_ties_share_a_rank_and_the_next_is_left_out() -> None:
    assert ranks([(3, 4, 9), (4, 4, 9), (3, 4, 1), (2, 4, 1)]) == [(1, 2), (2, 1), (2, 3), (4, 4)]
    assert ranks([(3, 4, 9), (4, 4, 9), (3, 4, 1), (2, 4, 1)], by_time=True) == [(1, 2), (2, 3), (3, 1), (4, 4)]


def test_papers_of_different_worth_are_compared_by_their_shares() -> None:
    assert ranks([(5, 10, None), (4, 8, None), (5, 8, None)]) == [(1, 3), (2, 1), (2, 2)]
    assert ranks([(0, 0, None), (0, 8, None)]) == [(1, 1), (1, 2)]


def test_whose_time_nobody_knows_comes_behind_equal_scores() -> None:
    assert ranks([(3, 4, None), (3, 4, 7), (3, 4, None)], by_time=True) == [(1, 2), (2, 1), (2, 3)]


@given(SCORES, st.booleans(), st.randoms(use_true_random=False))
def test_a_rank_is_one_more_than_how_many_are_better(
    scores: list[tuple[int, int, int | None]], by_time: bool, chance: object
) -> None:
    everybody = contenders(scores)
    found = ranked(everybody, by_time=by_time)
    assert sorted(one.number for _, one in found) == [one.number for one in everybody]
    for rank, one in found:
        assert rank == 1 + sum(beats(other, one, by_time=by_time) for other in everybody)
    assert [rank for rank, _ in found] == sorted(rank for rank, _ in found)
    mixed = list(everybody)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert ranked(mixed, by_time=by_time) == found, "the order in which they came tells nothing"
