"""Choosing spots of a picture and setting points on it: what is an answer, and what one is worth."""

from itertools import combinations
from typing import Any

import pytest

from protocol.answering import PaperIndex, accept, in_words_of
from protocol.attempt.paper import on_paper
from protocol.codes import Code
from protocol.content import Hotspot, Point, Question, Spot, TestContent, WorthArea
from protocol.content_checks import check_test
from protocol.errors import Refusal
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import Chosen, Value
from tests.protocol.pictures import PICTURE, SPOTS, fault_of


def hotspot(**more: Any) -> Question:
    fields = {"picture": PICTURE, "spots": SPOTS, "correct": ["b"]}
    return Question(question_id="q", body="?", interactions=[Hotspot(**{**fields, **more})])


def area(shape: Any, coords: list[int], worth_mpt: int | None = None) -> WorthArea:
    return WorthArea(shape=shape, coords=coords, worth_mpt=worth_mpt)


def point(*areas: WorthArea, **more: Any) -> Question:
    return Question(question_id="q", body="?", interactions=[Point(picture=PICTURE, areas=list(areas), **more)])


def content(question: Question) -> TestContent:
    return TestContent(title="T", questions=[question])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (["a"], None),
        (["d", "a"], None),
        ([], None),
        (None, None),
        ("a", Code.WRONG_ANSWER_TYPE),
        (["a", "a"], Code.WRONG_ANSWER_TYPE),
        (["e"], Code.UNKNOWN_OPTION),
        ([("a", "b")], Code.UNKNOWN_OPTION),
        (["a", "b", "c"], Code.TOO_MANY_CHOICES),
    ],
)
def test_spots_are_chosen_that_the_picture_has(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(hotspot(max_choices=2)), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


def test_a_kept_choice_has_the_papers_own_ids() -> None:
    asked = on_paper(hotspot())
    kept = in_words_of(PaperIndex([asked]).words, ["".join("b")])
    assert isinstance(kept, list)
    assert kept[0] is SPOTS[1].spot_id


@pytest.mark.parametrize(
    ("fields", "chosen", "score_mpt"),
    [
        ({}, "b", 1_000),
        ({}, "a", -100),
        ({"correct": ["a", "b"]}, "a", 1_000),
        ({"correct": ["a", "b"], "max_choices": 2}, "a", -100),
        ({"correct": ["a", "b"], "max_choices": 2}, "ba", 1_000),
        ({"correct": ["a", "b"], "max_choices": None, "partial": True}, "a", 500),
        ({"correct": ["a", "b"], "max_choices": None, "partial": True}, "acd", 300),
        ({"correct": ["a", "b"], "max_choices": None, "partial": True}, "cd", -200),
    ],
)
def test_what_chosen_spots_are_worth(fields: dict[str, Any], chosen: str, score_mpt: int) -> None:
    assert mark_question(hotspot(wrong_mpt=100, **fields), [*chosen]) == score_mpt


@pytest.mark.parametrize(
    "fields",
    [
        {"wrong_mpt": 300},
        {"wrong_mpt": 300, "max_choices": 3, "correct": ["a", "b"], "partial": True},
        {"max_choices": 2, "correct": ["a", "b"], "partial": True, "min_mpt": -5_000},
        {"max_choices": 1, "weights_mpt": {"b": 1_000, "a": 500, "c": -700}, "min_mpt": -5_000},
        {"max_choices": 2, "correct": ["a", "b"], "weights_mpt": {"b": 600, "a": 400, "c": -700, "d": -1}},
    ],
)
def test_a_mark_of_spots_lies_between_the_least_and_the_points(fields: dict[str, Any]) -> None:
    asked = hotspot(**fields)
    check_test(content(asked))
    most = fields.get("max_choices", 1)
    chosen: list[Chosen] = [list(names) for count in range(most + 1) for names in combinations("abcd", count)]
    marks = [mark_question(asked, one) or 0 for one in chosen]
    assert min(marks) == lowest_mark(asked)
    assert max(marks) == 1_000


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"correct": ["e"]}, "`correct` must name spots of the picture, each once"),
        ({"correct": ["a", "a"]}, "`correct` must name spots of the picture, each once"),
        ({"correct": ["a", "b", "c"], "max_choices": 2}, "`correct` names more spots than the 2 that can be chosen"),
        ({"weights_mpt": {"b": 999}}, "`weights` give 999 thousandths at most"),
        ({"weights_mpt": {"a": 1_000}}, "`weights` must be highest for what is `correct`"),
        ({"weights_mpt": {"b": 1_000}, "wrong_mpt": 1}, "`weights` say what each option is worth"),
        ({"spots": [SPOTS[1], SPOTS[1]]}, "two spots have the same id"),
        ({"spots": [Spot(spot_id="b", shape="rect", coords=[1, 2, 3])]}, "spot 'b': its `rect` needs 4 numbers"),
    ],
)
def test_a_mistake_in_a_hotspot_is_named(fields: dict[str, Any], said: str) -> None:
    assert said in fault_of(content(hotspot(**fields)))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([("0", "0"), ("100", "80")], None),
        ([], None),
        ([("101", "0")], Code.WRONG_ANSWER_TYPE),
        ([("0", "81")], Code.WRONG_ANSWER_TYPE),
        ([("-1", "0")], Code.WRONG_ANSWER_TYPE),
        ([("01", "0")], Code.WRONG_ANSWER_TYPE),
        ([("1.5", "0")], Code.WRONG_ANSWER_TYPE),
        ([("1", "2"), ("1", "2")], Code.WRONG_ANSWER_TYPE),
        (["1 2"], Code.WRONG_ANSWER_TYPE),
        ("1 2", Code.WRONG_ANSWER_TYPE),
        ([("1", "2"), ("1", "3"), ("1", "4")], Code.TOO_MANY_CHOICES),
    ],
)
def test_points_are_whole_numbers_on_the_picture(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(point(area("circle", [50, 40, 10]), max_choices=2)), value)
    if code is None:
        assert kept == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


LEFT, RIGHT = area("rect", [0, 0, 50, 80], 700), area("rect", [50, 0, 100, 80], 300)
SMALL = area("circle", [90, 70, 5], -200)


@pytest.mark.parametrize(
    ("points", "score_mpt"),
    [
        ([(10, 10)], 700),
        ([(10, 10), (20, 20)], 700),
        ([(50, 10)], 700),
        ([(10, 10), (60, 10)], 1_000),
        ([(90, 70)], -200),
        ([(10, 10), (90, 70)], 500),
    ],
)
def test_an_area_counts_once_and_the_first_that_has_a_point(points: list[tuple[int, int]], score_mpt: int) -> None:
    asked = point(SMALL, LEFT, RIGHT, max_choices=None, min_mpt=-1_000)
    check_test(content(asked))
    assert mark_question(asked, [(str(x), str(y)) for x, y in points]) == score_mpt


def test_a_point_elsewhere_has_its_worth() -> None:
    far: Chosen = [("0", "79"), ("0", "78"), ("0", "77")]
    right: Chosen = [("50", "40")]
    asked = point(area("circle", [50, 40, 10]), max_choices=4, elsewhere_mpt=-100, min_mpt=-250)
    assert mark_question(asked, right) == 1_000
    assert mark_question(asked, right + far) == 700
    assert mark_question(asked, far) == lowest_mark(asked) == -250
    assert lowest_mark(point(area("circle", [50, 40, 10]), max_choices=4, wrong_mpt=100)) == -400
    harsh = point(area("circle", [50, 40, 10]), max_choices=4, wrong_mpt=100)
    assert [mark_question(harsh, far), mark_question(harsh, right + far)] == [-300, 700]
    given = point(area("circle", [50, 40, 10], 1_500), max_choices=4, elsewhere_mpt=100)
    assert mark_question(given, far) == 300
    assert mark_question(given, right) == 1_000, "never more than the points"


@pytest.mark.parametrize(("most", "found", "score_mpt"), [(3, 1, 333), (3, 2, 666), (3, 3, 1_000), (2, 2, 1_000)])
def test_areas_without_points_share_them(most: int, found: int, score_mpt: int) -> None:
    asked = point(*(area("circle", [20 * n, 40, 5]) for n in range(1, 4)), max_choices=most)
    check_test(content(asked))
    assert mark_question(asked, [(str(20 * n), "40") for n in range(1, found + 1)]) == score_mpt


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ([area("rect", [0, 0, 9, 9], 1), area("rect", [0, 0, 9, 9])], "`areas` must all have `points`"),
        ([area("rect", [0, 0, 9, 9], 999)], "`areas` give 999 thousandths at most"),
        ([area("rect", [0, 0, 9, 9]), area("rect", [9, 0, 9, 9])], "area 2: its `rect` has no inside"),
        ([area("circle", [9, 9, 0])], "area 1: its `circle` has no inside"),
        ([area("circle", [-9, 9, 8])], "area 1: its `circle` lies outside of the picture"),
        ([area("ellipse", [120, 9, 18, 8])], "area 1: its `ellipse` lies outside of the picture"),
        ([area("poly", [0, 0, 9, 9])], "area 1: its `poly` needs three corners"),
        ([area("poly", [0, 0, 9, 9, 8, 8, 1])], "area 1: its `poly` needs three corners"),
    ],
)
def test_a_mistake_in_an_area_is_named(areas: list[WorthArea], said: str) -> None:
    assert said in fault_of(content(point(*areas)))
