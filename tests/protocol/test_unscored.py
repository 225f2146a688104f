"""Questions that are asked like any other and count in no score: with a key they are tried out, without one they only
ask."""

import pytest
from msgspec.structs import replace

from protocol.answering import accept
from protocol.attempt.laying import lay_out
from protocol.attempt.model import HandMark
from protocol.attempt.paper import on_paper
from protocol.content import (
    Draw,
    Essay,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    Question,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.keys import key_of
from protocol.lint.lint import lint
from protocol.marking.again import find_difference, mark_again
from protocol.marking.best import right_answer
from protocol.marking.paper import mark_paper
from protocol.messages.base import Value
from protocol.rest.results import Result

OPTIONS = [Option("a", "A"), Option("b", "B")]
ENDS = [PairOption("x", "X"), PairOption("y", "Y")]
KEYLESS: list[tuple[Interaction, Value]] = [
    (SingleChoice(options=OPTIONS), "a"),
    (MultipleChoice(options=OPTIONS, min_choices=1), ["a", "b"]),
    (TrueFalse(), "true"),
    (Numeric(), "5"),
    (ShortText(), "five"),
    (Order(options=OPTIONS), ["b", "a"]),
    (Match(rows=ENDS, columns=ENDS), [("x", "y")]),
    (Essay(), "Well."),
]


def question(name: str, asked: Interaction, *, scored: bool = True) -> Question:
    return Question(question_id=name, body=f"<p>{name}</p>", interactions=[asked], scored=scored)


COUNTS = question("counts", TrueFalse(correct=True))
TRIED = question("tried", SingleChoice(options=OPTIONS, correct="a", points_mpt=2_000, wrong_mpt=500), scored=False)


def content(*questions: Question) -> TestContent:
    return TestContent(title="T", questions=list(questions))


@pytest.mark.parametrize("answer", ["a", "b"])
def test_one_that_is_tried_out_looks_like_any_other_and_counts_nowhere(answer: str) -> None:
    test = content(COUNTS, TRIED)
    check_test(test)
    assert on_paper(TRIED) == on_paper(replace(TRIED, scored=True))
    marking = mark_paper(test, lay_out(test, None, 1), {"counts": "true", "tried": answer}, {})
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (1_000, 1_000, 0)
    assert [(mark.score_mpt, mark.max_mpt) for mark in marking.marks] == [(1_000, 1_000), (0, 0)]


@pytest.mark.parametrize(("asked", "answer"), KEYLESS)
def test_one_without_a_key_is_answered_and_never_marked(asked: Interaction, answer: Value) -> None:
    survey = question("survey", asked, scored=False)
    test = content(COUNTS, survey)
    check_test(test)
    assert accept(on_paper(survey), answer) == answer
    assert on_paper(survey).points_mpt == 0
    marking = mark_paper(test, lay_out(test, None, 1), {"survey": answer}, {})
    assert (marking.score_mpt, marking.max_mpt, marking.awaiting) == (0, 1_000, 0)
    assert right_answer(survey) is None
    assert not survey.needs_person
    assert key_of(survey).interactions[0].lines == []
    assert not [one for one in lint(test) if one.question_id == "survey"]


@pytest.mark.parametrize("asked", [asked for asked, _ in KEYLESS if not isinstance(asked, Essay)])
def test_one_that_counts_needs_a_key(asked: Interaction) -> None:
    with pytest.raises(Refused, match="is missing, which says what is right"):
        check_test(content(question("q", asked)))


def test_a_regrade_takes_a_question_out_of_the_score_and_puts_it_in_again() -> None:
    sat = content(COUNTS, replace(TRIED, scored=True))
    keys = content(COUNTS, TRIED)
    assert find_difference(sat, keys) is None
    answers: dict[str, Value] = {"counts": "true", "tried": "b"}
    by_hand = {"tried": HandMark(1_000, 2_000, "", "m", b"")}
    for before, after, worth in ((sat, keys, (1_000, 1_000)), (keys, sat, (500, 3_000))):
        assert _again(before, after, answers, {}) == worth
    assert _again(sat, keys, answers, by_hand) == (1_000, 1_000)
    assert _again(keys, sat, answers, by_hand) == (2_000, 3_000)


def _again(
    before: TestContent, after: TestContent, answers: dict[str, Value], by_hand: dict[str, HandMark]
) -> tuple[int, int]:
    marking = mark_paper(before, lay_out(before, None, 1), answers, by_hand)
    result = Result(
        attempt_id="a",
        test_id="t",
        test_version=1,
        user_id="u",
        status="completed",
        reference=None,
        complete=True,
        score_mpt=marking.score_mpt,
        max_mpt=marking.max_mpt,
        awaiting_marks=0,
        marks=marking.marks,
    )
    return mark_again(result, after, answers)


def test_a_pool_is_scored_or_it_is_not() -> None:
    other = replace(COUNTS, question_id="other", scored=False)
    section = Section(section_id="s", title="S", items=[Draw(count=1, of=["counts", "other"])])
    with pytest.raises(Refused, match="differ in `scored`"):
        check_test(replace(content(COUNTS, other), sections=[section]))
