"""Marks that a person gave, by keys that give other points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.content import Essay, Question, TrueFalse
from protocol.marking.by_hand import mark_now, worth_now
from protocol.rest.results import GivenOf, Mark


def worth(points_mpt: int) -> Question:
    return Question(question_id="q", body="Why?", interactions=[Essay(points_mpt=points_mpt)])


@pytest.mark.parametrize(
    ("score_mpt", "of_mpt", "max_mpt", "now_mpt"),
    [
        (4_000, 5_000, 5_000, 4_000),
        (4_000, 5_000, 10_000, 8_000),
        (4_000, 5_000, 0, 0),
        (1_000, 3_000, 1_000, 333),
        (2_000, 3_000, 1_000, 667),
        (1_000, 2_000, 1, 1),
        (0, 0, 0, 0),
        (0, 0, 5_000, None),
    ],
)
def test_the_share_stays(score_mpt: int, of_mpt: int, max_mpt: int, now_mpt: int | None) -> None:
    assert worth_now(score_mpt, of_mpt, worth(max_mpt)) == now_mpt


@pytest.mark.parametrize(
    ("points_mpt", "wrong_mpt", "floor_mpt", "now_mpt"),
    [
        (1_000, 250, None, -250),
        (2_000, 500, None, -500),
        (2_000, 400, None, -400),
        (2_000, 500, -300, -300),
        (1_000, 0, None, 0),
        (0, 250, None, 0),
    ],
)
def test_the_share_of_a_mark_below_zero_is_never_below_what_the_question_can_be_worth(
    points_mpt: int, wrong_mpt: int, floor_mpt: int | None, now_mpt: int
) -> None:
    question = Question(
        question_id="q",
        body="?",
        interactions=[TrueFalse(points_mpt=points_mpt, correct=True, wrong_mpt=wrong_mpt, min_mpt=floor_mpt)],
    )
    assert worth_now(-250, 1_000, question) == now_mpt


POINTS = st.integers(1, 1_000_000)


@given(st.data(), POINTS, POINTS)
def test_no_share_is_above_the_points_and_a_better_mark_is_not_worth_less(
    data: st.DataObject, of_mpt: int, max_mpt: int
) -> None:
    low, high = sorted(data.draw(st.tuples(st.integers(0, of_mpt), st.integers(0, of_mpt))))
    first, second = worth_now(low, of_mpt, worth(max_mpt)), worth_now(high, of_mpt, worth(max_mpt))
    assert first is not None
    assert second is not None
    assert 0 <= first <= second <= max_mpt
    assert worth_now(of_mpt, of_mpt, worth(max_mpt)) == max_mpt


def test_by_the_first_keys_again_it_is_what_was_given() -> None:
    mark = Mark(question_id="q", score_mpt=1_000, max_mpt=3_000, marked_by="mia", remark="")
    assert mark_now(mark, worth(1_000)) == 333
    smaller = Mark(
        question_id="q",
        score_mpt=333,
        max_mpt=1_000,
        marked_by="mia",
        remark="",
        given=GivenOf(score_mpt=1_000, max_mpt=3_000),
    )
    assert mark_now(smaller, worth(3_000)) == 1_000
