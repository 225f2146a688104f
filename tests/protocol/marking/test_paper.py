"""Every kind of question against answers that are right, nearly right, wrong, blank and absurd."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.laying import lay_out
from protocol.attempt.model import HandMark
from protocol.content import (
    AcceptedNumber,
    Draw,
    Essay,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    Rules,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.marking.paper import Marking, mark_paper
from protocol.marking.question import mark_question
from protocol.messages.base import Value

OPTIONS = [Option(letter, letter.upper()) for letter in "abcde"]
SINGLE = Question(
    question_id="single", body="?", interactions=[SingleChoice(points_mpt=1_500, options=OPTIONS, correct="b")]
)
WHOLE = Question(
    question_id="whole", body="?", interactions=[MultipleChoice(points_mpt=2_000, options=OPTIONS, correct=["a", "c"])]
)
PARTIAL = Question(
    question_id="partial",
    body="?",
    interactions=[MultipleChoice(points_mpt=1_000, options=OPTIONS, correct=["a", "b", "c"], partial=True)],
)
TRUE = Question(question_id="true", body="?", interactions=[TrueFalse(points_mpt=1_000, correct=True)])
FALSE = Question(question_id="false", body="?", interactions=[TrueFalse(points_mpt=1_000, correct=False)])
NUMBER = Question(
    question_id="number",
    body="?",
    interactions=[Numeric(points_mpt=1_000, accepted=[AcceptedNumber(value="9.81", tolerance="0.01")])],
)
EXACT = Question(
    question_id="exact", body="?", interactions=[Numeric(points_mpt=1_000, accepted=[AcceptedNumber(value="1e300")])]
)
TEXT = Question(
    question_id="text", body="?", interactions=[ShortText(points_mpt=1_000, accepted=["Straße", "New York"])]
)
CASED = Question(
    question_id="cased", body="?", interactions=[ShortText(points_mpt=1_000, accepted=["NaCl"], case_sensitive=True)]
)
ESSAY = Question(question_id="essay", body="?", interactions=[Essay(points_mpt=5_000)])
ALL: list[Question] = [SINGLE, WHOLE, PARTIAL, TRUE, FALSE, NUMBER, EXACT, TEXT, CASED, ESSAY]


@pytest.mark.parametrize(
    ("question", "value", "score_mpt"),
    [
        (SINGLE, "b", 1_500),
        (SINGLE, "a", 0),
        (SINGLE, "B", 0),
        (SINGLE, ["b"], 0),
        (WHOLE, ["a", "c"], 2_000),
        (WHOLE, ["c", "a"], 2_000),
        (WHOLE, ["a"], 0),
        (WHOLE, ["a", "c", "d"], 0),
        (WHOLE, [], 0),
        (WHOLE, "a", 0),
        (PARTIAL, ["a", "b", "c"], 1_000),
        (PARTIAL, ["a", "b"], 666),
        (PARTIAL, ["a"], 333),
        (PARTIAL, ["a", "b", "d"], 333),
        (PARTIAL, ["a", "d"], 0),
        (PARTIAL, ["d", "e"], 0),
        (PARTIAL, ["a", "b", "c", "d", "e"], 333),
        (TRUE, "true", 1_000),
        (TRUE, "false", 0),
        (TRUE, "True", 0),
        (FALSE, "false", 1_000),
        (FALSE, "true", 0),
        (NUMBER, "9.81", 1_000),
        (NUMBER, "9,81", 1_000),
        (NUMBER, " 9.81 ", 1_000),
        (NUMBER, "981e-2", 1_000),
        (NUMBER, "9.80", 1_000),
        (NUMBER, "9.82", 1_000),
        (NUMBER, "9.8200000000000000000000000000000000001", 0),
        (NUMBER, "9.7999999999999999999999999999999999999", 0),
        (NUMBER, "nine", 0),
        (NUMBER, "NaN", 0),
        (NUMBER, "Infinity", 0),
        (NUMBER, "", 0),
        (EXACT, "1e300", 1_000),
        (EXACT, "1" + "0" * 30 + "e270", 1_000),
        (EXACT, "1" + "0" * 39 + "1e260", 0),
        (TEXT, "Straße", 1_000),
        (TEXT, "STRASSE", 1_000),
        (TEXT, "  new\u00a0\t york\n", 1_000),
        (TEXT, "\uff2eew York", 1_000),
        (TEXT, "NewYork", 0),
        (TEXT, "", 0),
        (CASED, "NaCl", 1_000),
        (CASED, " NaCl ", 1_000),
        (CASED, "nacl", 0),
        (ESSAY, "Once upon a time", None),
        (ESSAY, " \n\t ", 0),
        (ESSAY, "", 0),
        *[(question, None, 0) for question in ALL],
    ],
)
def test_one_answer(question: Question, value: Value, score_mpt: int | None) -> None:
    assert mark_question(question, value) == score_mpt


def test_a_minus_sign_as_typographers_set_it_is_a_minus_sign() -> None:
    below = Question(question_id="q", body="?", interactions=[Numeric(accepted=[AcceptedNumber(value="-40")])])
    assert mark_question(below, "\u221240") == 1_000
    assert mark_question(below, "40") == 0


def content(*questions: Question, forms: dict[str, list[str]] | None = None) -> TestContent:
    return TestContent(title="T", rules=Rules(), questions=list(questions), forms=forms or {})


def marked(test: TestContent, answers: dict[str, Value], hand_marks: dict[str, HandMark]) -> Marking:
    return mark_paper(test, lay_out(test, None, 0), answers, hand_marks)


def test_a_paper_is_summed_in_its_order() -> None:
    marking = marked(
        content(SINGLE, PARTIAL, ESSAY, TRUE),
        {"single": "b", "partial": ["a"], "essay": "Well.", "unknown": "b"},
        {},
    )
    assert [(mark.question_id, mark.score_mpt, mark.max_mpt) for mark in marking.marks] == [
        ("single", 1_500, 1_500),
        ("partial", 333, 1_000),
        ("essay", None, 5_000),
        ("true", 0, 1_000),
    ]
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (1_833, 8_500, 1)
    assert all(mark.marked_by is None and mark.remark == "" for mark in marking.marks)


def test_a_form_is_marked_by_its_own_questions_alone() -> None:
    test = content(SINGLE, TRUE, ESSAY, forms={"A": ["true", "single"], "B": ["essay"]})
    marking = mark_paper(
        test,
        lay_out(test, "A", 0),
        {"single": "b", "essay": "Not on this form."},
        {"essay": HandMark(5_000, 5_000, "", "t", b"")},
    )
    assert [mark.question_id for mark in marking.marks] == ["true", "single"]
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (1_500, 2_500, 0)


def test_of_a_pool_her_own_questions_count() -> None:
    section = Section(section_id="s", title="S", items=[Draw(1, ["single", "essay"]), "true"])
    test = msgspec.structs.replace(content(SINGLE, TRUE, ESSAY), sections=[section])
    points = {
        name: mark_paper(test, lay_out(test, None, seed), {}, {}).max_mpt
        for seed in range(20)
        for name in [next(lay_out(test, None, seed).questions).question_id]
    }
    assert points == {"single": 2_500, "essay": 6_000}
    hers = lay_out(test, None, next(seed for seed in range(20) if lay_out(test, None, seed).has("essay")))
    marking = mark_paper(test, hers, {"single": "b", "essay": "Not hers, and hers.", "true": "true"}, {})
    assert [(mark.question_id, mark.score_mpt) for mark in marking.marks] == [("essay", None), ("true", 1_000)]
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (1_000, 6_000, 1)


def test_a_person_marks_an_essay_and_overrules_a_machine() -> None:
    hand_marks = {
        "essay": HandMark(3_250, 5_000, "Good, but brief.", "tutor", b""),
        "single": HandMark(0, 1_500, "Copied.", "tutor", b""),
    }
    marking = marked(content(SINGLE, ESSAY, TRUE), {"single": "b", "essay": "E", "true": "true"}, hand_marks)
    assert [(mark.score_mpt, mark.marked_by, mark.remark) for mark in marking.marks] == [
        (0, "tutor", "Copied."),
        (3_250, "tutor", "Good, but brief."),
        (1_000, None, ""),
    ]
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (4_250, 7_500, 0)


def test_a_paper_is_never_worth_less_than_zero() -> None:
    harsh = Question(question_id="harsh", body="?", interactions=[TrueFalse(correct=True, wrong_mpt=700)])
    marking = marked(content(harsh, SINGLE), {"harsh": "false", "single": "b"}, {})
    assert ([mark.score_mpt for mark in marking.marks], marking.score_mpt) == ([-700, 1_500], 800)
    assert marked(content(harsh, SINGLE), {"harsh": "false"}, {}).score_mpt == 0


def decimal_text(units: int) -> str:
    """A whole number of 1e-12, as a person would write it."""
    return f"{'-' if units < 0 else ''}{abs(units) // 10**12}.{abs(units) % 10**12:012}"


@given(
    correct=st.integers(-(10**32), 10**32),
    tolerance=st.integers(1, 10**32),
    beyond=st.sampled_from([-1, 0, 1]),
    side=st.sampled_from([-1, 1]),
)
def test_the_edges_of_a_tolerance_are_inside_to_the_last_digit(
    correct: int, tolerance: int, beyond: int, side: int
) -> None:
    question = Question(
        question_id="q",
        body="?",
        interactions=[
            Numeric(accepted=[AcceptedNumber(value=decimal_text(correct), tolerance=decimal_text(tolerance))])
        ],
    )
    answer = decimal_text(correct + side * (tolerance + beyond))
    for typed in (answer, answer.replace(".", ","), f" {answer}e0"):
        assert mark_question(question, typed) == (0 if beyond > 0 else 1_000)


@given(
    points_mpt=st.integers(0, 10**9),
    correct=st.sets(st.sampled_from("abcde"), min_size=1),
    chosen=st.sets(st.sampled_from("abcde")),
)
def test_a_partial_mark_is_a_share_never_negative_and_full_only_when_all_is_right(
    points_mpt: int, correct: set[str], chosen: set[str]
) -> None:
    question = Question(
        question_id="q",
        body="?",
        interactions=[MultipleChoice(points_mpt=points_mpt, options=OPTIONS, correct=sorted(correct), partial=True)],
    )
    score_mpt = mark_question(question, sorted(chosen))
    assert score_mpt is not None
    assert 0 <= score_mpt <= points_mpt
    balance = max(0, len(chosen & correct) - len(chosen - correct))
    assert score_mpt * len(correct) <= points_mpt * balance < (score_mpt + 1) * len(correct)
    if points_mpt >= 5:
        assert (score_mpt == points_mpt) == (chosen == correct)


@given(
    st.dictionaries(
        st.sampled_from([question.question_id for question in ALL]),
        st.none() | st.text(max_size=20) | st.lists(st.sampled_from("abcde"), unique=True),
    )
)
def test_any_answers_give_marks_that_add_up(answers: dict[str, Value]) -> None:
    marking = marked(content(*ALL), answers, {})
    assert len(marking.marks) == len(ALL)
    assert marking.score_mpt == sum(mark.score_mpt or 0 for mark in marking.marks)
    assert marking.max_mpt == sum(question.points_mpt for question in ALL)
    assert marking.awaiting == sum(mark.score_mpt is None for mark in marking.marks) <= 1
    assert all(0 <= (mark.score_mpt or 0) <= mark.max_mpt for mark in marking.marks)
