"""Equal papers, papers of equal worth, and what makes them neither."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.laying import lay_out
from protocol.attempt.sheet import terms_for_anybody
from protocol.content import Draw, Option, Question, Rules, Section, SingleChoice, TestContent, TrueFalse
from protocol.content_checks import check_test
from protocol.rules.papers import SatPaper, compare, max_mpt

OPTIONS = [Option("a", "A"), Option("b", "B"), Option("c", "C")]
FIXED = SingleChoice(options=OPTIONS, correct="a", points_mpt=2_000)
QUESTIONS: list[Question] = [
    Question(question_id="fixed", body="?", interactions=[FIXED]),
    *(
        Question(question_id=f"e{n}", body=f"{n}?", tags=["easy"], interactions=[TrueFalse(correct=True)])
        for n in range(4)
    ),
]
PLAIN = TestContent(title="T", questions=QUESTIONS)
DRAWN = replace(
    PLAIN, sections=[Section(section_id="s", title="S", items=["fixed", Draw(2, tag="easy")])], rules=Rules()
)


def paper(content: TestContent, seed: int = 1, version: int = 1, form_id: str | None = None) -> SatPaper:
    content = check_test(content)
    return SatPaper(version, content, form_id, lay_out(content, form_id, seed), terms_for_anybody(content.rules))


def changed(name: str, **fields: Any) -> TestContent:
    """The plain test, with one question changed."""
    questions = [replace(one, **fields) if one.question_id == name else one for one in QUESTIONS]
    return replace(PLAIN, questions=questions)


def told(one: SatPaper, other: SatPaper) -> list[tuple[str, int | None, bool]]:
    comparison = compare(one, other)
    assert comparison.equal == (not comparison.differences)
    assert comparison.of_equal_worth == all(one.of_equal_worth for one in comparison.differences)
    assert told_back(compare(other, one).differences) == told_back(comparison.differences)
    return told_back(comparison.differences)


def told_back(differences: list[Any]) -> list[tuple[str, int | None, bool]]:
    return [(one.what, one.position, one.of_equal_worth) for one in differences]


def test_one_form_gives_equal_papers_in_every_version_that_has_the_same_questions() -> None:
    assert told(paper(PLAIN, 1), paper(PLAIN, 2)) == []
    assert told(paper(PLAIN), paper(replace(PLAIN, title="U"), version=2)) == []
    assert told(paper(PLAIN), paper(changed("e1", interactions=[TrueFalse(correct=False)]), version=2)) == [], (
        "keys are nothing of the paper"
    )
    assert max_mpt(paper(PLAIN)) == 6_000


def test_questions_of_one_pool_are_of_equal_worth_and_why_is_said() -> None:
    papers = {
        tuple(laid.question_id for laid in one.layout.questions): one for one in (paper(DRAWN, n) for n in range(60))
    }
    one, other = papers["fixed", "e0", "e1"], papers["fixed", "e0", "e3"]
    assert told(one, other) == [("question", 2, True)]
    (difference,) = compare(one, other).differences
    assert (difference.one, difference.other) == ("e1", "e3")
    assert difference.detail == "Both were drawn from the tag easy, whose questions are equal in points and time."
    assert max_mpt(one) == max_mpt(other) == 4_000


def test_another_order_of_questions_or_options_is_of_equal_worth() -> None:
    shuffled = replace(PLAIN, shuffle=True)
    assert {tuple(told(paper(shuffled, 1), paper(shuffled, seed))) == () for seed in range(2, 6)} == {False}
    assert compare(paper(shuffled, 1), paper(shuffled, 2)).of_equal_worth
    mixed = changed("fixed", interactions=[replace(FIXED, shuffle=True)])
    others = {tuple(told(paper(mixed, 1), paper(mixed, seed))) for seed in range(2, 12)}
    assert others <= {(), (("options", 0, True),)}
    assert (("options", 0, True),) in others


@pytest.mark.parametrize(
    ("content", "differences"),
    [
        (changed("e2", interactions=[TrueFalse(correct=True, points_mpt=1_500)]), [("points", 3, False)]),
        (changed("e2", limit_ms=60_000), [("limit", 3, False)]),
        (changed("e2", body="Other words?"), [("words", 3, False)]),
        (
            changed("fixed", interactions=[replace(FIXED, options=[*OPTIONS[:2], Option("c", "D")])]),
            [("words", 0, False)],
        ),
        (replace(PLAIN, questions=QUESTIONS[:-1]), [("length", None, False)]),
        (replace(PLAIN, rules=Rules(duration_ms=60_000)), [("duration", None, False)]),
        (replace(PLAIN, rules=Rules(order="forward")), [("order", None, False)]),
        (replace(PLAIN, questions=[*QUESTIONS[:-1], replace(QUESTIONS[-1], question_id="x", body="x?", tags=[])]),
         [("question", 4, True)]),
    ],
)  # fmt: skip
def test_what_another_version_changes_is_named(
    content: TestContent, differences: list[tuple[str, int | None, bool]]
) -> None:
    assert told(paper(PLAIN), paper(content, version=2)) == differences


def test_two_forms_are_compared_by_what_they_are_worth() -> None:
    forms = replace(PLAIN, forms={"A": ["fixed", "e0"], "B": ["fixed", "e1"], "C": ["e0", "e1"]})
    of = {name: paper(forms, form_id=name) for name in "ABC"}
    assert told(of["A"], of["B"]) == [("form", None, True), ("question", 1, True)]
    assert told(of["A"], of["C"]) == [("form", None, False), ("question", 0, False), ("question", 1, True)]
