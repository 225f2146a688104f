"""Questions of several parts: what fits them, what is a gap, and what they are worth."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.answering import PaperIndex, accept, count_answered, in_words_of, is_blank
from protocol.attempt.answers import Answers, Saved
from protocol.attempt.decisions.gaps import gaps
from protocol.attempt.digests import digest
from protocol.attempt.facts import Answered
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.layout import LaidOrder, LaidSection, Layout
from protocol.attempt.paper import make_paper, on_paper
from protocol.codes import Code
from protocol.content import (
    AcceptedNumber,
    Essay,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Passage,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
)
from protocol.content.text import place
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.again import find_difference
from protocol.marking.paper import mark_paper
from protocol.marking.question import lowest_mark, mark_parts, mark_question
from protocol.messages.base import Value
from protocol.messages.operations import Answer
from protocol.paper import PaperOptions
from tests.protocol.attempt.scene import Scene

OPTIONS = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
CITY = ShortText(response_id="city", accepted=["Nairobi"], wrong_mpt=250)
HEIGHT = Numeric(response_id="height", accepted=[AcceptedNumber(value="1795", tolerance="50")], points_mpt=2_000)
SIGNS = MultipleChoice(response_id="signs", options=OPTIONS, correct=["a", "b"], partial=True, shuffle=True)
ESSAY = Essay(response_id="why", points_mpt=4_000)


def several(*asked: Interaction, **more: Any) -> Question:
    return Question(question_id="kenya", body=f"<p>{place('city')}</p>", interactions=list(asked), **more)


KENYA = several(CITY, HEIGHT, SIGNS)
WITH_ESSAY = several(CITY, ESSAY)
CONTENT = TestContent(title="T", questions=[KENYA])
RIGHT: dict[str, Any] = {"city": "Nairobi", "height": "1800", "signs": ["a", "b"]}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (RIGHT, None),
        ({"city": "x"}, None),
        ({}, None),
        (None, None),
        ({"city": "", "signs": []}, None),
        ("Nairobi", Code.WRONG_ANSWER_TYPE),
        (["a"], Code.WRONG_ANSWER_TYPE),
        ({"town": "Nairobi"}, Code.UNKNOWN_PART),
        ({"city": ["a"]}, Code.WRONG_ANSWER_TYPE),
        ({"city": "x" * 201}, Code.ANSWER_TOO_LONG),
        ({"city": "x", "signs": ["a", "d"]}, Code.UNKNOWN_OPTION),
        ({"signs": [("a", "b")]}, Code.UNKNOWN_OPTION),
    ],
)
def test_an_answer_of_several_parts(value: Value, code: Code | None) -> None:
    kept = accept(on_paper(KENYA), value)
    if code is None:
        assert kept == value
        assert in_words_of(PaperIndex([on_paper(KENYA)]).words, value) == value
    else:
        assert isinstance(kept, Refusal)
        assert kept.code is code


def test_a_record_fits_no_question_with_one_interaction() -> None:
    kept = accept(on_paper(several(CITY)), {"city": "Nairobi"})
    assert isinstance(kept, Refusal)
    assert kept.code is Code.WRONG_ANSWER_TYPE


def test_options_are_the_papers_own_objects() -> None:
    asked = on_paper(KENYA)
    kept = accept(asked, {"signs": [str(b"a", "ascii")]})
    assert isinstance(kept, dict)
    signs = asked.interactions[2]
    assert isinstance(signs, PaperOptions)
    assert kept["signs"][0] is signs.options[0].option_id


def test_the_order_of_parts_is_no_other_answer() -> None:
    turned = dict(reversed(RIGHT.items()))
    one, other = (digest(Answer(1, "kenya", value, None, 0)) for value in (RIGHT, turned))
    assert one == other == digest(Answered(1, "kenya", turned, None, 5))
    assert one != digest(Answer(1, "kenya", RIGHT | {"city": "Mombasa"}, None, 0))


@pytest.mark.parametrize(("value", "count"), [(None, 0), ({}, 0), ({"city": " "}, 0), ({"city": "x"}, 1), (RIGHT, 3)])
def test_parts_that_say_something_are_counted(value: Value, count: int) -> None:
    assert count_answered(value) == count
    assert is_blank(value) is (count == 0)


@pytest.mark.parametrize(
    ("value", "parts", "score_mpt"),
    [
        (RIGHT, [1_000, 2_000, 1_000], 4_000),
        ({"city": "Rome", "height": "1800"}, [-250, 2_000, 0], 1_750),
        ({"city": "Rome"}, [-250, 0, 0], -250),
        ({"signs": ["a", "c"]}, [0, 0, 0], 0),
        ("Nairobi", [0, 0, 0], 0),
        (None, [0, 0, 0], 0),
    ],
)
def test_each_part_is_marked_by_itself(value: Value, parts: list[int], score_mpt: int) -> None:
    assert mark_parts(KENYA, value) == parts
    assert mark_question(KENYA, value) == score_mpt
    whole = replace(KENYA, scoring="all")
    assert mark_question(whole, value) == (4_000 if value == RIGHT else 0)
    assert (KENYA.points_mpt, lowest_mark(KENYA), lowest_mark(whole)) == (4_000, -250, 0)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "city": st.sampled_from(["Nairobi", "Rome", " "]),
            "height": st.integers(1_700, 1_900).map(str),
            "signs": st.sets(st.sampled_from("abc")).map(sorted),
        },
    )
)
def test_no_answer_is_worth_less_than_the_least_or_more_than_the_points(value: dict[str, Any]) -> None:
    score_mpt = mark_question(KENYA, value)
    assert score_mpt is not None
    assert lowest_mark(KENYA) <= score_mpt <= KENYA.points_mpt


def test_a_part_for_a_person_makes_the_whole_question_wait() -> None:
    assert mark_question(WITH_ESSAY, {"city": "Nairobi"}) == 1_000
    assert mark_question(WITH_ESSAY, {"city": "Nairobi", "why": "Because."}) is None
    content = TestContent(title="T", questions=[WITH_ESSAY])
    marking = mark_paper(content, lay_out(content, None, 1), {"kenya": {"city": "Nairobi", "why": "Because."}}, {})
    (mark,) = marking.marks
    assert (marking.awaiting, mark.score_mpt) == (1, None)
    assert mark.parts is not None
    assert [(part.response_id, part.score_mpt, part.max_mpt) for part in mark.parts] == [
        ("city", 1_000, 1_000),
        ("why", None, 4_000),
    ]


def test_the_paper_shows_no_keys_and_the_parts_in_her_order() -> None:
    layout = lay_out(CONTENT, None, 3)
    (laid,) = layout.questions
    (order,) = laid.orders
    assert (order.response_id, sorted(order.ids), laid.parts) == ("signs", ["a", "b", "c"], 3)
    assert not is_the_same_for_all(CONTENT, None)
    (question,) = make_paper("t", 1, CONTENT, None, layout).questions
    shown = question.interactions[2]
    assert isinstance(shown, PaperOptions)
    assert LaidOrder("signs", tuple(option.option_id for option in shown.options)) == order


def test_a_paper_has_the_passages_that_its_questions_name() -> None:
    passages = [Passage(passage_id="p", body="Read."), Passage(passage_id="other", body="SECRET")]
    content = check_test(TestContent(title="T", passages=passages, questions=[replace(KENYA, passage_id="p")]))
    paper = make_paper("t", 1, content, None)
    assert ([one.passage_id for one in paper.passages], paper.questions[0].passage_id) == (["p"], "p")
    changed = replace(content, passages=[Passage(passage_id="p", body="Read this.")])
    assert find_difference(content, changed) == "kenya"
    assert find_difference(content, replace(content, passages=passages[:1])) is None


def test_other_keys_ask_the_same_and_other_parts_do_not() -> None:
    mended = replace(KENYA, interactions=[replace(CITY, accepted=["Nairobi", "Nairobi City"]), HEIGHT, SIGNS])
    assert find_difference(CONTENT, TestContent(title="T", questions=[mended])) is None
    assert find_difference(CONTENT, TestContent(title="T", questions=[several(CITY, HEIGHT)])) == "kenya"


@pytest.mark.parametrize(
    ("question", "what"),
    [
        (several(HEIGHT, SIGNS), "question 'kenya': its body has a place for 'city', and it has no such part"),
        (replace(KENYA, body=place("city") * 2), "question 'kenya': its body has two places for the part 'city'"),
        (several(CITY, CITY), "question 'kenya': two parts have the same id, 'city'"),
        (several(CITY, replace(HEIGHT, response_id="a/b")), "question 'kenya': the id 'a/b' must not have a slash"),
        (several(CITY, replace(SIGNS, correct=["d"])), "question 'kenya', part 'signs': `correct` must name options"),
        (replace(KENYA, passage_id="p"), "question 'kenya': the test has no passage 'p'"),
        (several(CITY, scoring="all"), "question 'kenya': `scoring` concerns several parts, and it has one"),
    ],
)
def test_a_place_names_a_part_of_its_question(question: Question, what: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(TestContent(title="T", questions=[question]))
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert refused.value.refusal.detail.startswith(what)


def test_ids_of_parts_are_kept_in_one_form() -> None:
    composed, written = "caf\u00e9", "cafe\u0301"
    choice = SingleChoice(response_id=written, options=OPTIONS, correct="a")
    question = Question(question_id="q", body="?", interactions=[choice, CITY])
    content = check_test(TestContent(title="T", questions=[question]))
    assert [asked.response_id for asked in content.questions[0].interactions] == [composed, "city"]


def test_a_required_question_is_a_gap_until_all_its_parts_are_answered() -> None:
    (laid,) = lay_out(TestContent(title="T", questions=[replace(KENYA, required=True)]), None, 1).questions
    scene = Scene(layout=Layout((LaidSection(None, (laid,)),)), gaps="refuse").started()
    found = []
    values: tuple[Value, ...] = (None, {"city": "x"}, RIGHT | {"height": " "}, RIGHT)
    for value in values:
        answers = Answers.of([("kenya", Saved(value, 1, 0))])
        found.append(list(gaps(replace(scene.attempt, answers=answers), 0, leaving=False)))
    assert found == [[0], [0], [0], []]


def test_of_many_options_only_some_may_be_chosen() -> None:
    some = replace(SIGNS, weights_mpt={"a": 500, "b": 500, "c": 250}, correct=["a", "b", "c"], partial=False)
    limited = several(CITY, replace(some, max_choices=2))
    check_test(TestContent(title="T", questions=[limited]))
    assert accept(on_paper(limited), {"signs": ["a", "c"]}) == {"signs": ["a", "c"]}
    refused = accept(on_paper(limited), {"signs": ["a", "b", "c"]})
    assert isinstance(refused, Refusal)
    assert refused.code == Code.TOO_MANY_CHOICES
    one = replace(some, weights_mpt={"a": 1_000, "b": -300, "c": -200}, correct=["a"], max_choices=1, min_mpt=-900)
    assert lowest_mark(several(CITY, one)) == -550
